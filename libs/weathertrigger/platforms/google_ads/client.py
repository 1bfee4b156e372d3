"""The ad platform `google_ads`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus

from weathertrigger.domain.change import Carrier, Wanted
from weathertrigger.domain.rule import FieldName, Level
from weathertrigger.errors import Conflict, Rejected, ServiceError
from weathertrigger.http.client import Bounds, HttpAnswer, HttpClient, Origin
from weathertrigger.http.strict_json import Json
from weathertrigger.platforms.google_ads import capabilities
from weathertrigger.platforms.google_ads.access_tokens import AccessTokens
from weathertrigger.platforms.google_ads.blame import blame_of
from weathertrigger.platforms.google_ads.credentials import GoogleCredentials, credentials_from
from weathertrigger.platforms.google_ads.errors import error_in, failure, is_of_the_token
from weathertrigger.platforms.google_ads.look_up import Rows, look_up
from weathertrigger.platforms.google_ads.money import GoogleMoney
from weathertrigger.platforms.google_ads.reads import moved, observe, query_for, resolve, rows_by_resource
from weathertrigger.platforms.google_ads.writes import batches_of, mutate_body, operations_of, refusals_of, results_of
from weathertrigger.platforms.port import (
    AdAccount,
    Admit,
    ReadAnswer,
    ResolveAnswer,
    Write,
    WriteAnswer,
    at_once,
)
from weathertrigger.platforms.resource_names import kind_of

NAME = "google_ads"
DEFAULT_URL = "https://googleads.googleapis.com"
DEFAULT_OAUTH_URL = "https://oauth2.googleapis.com"
_RAN_OUT = "Google Ads no longer takes the access token: nothing was written, and it goes again with a new one."


class GoogleAds:
    """Implements `AdPlatform` over REST."""

    def __init__(
        self,
        credentials: GoogleCredentials,
        *,
        base_url: str = DEFAULT_URL,
        oauth_url: str = DEFAULT_OAUTH_URL,
        bounds: Bounds | None = None,
    ) -> None:
        self._credentials = credentials
        self._http = HttpClient(base_url, bounds)
        self._tokens = AccessTokens(credentials, oauth_url, bounds)
        self._money = GoogleMoney()

    @property
    def name(self) -> str:
        """`google_ads`."""
        return NAME

    @property
    def levels(self) -> Mapping[Level, frozenset[FieldName]]:
        """Which fields can be set on which level."""
        return capabilities.LEVELS

    @property
    def fields_at_once(self) -> int:
        """A search counts as one, whatever it finds."""
        return capabilities.FIELDS_AT_ONCE

    @property
    def money(self) -> GoogleMoney:
        """Google's micros."""
        return self._money

    def resolve(self, account: AdAccount, wanted: Sequence[Wanted], *, admit: Admit = at_once) -> ResolveAnswer:
        """A campaign's budget is a resource of its own, the campaign budget; see `AdPlatform.resolve`."""
        origin = self._origin(account)
        resources: Mapping[str, Sequence[str]] = dict.fromkeys(
            [f"{each.level}/{each.entity_id}" for each in wanted], ()
        )
        rows = self._look_up(account, resources, origin, admit)
        results: dict[Wanted, Carrier | ServiceError] = {}
        shared: dict[Carrier, int] = {}
        for each in wanted:
            row = rows.found[f"{each.level}/{each.entity_id}"]
            resolved = row if isinstance(row, ServiceError) else resolve(row, each, origin)
            if isinstance(resolved, ServiceError):
                results[each] = resolved
                continue
            results[each], observed = resolved
            if observed.shared_by is not None:
                shared[resolved[0]] = observed.shared_by
        return ResolveAnswer(results, rows.calls, shared)

    def read(self, account: AdAccount, carriers: Sequence[Carrier], *, admit: Admit = at_once) -> ReadAnswer:
        """As few searches as GAQL allows (`look_up.py`); Google counts each as one operation; see `AdPlatform.read`."""
        origin = self._origin(account)
        rows = self._look_up(account, {carrier.resource: carrier.named for carrier in carriers}, origin, admit)
        found = {carrier: rows.found[carrier.resource] for carrier in carriers}
        results = {
            carrier: row if isinstance(row, ServiceError) else observe(row, carrier, origin)
            for carrier, row in found.items()
        }
        return ReadAnswer(results, rows.calls, moved=moved(rows.seen, carriers))

    def change_limit(self, carrier: Carrier) -> None:
        """Google bounds calls, not the changes of one field."""

    def batches(self, writes: Sequence[Write]) -> list[list[Write]]:
        """See `writes.batches_of`."""
        return batches_of(writes)

    def write(
        self, account: AdAccount, batch: Sequence[Write], *, validate_only: bool = False, admit: Admit = at_once
    ) -> WriteAnswer:
        """One mutate; Google counts each operation; see `AdPlatform.write`. A request that failed as a whole over some
        of its operations is an answer too: the others may go again without them. A token that Google no longer takes
        is not renewed here: a second POST would leave long after its caller was last asked whether it may (C7)."""
        origin = self._origin(account)
        customer = _customer(account, origin)
        body = mutate_body(customer, batch, validate_only=validate_only)
        calls = len(operations_of(batch))
        with admit(calls):
            token = self._tokens.current(origin)
            answer = self._post(f"/v26/customers/{customer}/googleAds:mutate", body, token, origin)
            if answer.status == HTTPStatus.UNAUTHORIZED and is_of_the_token(error_in(answer.json_or_none())):
                self._tokens.forget(token)
                raise origin.error(Conflict, _RAN_OUT)
            origin = _hiding(origin, token)
            request_id = answer.headers.get("request-id")
            if answer.status == HTTPStatus.OK:
                told = answer.json(origin)
                results = results_of(told, batch, origin, validate_only=validate_only, request_id=request_id)
                return WriteAnswer(results, calls, request_id)
            told = answer.json_or_none()
            blame = blame_of(error_in(told), origin, request_id)
            if answer.status == HTTPStatus.BAD_REQUEST and blame and blame.is_of_operations:
                return WriteAnswer(refusals_of(blame, batch), calls, request_id)
            raise failure(answer, told, origin)

    def _origin(self, account: AdAccount) -> Origin:
        return Origin(NAME, account.id, self._credentials.secrets)

    def _look_up(
        self, account: AdAccount, resources: Mapping[str, Sequence[str]], origin: Origin, admit: Admit
    ) -> Rows:
        customer = _customer(account, origin)
        return look_up(resources, origin, lambda names: self._search(customer, names, origin, admit))

    def _search(self, customer: str, names: Sequence[str], origin: Origin, admit: Admit) -> Mapping[str, Json]:
        body: Json = {"query": query_for(customer, names)}
        with admit(1):
            answer, origin = self._ask(f"/v26/customers/{customer}/googleAds:search", body, origin)
            if answer.status != HTTPStatus.OK:
                raise failure(answer, answer.json_or_none(), origin)
            return rows_by_resource(answer.json(origin), kind_of(names[0]), origin)

    def _ask(self, path: str, body: Json, origin: Origin) -> tuple[HttpAnswer, Origin]:
        """One POST that only looks; a token that Google no longer takes is renewed once. With the answer comes an
        origin that keeps the token out of every error.

        Raises:
            ServiceError: no token could be had, or no answer.
        """
        token = self._tokens.current(origin)
        answer = self._post(path, body, token, origin)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            token = self._tokens.current(origin, refused=token)
            answer = self._post(path, body, token, origin)
        return answer, _hiding(origin, token)

    def _post(self, path: str, body: Json, token: str, origin: Origin) -> HttpAnswer:
        headers = {**self._credentials.header, "Authorization": f"Bearer {token}"}
        return self._http.post_json(path, origin, body=body, headers=headers)


def _hiding(origin: Origin, token: str) -> Origin:
    return replace(origin, secrets=(*origin.secrets, token))


def _customer(account: AdAccount, origin: Origin) -> str:
    customer = account.external_id.replace("-", "")
    if not (customer.isascii() and customer.isdigit()):
        raise origin.error(Rejected, f"{account.external_id} is not a Google Ads customer id: it has ten digits.")
    return customer


def build(settings: Mapping[str, str]) -> GoogleAds:
    """From `client_id`, `client_secret`, `refresh_token` and, optionally, `login_customer_id`, `developer_token`,
    `base_url` (without the version) and `oauth_url`.

    Raises:
        SettingsError: a credential is missing or cannot be one.
    """
    return GoogleAds(
        credentials_from(settings, NAME),
        base_url=settings.get("base_url") or DEFAULT_URL,
        oauth_url=settings.get("oauth_url") or DEFAULT_OAUTH_URL,
    )
