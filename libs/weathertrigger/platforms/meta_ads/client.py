"""The ad platform `meta_ads`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from weathertrigger.domain.change import Carrier, ChangeLimit, Wanted
from weathertrigger.domain.rule import FieldName, Level
from weathertrigger.errors import ServiceError
from weathertrigger.http.client import Bounds, HttpClient, Origin
from weathertrigger.platforms.meta_ads import capabilities
from weathertrigger.platforms.meta_ads.credentials import MetaCredentials, credentials_from
from weathertrigger.platforms.meta_ads.graph import Graph
from weathertrigger.platforms.meta_ads.look_up import Nodes, look_up
from weathertrigger.platforms.meta_ads.money import MetaMoney
from weathertrigger.platforms.meta_ads.writes import batches_of, calls_of, never_to_be_sent, results_of
from weathertrigger.platforms.port import (
    AdAccount,
    Admit,
    Observed,
    ReadAnswer,
    ResolveAnswer,
    Write,
    WriteAnswer,
    at_once,
)

NAME = "meta_ads"
DEFAULT_URL = "https://graph.facebook.com"


class MetaAds:
    """Implements `AdPlatform` over the Graph."""

    def __init__(
        self,
        credentials: MetaCredentials,
        *,
        base_url: str = DEFAULT_URL,
        bounds: Bounds | None = None,
        budget_changes: int = capabilities.BUDGET_CHANGES,
    ) -> None:
        self._budget_changes = budget_changes
        self._secrets = credentials.secrets
        self._graph = Graph(credentials, HttpClient(base_url, bounds))
        self._money = MetaMoney()

    @property
    def name(self) -> str:
        """`meta_ads`."""
        return NAME

    @property
    def levels(self) -> Mapping[Level, frozenset[FieldName]]:
        """Which fields can be set on which level."""
        return capabilities.LEVELS

    @property
    def fields_at_once(self) -> int:
        """As many as one read names: Meta counts each."""
        return capabilities.IDS_PER_CALL

    @property
    def money(self) -> MetaMoney:
        """Meta's integers of money."""
        return self._money

    def resolve(self, account: AdAccount, wanted: Sequence[Wanted], *, admit: Admit = at_once) -> ResolveAnswer:
        """At Meta an entity carries its own fields, or it does not have them; see `AdPlatform.resolve`."""
        origin = self._origin(account)
        carriers = {each: Carrier(f"{each.level}/{each.entity_id}", each.field) for each in wanted}
        nodes = self._look_up(account, list(carriers.values()), admit)
        results = {each: _resolved(carrier, nodes.field(carrier, origin)) for each, carrier in carriers.items()}
        return ResolveAnswer(results, nodes.calls)

    def read(self, account: AdAccount, carriers: Sequence[Carrier], *, admit: Admit = at_once) -> ReadAnswer:
        """One call per kind and 50 ids; see `AdPlatform.read`."""
        origin = self._origin(account)
        nodes = self._look_up(account, carriers, admit)
        return ReadAnswer({carrier: nodes.field(carrier, origin) for carrier in carriers}, nodes.calls, nodes.usage)

    def change_limit(self, carrier: Carrier) -> ChangeLimit | None:
        """See `capabilities.change_limit`."""
        return capabilities.change_limit(carrier, self._budget_changes)

    def batches(self, writes: Sequence[Write]) -> list[list[Write]]:
        """See `writes.batches_of`."""
        return batches_of(writes)

    def write(
        self, account: AdAccount, batch: Sequence[Write], *, validate_only: bool = False, admit: Admit = at_once
    ) -> WriteAnswer:
        """One Graph batch; Meta counts each write; see `AdPlatform.write`."""
        origin = self._origin(account)
        refused = never_to_be_sent(batch, origin)
        leaving = [write for write in batch if write.carrier not in refused]
        if not leaving:
            return WriteAnswer(refused, 0)
        answers = replace(self._graph, admit=admit).batch(calls_of(leaving, validate_only=validate_only), origin)
        results = {**refused, **results_of(answers.entries, leaving, origin)}
        return WriteAnswer(results, len(leaving), answers.request_id, answers.usage)

    def _origin(self, account: AdAccount) -> Origin:
        return Origin(NAME, account.id, self._secrets)

    def _look_up(self, account: AdAccount, carriers: Sequence[Carrier], admit: Admit) -> Nodes:
        resources = [carrier.resource for carrier in carriers]
        return look_up(resources, account, self._origin(account), replace(self._graph, admit=admit))


def _resolved(carrier: Carrier, observed: Observed | ServiceError) -> Carrier | ServiceError:
    return observed if isinstance(observed, ServiceError) else carrier


def build(settings: Mapping[str, str]) -> MetaAds:
    """From `access_token` and, optionally, `app_secret`, `base_url` (without the version) and
    `budget_changes_per_hour`.

    Raises:
        SettingsError: a credential is missing or cannot be one.
    """
    return MetaAds(
        credentials_from(settings, NAME),
        base_url=settings.get("base_url") or DEFAULT_URL,
        budget_changes=int(settings.get("budget_changes_per_hour") or capabilities.BUDGET_CHANGES),
    )
