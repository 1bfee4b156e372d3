"""What a person orders for single fields, each as one transaction: undo a check, release a field, rebaseline it.

The order is a decision like any other (C2): a new generation in the outbox, which the step of ad-action carries out.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from weathertrigger.domain.change import AdField, ChangeState, FieldState
from weathertrigger.operations.values_of_account import value_in_words
from weathertrigger.rules.by_people import rebaselined, released, undone
from weathertrigger.storage import accounts, audit_log, changes, checks, fields, history
from weathertrigger.storage.changes import Plan
from weathertrigger.storage.database import Row, Transaction
from weathertrigger.storage.history import Wished

_MOST_CHANGES = 10_000


@dataclass(frozen=True, slots=True)
class Restorable:
    """A field that a check has changed: what it was before and what the check made of it."""

    field_id: int
    before: str
    after: str


def restorable(tx: Transaction, execution_id: int) -> list[Restorable]:
    """What a check has changed, field by field, as far as the platforms confirmed it."""
    wished = Wished(execution_id=execution_id, state=ChangeState.CONFIRMED)
    found: dict[int, Restorable] = {}
    for row in reversed(history.changes(tx, wished, limit=_MOST_CHANGES)):
        if row.dry_run or row.from_value is None or row.to_value is None:
            continue
        first = found.get(row.field_id)
        found[row.field_id] = Restorable(row.field_id, first.before if first else row.from_value, row.to_value)
    return [one for one in found.values() if one.before != one.after]


def undo(
    tx: Transaction, check: Row, restored: Sequence[Restorable], looked_at: Mapping[int, tuple[AdField, str]], who: str
) -> list[AdField]:
    """Orders the values of before; `looked_at` is each field as it was stored and shown when the person decided. Gives
    those that were decided anew meanwhile: with any of them nothing was done."""
    locked = {field.id: field for field in fields.lock_fields(tx, [one.field_id for one in restored])}
    moved = [field for field in locked.values() if field.generation != looked_at[field.id][0].generation]
    if moved:
        return moved
    at = checks.clock(tx)
    reason = f"undone by {who}"
    ordered = [
        undone(locked[one.field_id], observed=looked_at[one.field_id][1], before=one.before, reason=reason, at=at)
        for one in restored
    ]
    why = f"Check {check.id} of rule {check.rule} was undone."
    _decide(tx, ordered, why, who)
    names = {field.id: f"{field.carrier.resource} {field.carrier.field}" for field in ordered}
    shown = {names[one.field_id]: _spoken(tx, locked[one.field_id], looked_at[one.field_id][1]) for one in restored}
    wanted = {names[one.field_id]: _spoken(tx, locked[one.field_id], one.before) for one in restored}
    audit_log.record(tx, who=who, what="undo", subject=f"execution {check.id}", before=shown, after=wanted)
    return []


def release(tx: Transaction, field_id: int, who: str) -> AdField | None:
    """Gives a held field back to the rules; gives it as it is now, None where it is not held."""
    (field,) = fields.lock_fields(tx, [field_id])
    if field.state is not FieldState.HELD:
        return None
    after = released(field, checks.clock(tx))
    _decide(tx, [after], "It was given back to the rules.", who)
    _record(tx, "fields release", field, after, who)
    return after


def rebaseline(tx: Transaction, looked_at: AdField, observed: str, who: str) -> AdField | None:
    """Makes the value that was seen the baseline; None where the field was decided anew since it was looked at."""
    (field,) = fields.lock_fields(tx, [looked_at.id])
    if (field.generation, field.state) != (looked_at.generation, looked_at.state):
        return None
    after = rebaselined(field, observed, checks.clock(tx))
    _decide(tx, [after], f"Its baseline is {_spoken(tx, field, observed)} now, as a person said.", who)
    _record(tx, "fields rebaseline", field, after, who)
    return after


def _decide(tx: Transaction, decided: Collection[AdField], why: str, who: str) -> None:
    plans = [_plan(field, why, who) for field in decided]
    fields.store(tx, list(decided))
    changes.supersede(tx, plans)
    changes.plan(tx, plans)


def _plan(field: AdField, why: str, who: str) -> Plan:
    wished = field.winner if field.ordered is None else None
    return Plan(
        field_id=field.id,
        generation=field.generation,
        rule_id=field.winner.rule_id if field.winner else None,
        execution_id=None,
        expression=wished.expression if wished else None,
        why=why,
        who=who,
        winner=wished.rule_id if wished else None,
    )


def _record(tx: Transaction, what: str, before: AdField, after: AdField, who: str) -> None:
    audit_log.record(
        tx, who=who, what=what, subject=f"field {before.id}", before=_about(tx, before), after=_about(tx, after)
    )


def _about(tx: Transaction, field: AdField) -> dict[str, object]:
    return {"state": field.state.value, "baseline": _spoken(tx, field, field.baseline), "held": field.held_reason}


def _spoken(tx: Transaction, field: AdField, value: str | None) -> str | None:
    """The value in the words of people: what is kept for them names its currency."""
    account = accounts.get(tx, field.account_id)
    assert account is not None  # noqa: S101 - a field has one
    return None if value is None else value_in_words(value, field.carrier.field, account)
