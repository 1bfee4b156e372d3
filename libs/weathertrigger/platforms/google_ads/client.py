"""The ad platform `google_ads`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from types import MappingProxyType

from weathertrigger.domain.change import Carrier, Wanted
from weathertrigger.domain.rule import FieldName, Level
from weathertrigger.errors import NotFound, Rejected, ServiceError
from weathertrigger.http.client import Bounds, HttpAnswer, HttpClient, Origin
from weathertrigger.http.strict_json import Json
from weathertrigger.platforms.google_ads.access_tokens import AccessTokens
from weathertrigger.platforms.google_ads.credentials import GoogleCredentials, credentials_from
from weathertrigger.platforms.google_ads.errors import failure
from weathertrigger.platforms.google_ads.money import GoogleMoney
from weathertrigger.platforms.google_ads.reads import (
    IDS_PER_SEARCH,
    can_be_asked,
    observe,
    query_for,
    resolve,
    rows_by_resource,
)
from weathertrigger.platforms.google_ads.writes import batches_of, mutate_body, results_of
from weathertrigger.platforms.port import AdAccount, ReadAnswer, ResolveAnswer, Write, WriteAnswer
from weathertrigger.platforms.resource_names import by_kind, in_words, kind_of

NAME = "google_ads"
DEFAULT_URL = "https://googleads.googleapis.com"
DEFAULT_OAUTH_URL = "https://oauth2.googleapis.com"

LEVELS: Mapping[Level, frozenset[FieldName]] = MappingProxyType(
    {
        Level.CAMPAIGN: frozenset({FieldName.STATUS, FieldName.DAILY_BUDGET}),
        Level.AD_GROUP: frozenset({FieldName.STATUS}),
        Level.AD: frozenset({FieldName.STATUS}),
    }
)


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
        return LEVELS

    @property
    def money(self) -> GoogleMoney:
        """Google's micros."""
        return self._money

    def resolve(self, account: AdAccount, wanted: Sequence[Wanted]) -> ResolveAnswer:
        """A campaign's budget is a resource of its own, the campaign budget; see `AdPlatform.resolve`."""
        origin = self._origin(account)
        rows, calls = self._look_up(account, [f"{each.level}/{each.entity_id}" for each in wanted], origin)
        found = {each: rows[f"{each.level}/{each.entity_id}"] for each in wanted}
        results = {
            each: row if isinstance(row, ServiceError) else resolve(row, each, origin) for each, row in found.items()
        }
        return ResolveAnswer(results, calls)

    def read(self, account: AdAccount, carriers: Sequence[Carrier]) -> ReadAnswer:
        """One search per kind of resource; Google counts each as one operation; see `AdPlatform.read`."""
        origin = self._origin(account)
        rows, calls = self._look_up(account, [carrier.resource for carrier in carriers], origin)
        found = {carrier: rows[carrier.resource] for carrier in carriers}
        results = {
            carrier: row if isinstance(row, ServiceError) else observe(row, carrier, origin)
            for carrier, row in found.items()
        }
        return ReadAnswer(results, calls)

    def change_limit(self, carrier: Carrier) -> None:
        """Google bounds calls, not the changes of one field."""

    def batches(self, writes: Sequence[Write]) -> list[list[Write]]:
        """See `writes.batches_of`."""
        return batches_of(writes)

    def write(self, account: AdAccount, batch: Sequence[Write], *, validate_only: bool = False) -> WriteAnswer:
        """One mutate; Google counts each item as one operation; see `AdPlatform.write`."""
        origin = self._origin(account)
        customer = _customer(account, origin)
        body = mutate_body(customer, batch, validate_only=validate_only)
        answer, told = self._ask(f"/v26/customers/{customer}/googleAds:mutate", body, origin)
        request_id = answer.headers.get("request-id")
        results = results_of(told, batch, origin, validate_only=validate_only, request_id=request_id)
        return WriteAnswer(results, len(batch), request_id)

    def _origin(self, account: AdAccount) -> Origin:
        return Origin(NAME, account.id, self._credentials.secrets)

    def _look_up(
        self, account: AdAccount, resources: Sequence[str], origin: Origin
    ) -> tuple[Mapping[str, Json | ServiceError], int]:
        """The row of each resource or why there is none, and the number of searches. After an error that is not about
        one search no further search is made: what is left shares that error.

        Raises:
            ServiceError: not one search was answered.
        """
        customer = _customer(account, origin)
        found: dict[str, Json | ServiceError] = {name: _cannot_be_asked(name, origin) for name in resources}
        searches = by_kind(filter(can_be_asked, resources), IDS_PER_SEARCH)
        for calls, names in enumerate(searches):
            try:
                rows = self._search(customer, names, origin)
            except ServiceError as fault:
                if calls == 0:
                    raise
                found.update((name, fault) for left in searches[calls:] for name in left)
                return found, calls
            for name in names:
                found[name] = rows.get(name) or origin.error(NotFound, f"Google Ads knows no {in_words(name)}.")
        return found, len(searches)

    def _search(self, customer: str, names: Sequence[str], origin: Origin) -> Mapping[str, Json]:
        body: Json = {"query": query_for(customer, names)}
        _, told = self._ask(f"/v26/customers/{customer}/googleAds:search", body, origin)
        return rows_by_resource(told, kind_of(names[0]), origin)

    def _ask(self, path: str, body: Json, origin: Origin) -> tuple[HttpAnswer, Json]:
        """One POST and its JSON; a token that Google no longer takes is renewed once.

        Raises:
            ServiceError: the one that the answer stands for.
        """
        token = self._tokens.current(origin)
        answer = self._post(path, body, token, origin)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            token = self._tokens.current(origin, refused=token)
            answer = self._post(path, body, token, origin)
        if answer.status != HTTPStatus.OK:
            secretive = replace(origin, secrets=(*origin.secrets, token))
            raise failure(answer, answer.json_or_none(), secretive)
        return answer, answer.json(origin)

    def _post(self, path: str, body: Json, token: str, origin: Origin) -> HttpAnswer:
        headers = {**self._credentials.header, "Authorization": f"Bearer {token}"}
        return self._http.post_json(path, origin, body=body, headers=headers)


def _cannot_be_asked(name: str, origin: Origin) -> ServiceError:
    return origin.error(Rejected, f"Google Ads has no {in_words(name)}: ids are numbers, that of an ad reads 222~333.")


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
