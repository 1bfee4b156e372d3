"""How much the budgets of one ad account may be raised on one day, all together (semantics 22).

A day is one of UTC. What counts of a field is the most that it was above its baseline that day, sent or still in force:
Google lets a raise lift the whole day's ceiling, so putting it back does not take it back.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Self

from weathertrigger.domain.change import AdField
from weathertrigger.domain.money import MoneyCodec
from weathertrigger.domain.rule import FieldName
from weathertrigger.storage import day_caps
from weathertrigger.storage.database import Transaction

_BUDGETS = frozenset({FieldName.DAILY_BUDGET, FieldName.LIFETIME_BUDGET})


@dataclass(frozen=True, slots=True)
class DayCap:
    """The account's cap in major units, None where it has none; by how much each field was raised today."""

    cap: Decimal | None
    raised: dict[int, Decimal] = field(default_factory=dict)

    @classmethod
    def read(cls, tx: Transaction, account_id: str, currency: str, codec: MoneyCodec) -> Self:
        """As of now."""
        cap = day_caps.cap_of(tx, account_id)
        raised: dict[int, Decimal] = defaultdict(Decimal)
        for row in day_caps.values_of_today(tx, account_id) if cap is not None else ():
            above = codec.decode(row.value, currency).amount - codec.decode(row.baseline, currency).amount
            raised[row.field_id] = max(raised[row.field_id], above)
        return cls(cap, dict(raised))

    def room(self, field_id: int, name: FieldName) -> Decimal | None:
        """By how much this field may be above its baseline; None: by anything."""
        if self.cap is None or name not in _BUDGETS:
            return None
        return max(self.cap - sum(_others(self.raised, field_id), Decimal(0)), Decimal(0))

    def take(self, of: AdField, value: str, currency: str, codec: MoneyCodec) -> None:
        """This value is about to be sent."""
        if self.cap is not None and of.carrier.field in _BUDGETS and of.baseline is not None:
            above = codec.decode(value, currency).amount - codec.decode(of.baseline, currency).amount
            self.raised[of.id] = max(self.raised.get(of.id, Decimal(0)), above)


def _others(raised: Mapping[int, Decimal], field_id: int) -> list[Decimal]:
    return [above for one, above in raised.items() if one != field_id and above > 0]
