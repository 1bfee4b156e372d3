"""The ad platform `meta_ads`."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType

from weathertrigger.domain.change import Carrier, Wanted
from weathertrigger.domain.rule import FieldName, Level
from weathertrigger.errors import ServiceError
from weathertrigger.http.client import Bounds, HttpAnswer, HttpClient, Origin
from weathertrigger.http.strict_json import Json, dig
from weathertrigger.platforms.meta_ads.credentials import MetaCredentials, credentials_from
from weathertrigger.platforms.meta_ads.errors import failure
from weathertrigger.platforms.meta_ads.look_up import Nodes, look_up
from weathertrigger.platforms.meta_ads.money import MetaMoney
from weathertrigger.platforms.meta_ads.reads import query_for
from weathertrigger.platforms.meta_ads.writes import batch_form, batches_of, results_of
from weathertrigger.platforms.port import AdAccount, Observed, ReadAnswer, ResolveAnswer, Write, WriteAnswer

NAME = "meta_ads"
DEFAULT_URL = "https://graph.facebook.com"
_VERSION = "/v26.0/"

_BOTH = frozenset({FieldName.STATUS, FieldName.DAILY_BUDGET})
LEVELS: Mapping[Level, frozenset[FieldName]] = MappingProxyType(
    {Level.CAMPAIGN: _BOTH, Level.AD_SET: _BOTH, Level.AD: frozenset({FieldName.STATUS})}
)


class MetaAds:
    """Implements `AdPlatform` over the Graph."""

    def __init__(
        self, credentials: MetaCredentials, *, base_url: str = DEFAULT_URL, bounds: Bounds | None = None
    ) -> None:
        self._credentials = credentials
        self._http = HttpClient(base_url, bounds)
        self._money = MetaMoney()

    @property
    def name(self) -> str:
        """`meta_ads`."""
        return NAME

    @property
    def levels(self) -> Mapping[Level, frozenset[FieldName]]:
        """Which fields can be set on which level."""
        return LEVELS

    @property
    def money(self) -> MetaMoney:
        """Meta's integers of money."""
        return self._money

    def resolve(self, account: AdAccount, wanted: Sequence[Wanted]) -> ResolveAnswer:
        """At Meta an entity carries its own fields, or it does not have them; see `AdPlatform.resolve`."""
        origin = self._origin(account)
        carriers = {each: Carrier(f"{each.level}/{each.entity_id}", each.field) for each in wanted}
        nodes = self._look_up(account, [carrier.resource for carrier in carriers.values()], origin)
        results = {each: _resolved(carrier, nodes.field(carrier, origin)) for each, carrier in carriers.items()}
        return ResolveAnswer(results, nodes.calls)

    def read(self, account: AdAccount, carriers: Sequence[Carrier]) -> ReadAnswer:
        """One call per kind and 50 ids; see `AdPlatform.read`."""
        origin = self._origin(account)
        nodes = self._look_up(account, [carrier.resource for carrier in carriers], origin)
        return ReadAnswer({carrier: nodes.field(carrier, origin) for carrier in carriers}, nodes.calls)

    def batches(self, writes: Sequence[Write]) -> list[list[Write]]:
        """See `writes.batches_of`."""
        return batches_of(writes)

    def write(self, account: AdAccount, batch: Sequence[Write], *, validate_only: bool = False) -> WriteAnswer:
        """One Graph batch; Meta counts each write; see `AdPlatform.write`."""
        origin = self._origin(account)
        form = {**batch_form(batch, validate_only=validate_only), **self._credentials.form}
        answer = self._http.post_form(_VERSION, origin, form=form)
        results = results_of(_good_body(answer, origin), batch, origin)
        return WriteAnswer(results, len(batch), answer.headers.get("x-fb-trace-id"))

    def _origin(self, account: AdAccount) -> Origin:
        return Origin(NAME, account.id, self._credentials.secrets)

    def _look_up(self, account: AdAccount, resources: Sequence[str], origin: Origin) -> Nodes:
        return look_up(resources, account, origin, lambda names: self._ask(names, origin))

    def _ask(self, names: Sequence[str], origin: Origin) -> Json:
        query = {**query_for(names), **self._credentials.proof}
        return _good_body(self._http.get(_VERSION, origin, query=query, headers=self._credentials.header), origin)


def _resolved(carrier: Carrier, observed: Observed | ServiceError) -> Carrier | ServiceError:
    return observed if isinstance(observed, ServiceError) else carrier


def _good_body(answer: HttpAnswer, origin: Origin) -> Json:
    """The body of a success; an error may also come under 200."""
    if answer.status != HTTPStatus.OK:
        raise failure(answer.status, answer.json_or_none(), origin)
    body = answer.json(origin)
    if dig(body, "error") is not None:
        raise failure(answer.status, body, origin)
    return body


def build(settings: Mapping[str, str]) -> MetaAds:
    """From `access_token` and, optionally, `app_secret` and `base_url` (without the version).

    Raises:
        SettingsError: a credential is missing or cannot be one.
    """
    return MetaAds(credentials_from(settings, NAME), base_url=settings.get("base_url") or DEFAULT_URL)
