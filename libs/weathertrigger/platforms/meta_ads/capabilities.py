"""What can be read and written at Meta, on which level, how many at once and how often."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

from weathertrigger.domain.change import Carrier, ChangeLimit
from weathertrigger.domain.rule import FieldName, Level
from weathertrigger.platforms.resource_names import kind_of

LEVELS: Mapping[Level, frozenset[FieldName]] = MappingProxyType(
    {
        Level.CAMPAIGN: frozenset({FieldName.STATUS, FieldName.DAILY_BUDGET, FieldName.LIFETIME_BUDGET}),
        Level.AD_SET: frozenset({FieldName.STATUS, FieldName.DAILY_BUDGET, FieldName.LIFETIME_BUDGET, FieldName.BID}),
        Level.AD: frozenset({FieldName.STATUS, FieldName.BID}),
    }
)
"""Which fields can be set on which level, where the entity has them at all."""

PARAMETERS: Mapping[FieldName, str] = MappingProxyType(
    {
        FieldName.STATUS: "status",
        FieldName.DAILY_BUDGET: "daily_budget",
        FieldName.LIFETIME_BUDGET: "lifetime_budget",
        FieldName.BID: "bid_amount",
    }
)
"""What Meta calls a field, the same for reading and for writing."""

CALLS_PER_BATCH = 50
IDS_PER_CALL = 50

BUDGET_CHANGES = 4
"""Of one ad set in an hour; a fifth is refused, and so is every other for an hour
(https://developers.facebook.com/docs/marketing-api/overview/rate-limiting)."""

_BUDGETS = frozenset({FieldName.DAILY_BUDGET, FieldName.LIFETIME_BUDGET})


def change_limit(carrier: Carrier, budget_changes: int) -> ChangeLimit | None:
    """How often this field may be changed, where Meta says; so many changes of a budget in an hour."""
    limited = kind_of(carrier.resource) == Level.AD_SET and carrier.field in _BUDGETS
    return ChangeLimit(budget_changes, timedelta(hours=1)) if limited else None
