"""What a rule remembers from one check to the next. All else in a verdict follows from the weather and the rule."""

from datetime import datetime
from typing import NamedTuple

from weathertrigger.domain.rule import RuleState


class Memory(NamedTuple):
    """The rule's state, and what its next verdict needs to know of earlier ones. Immutable; times are whole ms.

    A named tuple, for one is read and compared in every check: a dataclass takes four times as long.
    """

    state: RuleState = RuleState.UNJUDGED
    state_since: datetime | None = None
    unknown_since: datetime | None = None
    """Since when there has been no verdict; None: there is one."""
    data_lost: bool = False
    """An active rule has been without a verdict for so long that it gives up what it raised (semantics 2)."""
    met_since: datetime | None = None
    """Since when the condition has been true at every check, where the rule waits for that (`for`, semantics 8)."""
    ended_at: datetime | None = None
    """When the condition of an active rule ceased to be true, where the rule stays active for a while (`keep_for`)."""
    case: int = 1
    """The case that an active rule is in, counted from 1; a rule without cases has one."""
    outside: bool = False
    """Whether the rule is outside its active hours (semantics 10)."""
    hours_until: datetime | None = None
    """When that will be otherwise, or the hours end; None: it has none, or never."""
    on: frozenset[str] = frozenset()
    """Which leaves with a `release` were true at their last result (semantics 7)."""


NOTHING = Memory()
"""Of a rule that has never been checked."""
