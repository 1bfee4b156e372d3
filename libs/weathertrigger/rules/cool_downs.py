"""Whether a write goes out now, given the calls before it (semantics 24). Pure.

A raise lets more be spent than before: a higher amount, or `enabled`. Between two raises of a field passes a cool-down.
Where the platform bounds how often a field is changed, every write of a rule leaves one change for the way back, so
that this one never has to wait.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from weathertrigger.domain.change import AdField, ChangeLimit
from weathertrigger.domain.rule import FieldName, Status

_COUNTED_LATER = timedelta(seconds=30)
"""A platform may count a change that much later than it left here."""


@dataclass(frozen=True, slots=True)
class Made:
    """A call that has changed the field, or may have: when it left, for which decision, from what to what."""

    at: datetime
    generation: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Held:
    """Until when a write waits, and why."""

    until: datetime
    why: str


def held(
    field: AdField,
    write: tuple[str, str],
    made: Sequence[Made],
    *,
    now: datetime,
    cool_down: timedelta,
    limit: ChangeLimit | None,
) -> Held | None:
    """What holds this write (from, to) back, if anything does. What goes back or pauses is never held."""
    if field.is_urgent or write[1] == field.baseline:
        return None
    waits = [_for_cool_down(field, write, made, cool_down), _for_limit(made, limit, now)]
    return max((one for one in waits if one and one.until > now), key=lambda one: one.until, default=None)


def is_raise(field: FieldName, before: str, after: str) -> bool:
    """Whether more may be spent after it than before."""
    if field is FieldName.STATUS:
        return after == Status.ENABLED != before
    return Decimal(after) > Decimal(before)


def _for_cool_down(field: AdField, write: tuple[str, str], made: Sequence[Made], cool_down: timedelta) -> Held | None:
    """Attempts of the same decision are one raise, however often it has to be sent."""
    name = field.carrier.field
    if not is_raise(name, *write):
        return None
    raises = [one.at for one in made if one.generation != field.generation and is_raise(name, one.before, one.after)]
    if not raises:
        return None
    return Held(max(raises) + cool_down, f"it was raised at {max(raises):%H:%M:%S} UTC")


def _for_limit(made: Sequence[Made], limit: ChangeLimit | None, now: datetime) -> Held | None:
    if limit is None:
        return None
    window = limit.window + _COUNTED_LATER
    counted = sorted(one.at for one in made if one.at > now - window)
    may_be_there = max(limit.changes - 2, 0)
    if len(counted) <= may_be_there:
        return None
    minutes = limit.window // timedelta(minutes=1)
    why = (
        f"{len(counted)} of the {limit.changes} changes that the platform allows in {minutes} min are used, and one is "
        "kept for the way back"
    )
    return Held(counted[len(counted) - may_be_there - 1] + window, why)
