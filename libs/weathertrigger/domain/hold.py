"""How a rule holds on: before it becomes active, after its condition has ended, and while nothing is known."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

NO_TIME = timedelta(0)


@dataclass(frozen=True, slots=True)
class Hold:
    """How long the condition must have been true before the rule becomes active (`for`), and how long the rule stays
    active after its end (`keep_for`, semantics 8)."""

    wait: timedelta = NO_TIME
    keep: timedelta = NO_TIME


class OnNoData(StrEnum):
    """What becomes of an active rule that has been without a verdict for too long: it gives up what it raised and holds
    the rest, or it ends (semantics 2)."""

    HOLD = "hold"
    REVERT = "revert"


NO_HOLD = Hold()
