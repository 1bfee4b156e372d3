"""The states of a field and of a change to it (protocol C)."""

import dataclasses
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from weathertrigger.domain.rule import Ending, Expression, FieldName, Level, Otherwise, SetStatus, Status


class FieldState(StrEnum):
    """Who has the say over a field (protocol C1; the chart is in `docs/states.md`)."""

    FREE = "free"  # nobody of ours
    OWNED = "owned"  # a rule's expression, or a rule's explicit otherwise, is in force
    SETTLING = "settling"  # put back; late writes may still land
    HELD = "held"  # a person changed it; nothing is written
    LEFT = "left"  # a rule ended with `leave`


class ChangeState(StrEnum):
    """Where one wanted change of one field stands (the chart is in `docs/states.md`)."""

    PLANNED = "planned"  # decided, not yet looked at
    CALLING = "calling"  # the write is on its way
    UNKNOWN = "unknown"  # no answer came; read back before anything else
    CONFIRMED = "confirmed"  # the platform said so, or it was read back
    UNCHANGED = "unchanged"  # the platform had that value already
    REJECTED = "rejected"  # the platform refused for good
    SUPERSEDED = "superseded"  # a newer decision took its place
    HELD = "held"  # a person's value stands, nothing was written
    DRY_RUN = "dry_run"  # would have been written


@dataclass(frozen=True, slots=True)
class Carrier:
    """The platform's resource that holds a field's value: `ad_set/23847`, `campaign_budget/444`.

    `named` are the entities by which rules name it (`campaign/111`), where they are known: it can be read with them,
    together with others, and any may have another carrier by now. They are no part of what it is.
    """

    resource: str
    field: FieldName
    named: tuple[str, ...] = dataclasses.field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A field of an entity as a user names it, before its carrier is known."""

    level: Level
    entity_id: str
    field: FieldName


@dataclass(frozen=True, slots=True)
class ChangeLimit:
    """At most so many changes of one carrier's field in any window of this length."""

    changes: int
    window: timedelta


class WinnerClass(StrEnum):
    """Why a winner's expression is in force."""

    ACTIVE = "active"
    OTHERWISE = "otherwise"


@dataclass(frozen=True, slots=True)
class Winner:
    """The rule whose word counts on a field, and that word."""

    rule_id: str
    winner_class: WinnerClass
    expression: Expression


@dataclass(frozen=True, slots=True)
class Attempt:
    """A value that was sent without an answer, and when it was sent or last seen on the platform."""

    value: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AdField:
    """One field of one resource, with everything that protocol C keeps about it.

    Values are the platform's own text (`enabled`, `50000000`). `attempted` is the value sent since the last one that
    was confirmed: it is on its way, or no answer came. `unanswered` are older attempts, each of which may still land.
    `suspect` is a value that awaits a second look. `failures` counts the passing failures in a row. `ordered` is a
    value that a person wants put back (`undo`), whoever has the say; the field is held then.
    """

    id: int
    account_id: str
    carrier: Carrier
    state: FieldState = FieldState.FREE
    baseline: str | None = None
    confirmed: str | None = None
    attempted: str | None = None
    attempted_at: datetime | None = None
    unanswered: tuple[Attempt, ...] = ()
    suspect: str | None = None
    seen_at: datetime | None = None
    winner: Winner | None = None
    resting: Otherwise = Ending.BASELINE
    generation: int = 0
    applied: int = 0
    next_at: datetime | None = None
    held_reason: str | None = None
    failures: int = 0
    ordered: str | None = None

    @property
    def persons_value(self) -> str | None:
        """What a person wants of a held field: what they ordered, or else what they set."""
        return self.confirmed if self.ordered is None else self.ordered

    @property
    def is_open(self) -> bool:
        """Whether something is to be changed or found out. Else a look only sees whether all is as it should be."""
        return self.applied < self.generation or self.suspect is not None

    @property
    def is_urgent(self) -> bool:
        """Whether it goes back to what was before, or to a pause: neither waits for calls that others may use up
        (semantics 24)."""
        if self.winner is None or self.ordered is not None:
            return True
        return self.winner.expression == SetStatus(Status.PAUSED)
