"""What active hours make of a verdict, in words (semantics 10 and 32)."""

from datetime import UTC, datetime, tzinfo

from weathertrigger.rules.judge import Judgement

Document = dict[str, object]


def spoken_outside(judgement: Judgement) -> str:
    """`Not active: outside its active hours until Mon 2 Mar 06:00 (Europe/Zurich).`"""
    until = judgement.memory.hours_until
    if until is None:
        return "Not active: its active hours and dates are over for good."
    zone = _zone(judgement)
    return f"Not active: outside its active hours until {_local(until, zone)} ({zone})."


def hours_document(judgement: Judgement) -> Document:
    """`{"active": {"within": false, "until": ..., "timezone": "Europe/Zurich"}}`; empty for a rule without hours."""
    if judgement.criteria is None or judgement.criteria.active is None:
        return {}
    memory = judgement.memory
    until = memory.hours_until and memory.hours_until.astimezone(UTC).isoformat(timespec="seconds")
    return {"active": {"within": not memory.outside, "until": until, "timezone": str(_zone(judgement))}}


def _local(when: datetime, zone: tzinfo) -> str:
    local = when.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %H:%M}"


def _zone(judgement: Judgement) -> tzinfo:
    return (judgement.criteria and judgement.criteria.zone) or UTC
