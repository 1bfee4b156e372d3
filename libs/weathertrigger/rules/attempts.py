"""Values that were sent and never answered: each may land for a day, and is then known as ours (semantics 20, 25)."""

from dataclasses import replace
from datetime import datetime, timedelta

from weathertrigger.domain.change import AdField, Attempt
from weathertrigger.domain.rule import FieldName, Status

DOUBT = timedelta(hours=24)
"""How long an attempt without an answer may still land, since it was made or last seen."""


def is_ours(field: AdField, observed: str, now: datetime) -> bool:
    """C6b: the last confirmed value, the one attempted since, or an older attempt that may still land: never the
    baseline, to which people put values back."""
    if observed in {field.confirmed, field.attempted}:
        return True
    return observed != field.baseline and any(one.value == observed for one in may_land(field, now))


def may_land(field: AdField, now: datetime) -> tuple[Attempt, ...]:
    """C9: older attempts that may still land. Of a status only `enabled` is known as ours, since people pause."""
    is_status = field.carrier.field is FieldName.STATUS
    young = (one for one in field.unanswered if now - one.at < DOUBT)
    return tuple(one for one in young if not is_status or one.value == Status.ENABLED)


def put_aside(field: AdField) -> AdField:
    """The value attempted last becomes an older attempt: another one is wanted by now, and no answer has come."""
    if field.attempted is None or field.attempted_at is None:
        return field
    return _remembered(over(field), Attempt(field.attempted, field.attempted_at))


def over(field: AdField) -> AdField:
    """The value attempted last was answered, read back, or never sent; older attempts may still land."""
    return replace(field, attempted=None, attempted_at=None)


def seen(field: AdField, observed: str, now: datetime) -> AdField:
    """An older attempt that has just landed may be seen for another day; those whose day is over are forgotten."""
    field = replace(field, unanswered=tuple(one for one in field.unanswered if now - one.at < DOUBT))
    has_landed = observed != field.confirmed and any(one.value == observed for one in field.unanswered)
    return _remembered(field, Attempt(observed, now)) if has_landed else field


def _remembered(field: AdField, attempt: Attempt) -> AdField:
    others = tuple(one for one in field.unanswered if one.value != attempt.value)
    return replace(field, unanswered=(*others, attempt))
