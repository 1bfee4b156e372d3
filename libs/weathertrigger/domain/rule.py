"""A rule as the engine works with it: validated, canonical, immutable."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from weathertrigger.domain.active_hours import ActiveHours
from weathertrigger.domain.bid_modifier import HIGHEST, LOWEST
from weathertrigger.domain.condition import When, conditions_in
from weathertrigger.domain.hold import NO_HOLD, Hold, OnNoData
from weathertrigger.domain.money import Money
from weathertrigger.domain.weather import Place


class Mode(StrEnum):
    """Dry run goes the whole way up to the write and touches nothing. The strictest of installation, account and rule
    applies (semantics 27)."""

    DRY_RUN = "dry_run"
    LIVE = "live"


class RuleState(StrEnum):
    """What the rule's last verdict left. Unknown verdicts keep it (semantics 2)."""

    UNJUDGED = "unjudged"
    ACTIVE = "active"
    INACTIVE = "inactive"


class Level(StrEnum):
    """What kind of ad entity a target names, in the words that the platforms' users say."""

    CAMPAIGN = "campaign"
    AD_SET = "ad_set"
    AD_GROUP = "ad_group"
    AD = "ad"
    LOCATION = "location"


class FieldName(StrEnum):
    """What can be set on an entity."""

    STATUS = "status"
    DAILY_BUDGET = "daily_budget"
    LIFETIME_BUDGET = "lifetime_budget"
    BID = "bid"
    BID_MODIFIER = "bid_modifier"

    @property
    def is_money(self) -> bool:
        """Whether its value is an amount, which each platform writes in its own units."""
        return self in _MONEY


_MONEY = frozenset({FieldName.DAILY_BUDGET, FieldName.LIFETIME_BUDGET, FieldName.BID})


class Status(StrEnum):
    """The wanted status of an entity, whatever a platform calls it."""

    ENABLED = "enabled"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Entity:
    """A campaign, ad set, ad group, ad, or location of a campaign, of one of our ad accounts; `id` is the platform's
    own."""

    account_id: str
    level: Level
    id: str

    def __str__(self) -> str:
        return f"{self.account_id} {self.level} {self.id}"


@dataclass(frozen=True, slots=True)
class SetStatus:
    """Enable or pause."""

    status: Status


@dataclass(frozen=True, slots=True)
class SetAmount:
    """An absolute budget or bid. `shared_budget`: also where several campaigns share the budget (semantics 22).
    `largest_raise`: so many per cent above the baseline at most, where the rule says so; so it is with all of them."""

    amount: Money
    shared_budget: bool = False
    largest_raise: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ChangePercent:
    """An amount as a percentage more or less than the baseline; never of what is there now (semantics 17).
    `shared_budget` as in `SetAmount`."""

    percent: Decimal
    minimum: Money | None = None
    maximum: Money | None = None
    shared_budget: bool = False
    largest_raise: Decimal | None = None


@dataclass(frozen=True, slots=True)
class SetModifier:
    """An absolute bid modifier."""

    value: Decimal
    largest_raise: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ChangeModifier:
    """A bid modifier as a percentage more or less than the baseline, within bounds that are always there."""

    percent: Decimal
    minimum: Decimal = LOWEST
    maximum: Decimal = HIGHEST
    largest_raise: Decimal | None = None


Expression = SetStatus | SetAmount | ChangePercent | SetModifier | ChangeModifier


class ManualChange(StrEnum):
    """What a rule does when a person changes by hand what it has set (semantics 20)."""

    YIELD = "yield"  # the person's value stands until the rule's verdict changes
    REASSERT = "reassert"  # the rule's value is written again
    PAUSE_RULE = "pause_rule"  # as yield, and the rule changes nothing more until a person resumes it


class Ending(StrEnum):
    """What an ended rule does with a field it had set, when it does not name a value of its own."""

    BASELINE = "baseline"
    LEAVE = "leave"


Otherwise = Ending | SetStatus
"""`baseline` and `leave` act only on ending; an explicit status holds whenever the rule is inactive (semantics 18)."""


@dataclass(frozen=True, slots=True)
class Target:
    """One field that a rule sets while it is active in this case. A rule without cases has one case, the first.

    For a field that the case does not set, the rule is as good as inactive.
    """

    entity: Entity
    field: FieldName
    expression: Expression
    otherwise: Otherwise = Ending.BASELINE
    case: int = 1


class Quorum(StrEnum):
    """At how many of its places the condition of a rule has to hold, if it does not say a number."""

    ANY = "any"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a user wrote, after validation. `version` grows with every edit.

    A rule may look at several places: then `place` is the first, `other_places` are the others, and every place has a
    name and a grid point of its own.
    """

    id: str
    owner: str
    name: str
    place: Place
    condition: When
    interval: timedelta
    targets: tuple[Target, ...]
    at: int | None = None
    """Minutes after midnight of the local time at which its one slot of the day is, in the place of the grid."""
    catch_up: timedelta | None = None
    """How late a slot may still be checked; None: one interval, so that none is too late."""
    other_places: tuple[Place, ...] = ()
    quorum: Quorum | int = Quorum.ALL
    """At how many of its places the condition has to hold."""
    hold: Hold = NO_HOLD
    on_no_data: OnNoData = OnNoData.HOLD
    active: ActiveHours | None = None
    """When it may be active at all, in the time zone of its place; None: at any time."""
    priority: int = 0
    mode: Mode = Mode.DRY_RUN
    enabled: bool = True
    largest_raise: Decimal | None = None
    """How many per cent above its baseline the rule takes a value at most; None: a change, to twice the baseline."""
    on_manual_change: ManualChange = ManualChange.YIELD
    version: int = 1

    @property
    def places(self) -> tuple[Place, ...]:
        """Every place that the rule looks at, in the order in which they are written."""
        return (self.place, *self.other_places)

    @property
    def number_of_cases(self) -> int:
        """A rule without cases has one."""
        return len(conditions_in(self.condition))


def places_needed(quorum: Quorum | int, places: int) -> int:
    """At how many of so many places a condition has to hold."""
    if isinstance(quorum, Quorum):
        return 1 if quorum is Quorum.ANY else places
    return quorum
