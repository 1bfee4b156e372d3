"""What holds make of a verdict, in words (semantics 8 and 32)."""

from datetime import UTC, datetime

from weathertrigger.domain.rule import RuleState
from weathertrigger.rules.judge import Judgement
from weathertrigger.rules.remember import NO_DATA_LIMIT
from weathertrigger.rules.wording import spoken_length, spoken_time

Document = dict[str, object]

NOT_YET, STILL = "Not active yet", "Still active"


def held_verdict(judgement: Judgement) -> str | None:
    """What stands in the place of `Fired` and `Did not fire` where the state is another one than the condition's."""
    if judgement.truth is True and judgement.memory.met_since:
        return NOT_YET
    return STILL if judgement.truth is False and judgement.memory.ended_at else None


def spoken_hold(judgement: Judgement, at: datetime) -> str:
    """` The rule stays active until 15:06 UTC.`, or what else a hold has to say; mostly nothing."""
    after, hold = judgement.memory, judgement.hold
    if judgement.truth is None:
        return _spoken_without_verdict(judgement)
    if after.met_since:
        return f" The rule becomes active at {spoken_time(after.met_since + hold.wait, at)} if it stays so."
    return f" The rule stays active until {spoken_time(after.ended_at + hold.keep, at)}." if after.ended_at else ""


def _spoken_without_verdict(judgement: Judgement) -> str:
    before, after = judgement.before, judgement.memory
    so_long = f"there has been no verdict for {spoken_length(NO_DATA_LIMIT)}"
    if before.state is RuleState.ACTIVE and after.state is RuleState.INACTIVE:
        kept = f"it was kept for {spoken_length(judgement.hold.keep)} after its condition had ended"
        return f" The rule ends: {kept if before.ended_at else so_long}."
    return f" What the rule raised is put back: {so_long}." if after.data_lost and not before.data_lost else ""


def hold_document(judgement: Judgement) -> Document:
    """`{"hold": {"for": "60 min", "met_since": ..., "active_from": ...}}`; empty where nothing is held."""
    memory, hold = judgement.memory, judgement.hold
    if memory.met_since:
        times = {"met_since": memory.met_since, "active_from": memory.met_since + hold.wait}
        return {"hold": {"for": spoken_length(hold.wait), **{key: _written(time) for key, time in times.items()}}}
    if memory.ended_at:
        times = {"ended_at": memory.ended_at, "kept_until": memory.ended_at + hold.keep}
        return {"hold": {"keep_for": spoken_length(hold.keep), **{key: _written(time) for key, time in times.items()}}}
    return {}


def _written(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="seconds")
