"""Fields for people: what is wanted of each, why, and what stands in the way."""

from dataclasses import dataclass
from datetime import datetime

from weathertrigger.domain.change import AdField, ChangeState, FieldState
from weathertrigger.storage.database import Row, Transaction
from weathertrigger.storage.fields import field_of
from weathertrigger.storage.pauses import Covered, Scope
from weathertrigger.storage.queries import load_queries

_SQL = "told_fields"


@dataclass(frozen=True, slots=True)
class LastChange:
    """The newest change of a field that is no dry run; `at` is when it was finished, or else decided."""

    id: int
    state: ChangeState
    at: datetime
    why: str
    who: str
    arithmetic: str | None
    error: str | None
    attempts: int

    @property
    def is_open(self) -> bool:
        """Whether it is still to be carried out, or its outcome is not known."""
        return self.state in {ChangeState.PLANNED, ChangeState.CALLING, ChangeState.UNKNOWN}


@dataclass(frozen=True, slots=True)
class ToldField:
    """A field as it is stored, its newest change, and why it may not be written now, if it may not."""

    field: AdField
    change: LastChange | None
    paused: str | None

    @property
    def is_carried_out(self) -> bool:
        """Whether a rule has the say, and the platform is known to have what was decided for it."""
        field, change = self.field, self.change
        if field.state is not FieldState.OWNED or field.applied < field.generation or change is None:
            return False
        return change.state in {ChangeState.CONFIRMED, ChangeState.UNCHANGED}


def told(
    tx: Transaction,
    covered: Covered | None = None,
    *,
    account_id: str | None = None,
    state: FieldState | None = None,
    field_id: int | None = None,
    in_use: bool = False,
) -> list[ToldField]:
    """The fields that are as asked for; `in_use`: not those that are free and that no rule wants anything of."""
    which = covered or Covered(Scope.ALL)
    parameters = {"account_id": account_id, "state": state, "field_id": field_id, "in_use": in_use}
    rows = tx.rows(load_queries(_SQL)["told"], {**parameters, "scope": which.scope.value, "subject": which.subject})
    return [ToldField(field_of(row), _change(row), row.paused) for row in rows]


def claims(tx: Transaction, field_id: int) -> list[Row]:
    """What every rule says of the field, the winner first: `rule, owner, priority, state, state_since, enabled,
    dry_run_of, entity, expressions, active_case, otherwise, targeted, retiring, wins`; what it sets as JSON text, an
    expression for each of its cases."""
    return tx.rows(load_queries(_SQL)["claims"], {"field_id": field_id})


def _change(row: Row) -> LastChange | None:
    if row.change_id is None:
        return None
    return LastChange(
        row.change_id,
        ChangeState(row.change_state),
        row.changed_at,
        row.why,
        row.who,
        row.arithmetic,
        row.error,
        row.attempts,
    )
