"""What a person may decide about a field, as pure functions: put it back, give it back, count from what is there.

Each gives the field as it is to be stored, as a new decision that is due at once.
"""

from dataclasses import replace
from datetime import datetime

from weathertrigger.domain.change import AdField, FieldState
from weathertrigger.domain.rule import ChangeModifier, ChangePercent, Ending


def undone(field: AdField, *, observed: str, before: str, reason: str, at: datetime) -> AdField:
    """Semantics 29: `before` is written over what the person saw, and then held whatever the rules say."""
    return replace(
        _decided(field, at),
        state=FieldState.HELD,
        baseline=before if field.baseline is None else field.baseline,
        confirmed=observed,
        ordered=before,
        held_reason=reason,
    )


def released(field: AdField, at: datetime) -> AdField:
    """Semantics 20: the rules have the say over a held field again; what the person wants of it is the baseline."""
    return replace(
        _decided(field, at),
        state=FieldState.SETTLING,
        baseline=field.persons_value,
        held_reason=None,
        ordered=still_ordered(field),
    )


def still_ordered(field: AdField) -> str | None:
    """What a person ordered, and is to be written although nobody has the say any more and `leave` would write nothing.
    Everything else counts from it as the baseline."""
    return field.ordered if field.winner is None and field.resting is Ending.LEAVE else None


def rebaselined(field: AdField, observed: str, at: datetime) -> AdField:
    """What is there now counts as what was there before; ask `refusal_to_rebaseline` first."""
    confirmed = field.confirmed if field.state is FieldState.OWNED else observed
    return replace(_decided(field, at), baseline=observed, confirmed=confirmed)


def refusal_to_rebaseline(field: AdField) -> str | None:
    """Why the present value of the field cannot be its baseline, if it cannot."""
    match field.state:
        case FieldState.FREE:
            return "it is free: its baseline is read when a rule takes it"
        case FieldState.HELD:
            return "it is held: the value that is held is its baseline from its release on (`fields release`)"
        case FieldState.OWNED if field.winner and isinstance(field.winner.expression, ChangePercent | ChangeModifier):
            return (
                f"rule {field.winner.rule_id} changes it by a percentage, and would count from a value that is "
                "changed already"
            )
        case _:
            return None


def _decided(field: AdField, at: datetime) -> AdField:
    """A call that is on its way may still be answered, so what was attempted stays known."""
    return replace(field, generation=field.generation + 1, next_at=at, suspect=None, seen_at=None, failures=0)
