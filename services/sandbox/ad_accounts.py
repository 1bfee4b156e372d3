"""The imitated ad accounts: who contains whom, and what every field's value is now."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from services.sandbox.exchange import Change

META_ADS = "meta_ads"
GOOGLE_ADS = "google_ads"


@dataclass(slots=True)
class Entity:
    """A campaign, ad set, ad group, ad, campaign budget or location of a campaign.

    `resource` is `kind/id`; `values` are the fields that can be written, as that platform's wire writes them; `budget`
    is the resource of a Google campaign's budget.
    """

    account: str
    resource: str
    values: dict[str, str]
    name: str = ""
    parent: str | None = None
    budget: str | None = None
    explicitly_shared: bool = False

    @property
    def kind(self) -> str:
        """`campaign`, `ad_set`, `ad_group`, `ad`, `campaign_budget`, `location`."""
        return self.resource.partition("/")[0]

    @property
    def id(self) -> str:
        """The platform's own id; of a Google ad it is `ad group~ad`, of a location `campaign~criterion`."""
        return self.resource.partition("/")[2]


@dataclass(slots=True)
class Account:
    """One ad account and everything in it, in the order in which it was added. `status` is the platform's own word or
    number for it; None: all is well."""

    platform: str
    id: str
    name: str
    currency: str
    time_zone: str
    status: str | None = None
    entities: dict[str, Entity] = field(default_factory=dict)
    _children: dict[str, list[Entity]] = field(default_factory=dict)

    def add(self, entity: Entity) -> bool:
        """Takes the entity in, unless there is one of that name already."""
        if entity.resource in self.entities:
            return False
        self.entities[entity.resource] = entity
        for container in (entity.parent, entity.budget):
            if container is not None:
                self._children.setdefault(container, []).append(entity)
        return True

    def inside(self, resource: str) -> list[Entity]:
        """What is directly in a campaign, ad set or ad group; of a budget, the campaigns that spend it."""
        return self._children.get(resource, [])

    def parent_of(self, entity: Entity) -> Entity | None:
        """The entity that contains this one."""
        return self.entities[entity.parent] if entity.parent else None

    def of_kind(self, kind: str) -> Iterator[Entity]:
        """Every entity of one kind."""
        return (entity for entity in self.entities.values() if entity.kind == kind)

    def write(self, entity: Entity, name: str, value: str) -> Change:
        """Sets one field, or gives a campaign another `budget`, and says what it was before."""
        if name != "budget":
            change = Change(entity.resource, name, entity.values.get(name), value)
            entity.values[name] = value
            return change
        change = Change(entity.resource, name, entity.budget, value)
        self._children[entity.budget or ""].remove(entity)
        self._children.setdefault(value, []).append(entity)
        entity.budget = value
        return change


class AdAccounts:
    """All accounts of all platforms. Meta's ids are one name space over all its accounts, as on the Graph."""

    def __init__(self) -> None:
        self._accounts: dict[str, Account] = {}
        self._graph: dict[str, Account] = {}

    def __iter__(self) -> Iterator[Account]:
        return iter(self._accounts.values())

    def get(self, account_id: str, platform: str | None = None) -> Account | None:
        """The account of that id, if it is there (and of that platform)."""
        account = self._accounts.get(account_id)
        return account if account and platform in {None, account.platform} else None

    def meta_account_of(self, node_id: str) -> Account | None:
        """The Meta account that holds the node of that id."""
        return self._graph.get(node_id)

    def open(self, account: Account) -> Account:
        """The account of that id, made now if there was none."""
        return self._accounts.setdefault(account.id, account)

    def add(self, account: Account, entities: Iterable[Entity]) -> int:
        """Takes in what is not there yet; gives how many that were."""
        added = [entity for entity in entities if account.add(entity)]
        if account.platform == META_ADS:
            self._graph.update((entity.id, account) for entity in added)
        return len(added)

    def restore(self, account_id: str | None, change: dict[str, str]) -> None:
        """Sets a field to what the journal says. Resources that are no longer seeded are passed over."""
        account = self.meta_account_of(change["resource"].partition("/")[2]) or self.get(account_id or "")
        entity = account.entities.get(change["resource"]) if account else None
        if account is not None and entity is not None:
            account.write(entity, change["field"], change["to"])
