"""Protocol C, steps 6, 8 and 9, as pure functions: what to do about a field, given what the platform shows.

Every function takes the field as PostgreSQL has it and gives the field as it is to be stored. Each result has set
`next_at`, the time of the next look, or None when there is nothing left to look for.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from weathertrigger.domain.change import AdField, ChangeState, FieldState
from weathertrigger.domain.rule import Ending, ManualChange
from weathertrigger.rules.attempts import DOUBT, is_ours, may_land, over, put_aside, seen
from weathertrigger.rules.desired import Desired
from weathertrigger.rules.wanted import Compute, wanted

SECOND_LOOK = timedelta(minutes=2)
"""A value that is not ours, or not confirmed, counts only if it is still there after this long (semantics 20, 26)."""
OWNED_LOOK = timedelta(hours=1)
NO_ANSWER_LOOK = timedelta(minutes=1)
SETTLING_LOOK = timedelta(minutes=15)
_GONE = "gone"  # as `suspect`; no field has it as a value


@dataclass(frozen=True, slots=True)
class Step:
    """The field's next row; what became of the wanted change, if that is decided; what to write, if anything; what the
    owner is told; `already`: what is wanted and is so already; `why` a change waits or leaves a person's value, which
    it keeps."""

    field: AdField
    change: ChangeState | None = None
    write: Desired | None = None
    tell: str | None = None
    already: Desired | None = None
    why: str | None = None


def reconcile(
    field: AdField,
    observed: str,
    *,
    now: datetime,
    compute: Compute,
    speak: Callable[[str], str],
    any_live: bool,
    on_manual_change: ManualChange = ManualChange.YIELD,
) -> Step:
    """C6: the field and what was read, to the next step. `any_live`: a live rule still targets the field;
    `on_manual_change`: what the winning rule does when a person changes it; `speak`: a value as people write it."""
    field = seen(field, observed, now)
    if field.state is FieldState.HELD:
        return _held(field, observed, now, speak)
    if field.state in {FieldState.FREE, FieldState.LEFT}:
        if field.winner is None:
            return _at_rest(field, now, any_live=any_live)
        field = _take(field, observed, now)
    desired = wanted(field, compute)
    if not is_ours(field, observed, now) and not (field.winner is None and desired and observed == desired.value):
        step = _somebody_else(field, observed, now, speak)
        is_held = step.change is ChangeState.HELD and on_manual_change is ManualChange.REASSERT
        return _reasserted(_write(field, desired, observed, now), step, speak) if is_held and desired else step
    if desired is None:
        return _at_rest(replace(field, confirmed=observed), now, any_live=any_live)
    if observed == desired.value:
        return replace(_equal(field, observed, now), already=desired)
    return _write(field, desired, observed, now)


def gone(field: AdField, now: datetime) -> Step:
    """C5, C9: no rule has the say, and the platform says that the entity is deleted. As anything that a person does, it
    counts when it was seen twice; then nothing is left to put back, and nothing that could still land."""
    if not _seen_twice(field, _GONE, now):
        return Step(_look_again(field, _GONE, now))
    at_rest = field.state in {FieldState.FREE, FieldState.LEFT, FieldState.HELD} or field.resting is Ending.LEAVE
    is_back = field.applied == field.generation or (at_rest and field.ordered is None)
    ended = replace(_looked(over(field)), state=FieldState.FREE, held_reason=None, ordered=None, unanswered=())
    ended = replace(ended, applied=field.generation, next_at=None)
    return Step(ended, ChangeState.UNCHANGED if is_back else ChangeState.REJECTED)


def answered(field: AdField, generation: int, now: datetime) -> AdField:
    """C8, success: the platform took the value that was sent for this generation."""
    field = _looked(over(replace(field, confirmed=field.attempted)))
    if field.generation != generation:
        return field
    return _confirmed(field, now, looked=False)


def refused(field: AdField, generation: int, now: datetime) -> AdField:
    """C8, rejected: final for the generation; a revert is tried again hourly."""
    field = _looked(over(field))
    if field.generation != generation:
        return field
    return replace(field, applied=generation if field.winner else field.applied, next_at=now + OWNED_LOOK)


def given_up(field: AdField, generation: int, now: datetime) -> AdField:
    """C5, C6: as refused, before anything was sent; what was sent before may still land."""
    return refused(put_aside(field), generation, now)


def unanswered(field: AdField, now: datetime) -> AdField:
    """C8, no answer: read back in a minute, before anything else is done."""
    return replace(field, failures=field.failures + 1, next_at=now + NO_ANSWER_LOOK)


def withdrawn(field: AdField, generation: int, next_at: datetime) -> AdField:
    """C7, C8: the write did not happen; it is decided anew then, or now if there is a newer decision."""
    field = _looked(over(field))
    return replace(field, next_at=next_at) if field.generation == generation else field


def _looked(field: AdField) -> AdField:
    return replace(field, suspect=None, seen_at=None, failures=0)


def _take(field: AdField, observed: str, now: datetime) -> AdField:
    """C6a: the value found becomes the baseline, unless it is what a rule left there (semantics 17)."""
    field = replace(field, applied=min(field.applied, field.generation - 1))  # a refusal does not outlast a rest
    if field.state is FieldState.LEFT and is_ours(field, observed, now):
        return replace(field, state=FieldState.OWNED)
    return replace(_looked(put_aside(field)), state=FieldState.OWNED, baseline=observed, confirmed=observed)


def _at_rest(field: AdField, now: datetime, *, any_live: bool) -> Step:
    """C6a and `leave`: no write. The baseline stands while a live rule is left, or an attempt that may still land."""
    field = _looked(put_aside(field))
    landing = may_land(field, now) if field.state is not FieldState.FREE else ()
    left = any_live and field.state is not FieldState.FREE
    next_at = max(one.at for one in landing) + DOUBT if landing and not any_live else None
    state = FieldState.LEFT if left or landing else FieldState.FREE
    return Step(replace(field, state=state, applied=field.generation, next_at=next_at), ChangeState.UNCHANGED)


def _hold(field: AdField, now: datetime) -> AdField:
    """C6a: nothing is written. A late write of ours is only remembered as ours: the field may be put back one day."""
    next_at = now + OWNED_LOOK if may_land(field, now) else None
    return replace(field, applied=field.generation, next_at=next_at)


def _held(field: AdField, observed: str, now: datetime, speak: Callable[[str], str]) -> Step:
    """C6a: no write, unless a person ordered a value (semantics 29): it is written over nothing but what they saw."""
    ordered = field.ordered
    if ordered is None:
        return Step(_hold(field, now), ChangeState.HELD)
    if observed == ordered:
        return _equal(field, observed, now)
    if is_ours(field, observed, now):
        return _write(field, Desired(ordered, "put back"), observed, now)
    if not _seen_twice(field, observed, now):
        return _suspicion(field, observed, now, speak)
    reason = f"somebody set it to {speak(observed)} before it was put back to {speak(ordered)}"
    held = replace(_looked(put_aside(field)), confirmed=observed, ordered=None, held_reason=reason)
    return Step(_hold(held, now), ChangeState.HELD, tell=reason, why=reason)


def _was_refused(field: AdField, observed: str) -> bool:
    """C8: this generation was decided and changed nothing, so its value must have been refused for good."""
    decided = field.state is FieldState.OWNED and field.applied == field.generation
    return decided and field.winner is not None and observed == field.confirmed


def _seen_twice(field: AdField, observed: str, now: datetime) -> bool:
    return field.suspect == observed and field.seen_at is not None and now - field.seen_at >= SECOND_LOOK


def _look_again(field: AdField, observed: str, now: datetime) -> AdField:
    seen_at = field.seen_at if field.suspect == observed and field.seen_at else now
    return replace(field, suspect=observed, seen_at=seen_at, next_at=seen_at + SECOND_LOOK)


def _suspicion(field: AdField, observed: str, now: datetime, speak: Callable[[str], str]) -> Step:
    """C6b, the first look. A change whose call was not answered goes on saying that."""
    suspected = _look_again(field, observed, now)
    why = f"{speak(observed)} is there, which is not ours: looked at again at {suspected.next_at:%H:%M:%S} UTC"
    return Step(suspected, why=why if field.attempted is None else None)


def _somebody_else(field: AdField, observed: str, now: datetime, speak: Callable[[str], str]) -> Step:
    """C6b: not our value. Once is a suspicion; twice is a person, whose value is held or, with no rule, adopted."""
    if not _seen_twice(field, observed, now):
        return _suspicion(field, observed, now, speak)
    if field.winner and field.state is FieldState.OWNED:
        reason = f"somebody set it to {speak(observed)} while rule {field.winner.rule_id} had the say"
        held = replace(_looked(put_aside(field)), state=FieldState.HELD, confirmed=observed, held_reason=reason)
        return Step(_hold(held, now), ChangeState.HELD, tell=reason, why=reason)
    adopted = replace(_looked(put_aside(field)), baseline=observed, confirmed=observed, ordered=None)
    adopted = replace(adopted, resting=Ending.BASELINE)
    doubtful = bool(may_land(adopted, now))
    adopted = replace(adopted, state=FieldState.SETTLING if doubtful else FieldState.FREE)
    if field.winner:
        return Step(replace(adopted, next_at=now))
    next_at = now + OWNED_LOOK if doubtful else None
    adopted = replace(adopted, applied=field.generation, next_at=next_at)
    return Step(adopted, ChangeState.UNCHANGED, why=f"somebody set it to {speak(observed)}, which stays")


def _reasserted(writing: Step, held: Step, speak: Callable[[str], str]) -> Step:
    """Semantics 20, `reassert`: where the field would be held, it is written again."""
    again = f"it is set to {speak(writing.write.value)} again" if writing.write else "it stays"
    return replace(writing, tell=f"{held.tell}; the rule says reassert, so {again}")


def _equal(field: AdField, observed: str, now: datetime) -> Step:
    """C6d: already so. A value whose answer never came counts only when seen twice (semantics 26)."""
    in_doubt = field.attempted is not None or any(one.value != observed for one in may_land(field, now))
    certain = field.confirmed == observed and (not in_doubt or field.applied == field.generation)
    if not certain and not _seen_twice(field, observed, now):
        return Step(_look_again(field, observed, now))
    change = ChangeState.UNCHANGED if certain else ChangeState.CONFIRMED
    field = over(field) if field.attempted == observed else put_aside(field)
    return Step(_confirmed(_looked(replace(field, confirmed=observed)), now, looked=True), change)


def _write(field: AdField, desired: Desired, observed: str, now: datetime) -> Step:
    """C6d: not so yet. What is there is ours, and stays known as ours until the answer has come."""
    if _was_refused(field, observed):
        return Step(replace(_looked(field), next_at=now + OWNED_LOOK))
    calling = replace(
        put_aside(field),
        state=_while_calling(field),
        confirmed=observed,
        attempted=desired.value,
        attempted_at=now,
        suspect=None,
        seen_at=None,
        applied=min(field.applied, field.generation - 1),
        next_at=now + NO_ANSWER_LOOK,
    )
    return Step(calling, ChangeState.CALLING, write=desired)


def _while_calling(field: AdField) -> FieldState:
    if field.state is FieldState.HELD:
        return FieldState.HELD
    return FieldState.OWNED if field.winner else FieldState.SETTLING


def _confirmed(field: AdField, now: datetime, *, looked: bool) -> AdField:
    """As desired and certain. With a winner: look hourly. Without (C9): settle, look until no doubt is left, free. What
    a person ordered is held."""
    if field.ordered is not None:
        field = replace(field, ordered=None)
        if field.state is FieldState.HELD:
            return _hold(field, now)
    was_settled = looked and field.state is FieldState.SETTLING and field.applied == field.generation
    doubtful = bool(may_land(field, now))
    field = replace(field, applied=field.generation)
    if field.winner:
        return replace(field, state=FieldState.OWNED, next_at=now + OWNED_LOOK)
    if was_settled and not doubtful:
        return replace(field, state=FieldState.FREE, next_at=None)
    return replace(field, state=FieldState.SETTLING, next_at=now + (OWNED_LOOK if was_settled else SETTLING_LOOK))
