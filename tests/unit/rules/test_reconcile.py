"""The steps of protocol C that a reader should be able to follow one by one; histories are in the file beside this."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.rules.fields import ENABLE, START, STATUS, free, look, owned, plus
from weathertrigger.domain.change import ChangeState, FieldState
from weathertrigger.domain.rule import Ending, ManualChange, SetStatus, Status
from weathertrigger.rules.attempts import may_land
from weathertrigger.rules.reconcile import answered, given_up, refused, unanswered, withdrawn


def test_a_rule_takes_a_free_field() -> None:
    """Semantics 16 and 17: what is found becomes the baseline; the value is computed from it and written."""
    step = look(free(plus(20)), "b0")
    assert (step.change, step.write and step.write.value) == (ChangeState.CALLING, "b0+20%")
    assert (step.field.state, step.field.baseline) == (FieldState.OWNED, "b0")


def test_what_is_so_already_is_not_written() -> None:
    """Semantics 16: equal is `unchanged`, no write; an owned field is read again within the hour (semantics 20)."""
    step = look(free(ENABLE, STATUS), "enabled")
    assert (step.change, step.write) == (ChangeState.UNCHANGED, None)
    assert step.field.next_at == START + timedelta(hours=1)


def test_a_pause_that_was_found_is_put_back_when_the_rule_ends() -> None:
    """Semantics 21: `otherwise: baseline` never enables what was paused at takeover."""
    taken = answered(look(free(ENABLE, STATUS), "paused").field, 1, START)
    step = look(replace(taken, winner=None, generation=2), "enabled", minutes=60)
    assert step.write is not None
    assert step.write.value == "paused"


def test_a_lost_answer_is_read_back_twice() -> None:
    """Semantics 26: a read alone confirms only if it is seen twice, two minutes apart."""
    lost = unanswered(look(free(plus(20)), "b0").field, START)
    assert lost.next_at == START + timedelta(minutes=1)
    first = look(lost, "b0+20%", minutes=1)
    early = look(first.field, "b0+20%", minutes=2)
    second = look(early.field, "b0+20%", minutes=3)
    assert [step.change for step in (first, early, second)] == [None, None, ChangeState.CONFIRMED]
    assert first.field.next_at == early.field.next_at == START + timedelta(minutes=3)


def test_a_lost_write_that_was_not_made_is_made_again() -> None:
    """Semantics 26: after the read-back has shown the old value, the change is decided anew."""
    lost = unanswered(look(free(plus(20)), "b0").field, START)
    again = look(lost, "b0", minutes=1)
    assert again.write is not None
    assert again.write.value == "b0+20%"


def test_a_person_is_believed_at_the_second_look() -> None:
    """Semantics 20: seen in two reads two minutes apart it is held, told once, and nothing is written."""
    first = look(owned(plus(20), confirmed="b0+20%"), "p1")
    second = look(first.field, "p1", minutes=2)
    third = look(replace(second.field, generation=3), "p1", minutes=200)
    assert (first.change, first.write, first.tell) == (None, None, None)
    assert (second.change, second.field.state) == (ChangeState.HELD, FieldState.HELD)
    assert first.why == "p1 dollars is there, which is not ours: looked at again at 00:02:00 UTC"
    assert second.why == second.tell == "somebody set it to p1 dollars while rule rain had the say"
    assert (third.write, third.tell, third.field.next_at) == (None, None, None)


def test_a_flicker_is_no_person() -> None:
    """Semantics 20: a value that is gone at the second look is forgotten, and has to be seen twice anew."""
    first = look(owned(plus(20), confirmed="b0+20%"), "p1")
    back = look(first.field, "b0+20%", minutes=2)
    again = look(back.field, "p1", minutes=62)
    assert (again.change, again.field.state) == (None, FieldState.OWNED)


def test_without_a_rule_a_persons_value_is_adopted() -> None:
    """Semantics 20: where no rule was active the value is adopted, not held."""
    first = look(owned(None, confirmed="b0+20%"), "p1")
    second = look(first.field, "p1", minutes=2)
    assert (second.field.state, second.field.baseline, second.write) == (FieldState.FREE, "p1", None)


def test_an_edit_while_settling_is_what_the_next_rule_builds_on() -> None:
    """Semantics 20: no rule was active when the person changed it, so a rule that begins then takes that value."""
    settling = replace(owned(plus(20), confirmed="b0"), state=FieldState.SETTLING)
    first = look(settling, "p1")
    adopted = look(first.field, "p1", minutes=2)
    taken = look(adopted.field, "p1", minutes=2)
    assert adopted.field.next_at == START + timedelta(minutes=2)
    assert taken.write is not None
    assert taken.write.value == "p1+20%"


def test_a_persons_value_ends_the_last_word_of_a_rule() -> None:
    """Semantics 18 and 20: once adopted, a retiring rule's explicit value is not written over it, doubt or no doubt."""
    retiring = replace(
        owned(None, confirmed="paused", baseline="paused", carrier=STATUS),
        resting=SetStatus(Status.PAUSED),
        attempted="enabled",
        attempted_at=START,
    )
    first = look(retiring, "archived")
    second = look(first.field, "archived", minutes=2)
    assert second.field.state is FieldState.SETTLING
    assert look(second.field, "archived", minutes=62).write is None


def test_what_was_refused_is_not_sent_again() -> None:
    """Protocol C8: a refusal is final for the generation; the field is still read hourly (semantics 20)."""
    step = look(free(plus(20)), "b0")
    after = look(refused(step.field, 1, START), "b0", minutes=60)
    assert (after.write, after.field.next_at) == (None, START + timedelta(minutes=120))
    newer = look(replace(after.field, generation=2, winner=plus(50)), "b0", minutes=60)
    assert newer.write is not None


def test_a_refused_revert_is_tried_hourly() -> None:
    """Protocol C8: the money goes on being spent, so a revert is tried again."""
    step = look(owned(None, confirmed="b0+20%"), "b0+20%")
    field = refused(step.field, 2, START)
    assert field.next_at == START + timedelta(hours=1)
    again = look(field, "b0+20%", minutes=60)
    assert again.write is not None


def test_our_value_stays_ours_when_its_replacement_is_put_off() -> None:
    """Semantics 20: a value that was read as ours is not a person's when the next write could not be made."""
    lost = unanswered(look(free(plus(20)), "b0").field, START)
    revert = look(replace(lost, winner=None, generation=2), "b0+20%", minutes=1)
    put_off = withdrawn(revert.field, 2, START + timedelta(minutes=6))
    again = look(put_off, "b0+20%", minutes=6)
    assert again.write is not None
    assert again.write.value == "b0"


@pytest.mark.parametrize("end", ["put off", "refused", "unanswered"])
def test_a_late_write_that_was_found_is_put_right_in_the_end(end: str) -> None:
    """Semantics 25: found by the hourly look, and put right although the first write of it fails."""
    field = replace(owned(plus(50), confirmed="b0+50%"), applied=2, attempted="b0+20%", attempted_at=START)
    step = look(field, "b0+20%", minutes=60)
    assert step.write is not None
    now = START + timedelta(minutes=60)
    match end:
        case "put off":
            after = withdrawn(step.field, 2, now)
        case "unanswered":
            after = unanswered(step.field, now)
        case _:
            after = refused(replace(step.field, winner=None), 2, now)
    again = look(after, "b0+20%", minutes=70)
    assert again.write is not None


def test_a_doubt_keeps_a_reverted_field_under_watch_for_a_day() -> None:
    """Semantics 25, protocol C9: a raise without an answer may land after the rule has ended, and is reverted."""
    lost = unanswered(look(free(plus(20)), "b0").field, START)
    field = replace(lost, winner=None, generation=2)
    for minutes in (1, 3, 18, 78, 138):
        field = look(field, "b0", minutes=minutes).field
        assert field.state is not FieldState.FREE
    late = look(field, "b0+20%", minutes=198)
    assert late.write is not None
    assert late.write.value == "b0"
    assert look(field, "b0", minutes=24 * 60).field.state is FieldState.FREE


def test_only_enabled_is_recognised_late() -> None:
    """Semantics 20: a person may pause; an old unanswered pause of ours must not make that look like ours."""
    for attempted, ours in (("enabled", True), ("paused", False)):
        other = "paused" if ours else "enabled"
        lost = replace(
            owned(ENABLE, confirmed=other, baseline="archived", carrier=STATUS),
            winner=None,
            resting=SetStatus(Status(other)),
            attempted=attempted,
            attempted_at=START,
        )
        settled = look(look(lost, other).field, other, minutes=2).field
        assert bool(may_land(settled, START + timedelta(minutes=2))) is ours


def test_an_older_sending_of_the_same_value_stays_in_doubt() -> None:
    """Semantics 25: that the second sending was put off says nothing about the first."""
    lost = unanswered(look(free(plus(20)), "b0").field, START)
    put_off = withdrawn(look(lost, "b0", minutes=1).field, 1, START + timedelta(minutes=5))
    ended = replace(put_off, winner=None, generation=2)
    step = look(ended, "b0+20%", minutes=5)
    assert step.write is not None
    assert step.write.value == "b0"


def test_an_answer_to_an_older_decision_leaves_the_newer_due() -> None:
    """Semantics 25: a newer decision supersedes an older one, whatever the older one's answer."""
    calling = replace(look(free(plus(20)), "b0").field, winner=None, generation=2)
    for field in (
        answered(calling, 1, START),
        refused(calling, 1, START),
        withdrawn(calling, 1, START + timedelta(hours=1)),
    ):
        assert (field.next_at, field.applied) == (calling.next_at, 0)
    assert answered(calling, 1, START).confirmed == "b0+20%"


def test_a_settled_field_is_free_after_a_second_look() -> None:
    """Protocol C9: put back, read again after 15 minutes, then free; until then the baseline stands (semantics 17)."""
    revert = look(owned(None, confirmed="b0+20%"), "b0+20%")
    settling = answered(revert.field, 2, START)
    assert (settling.state, settling.next_at) == (FieldState.SETTLING, START + timedelta(minutes=15))
    rule_again = look(replace(settling, winner=plus(50), generation=3), "b0", minutes=15)
    assert rule_again.write is not None
    assert rule_again.write.value == "b0+50%"
    rested = look(settling, "b0", minutes=15).field
    assert (rested.state, rested.next_at) == (FieldState.FREE, None)


def test_leave_writes_nothing_and_keeps_the_baseline_for_the_next_rule() -> None:
    """Semantics 17 and 18: after `leave` the next rule builds on the same baseline, so nothing compounds."""
    ended = replace(owned(None, confirmed="b0+20%"), resting=Ending.LEAVE)
    left = look(ended, "b0+20%")
    assert (left.write, left.field.state, left.change) == (None, FieldState.LEFT, ChangeState.UNCHANGED)
    taken = look(replace(left.field, winner=plus(50), generation=3), "b0+20%", minutes=60)
    assert taken.write is not None
    assert taken.write.value == "b0+50%"
    by_hand = look(replace(left.field, winner=plus(50), generation=3), "p1", minutes=60)
    assert by_hand.field.baseline == "p1"


def test_leave_without_a_live_rule_frees_the_field() -> None:
    """Semantics 17: after `leave` the baseline stands until no live rule is left."""
    left = look(replace(owned(None, confirmed="b0+20%"), resting=Ending.LEAVE), "b0+20%", any_live=False)
    assert left.field.state is FieldState.FREE


def test_leave_with_a_raise_under_way_does_not_forget_whose_it_is() -> None:
    """Semantics 17: a raise that lands after `leave` is ours, so the next rule does not take it for a baseline."""
    lost = unanswered(look(free(plus(20)), "b0").field, START)
    left = look(replace(lost, winner=None, resting=Ending.LEAVE, generation=2), "b0", minutes=1, any_live=False).field
    assert (left.state, left.next_at) == (FieldState.LEFT, START + timedelta(hours=24))
    taken = look(replace(left, winner=plus(50), generation=3), "b0+20%", minutes=60)
    assert taken.write is not None
    assert taken.write.value == "b0+50%"
    assert look(left, "b0", minutes=24 * 60, any_live=False).field.state is FieldState.FREE


@pytest.mark.parametrize("state", [FieldState.FREE, FieldState.LEFT])
def test_nobody_asks_for_anything(state: FieldState) -> None:
    """Protocol C6a: a field at rest without a winner is only marked as decided."""
    field = replace(owned(None, confirmed="b0"), state=state)
    step = look(field, "p1")
    assert (step.field.state, step.field.applied, step.field.next_at) == (state, 2, None)
    assert step.write is None


def test_a_persons_value_that_happens_to_be_the_wanted_one_needs_no_write() -> None:
    """Protocol C6b: with no winner and the value as desired there is nobody to suspect; it counts when seen twice."""
    first = look(owned(None, confirmed="b0+20%"), "b0")
    second = look(first.field, "b0", minutes=2)
    assert (first.write, second.change) == (None, ChangeState.CONFIRMED)
    assert second.field.state is FieldState.SETTLING


def test_a_late_write_over_a_held_value_is_put_back_once_the_field_is_let_go() -> None:
    """Semantics 20 and 25: nothing is written while held, but our own value, last seen within 24 h, stays ours."""
    lost = unanswered(look(free(plus(20)), "b0").field, START)
    held = look(look(lost, "p1", minutes=1).field, "p1", minutes=3).field
    assert (held.state, held.next_at) == (FieldState.HELD, START + timedelta(minutes=63))
    landed = look(held, "b0+20%", minutes=23 * 60)
    assert landed.write is None
    let_go = replace(landed.field, state=FieldState.SETTLING, baseline="p1", winner=None, generation=2)
    step = look(let_go, "b0+20%", minutes=40 * 60)
    assert step.write is not None
    assert step.write.value == "p1"
    assert look(held, "p1", minutes=25 * 60).field.next_at is None


def test_two_raises_without_an_answer_are_both_known_when_they_land() -> None:
    """Semantics 20 and 25: each older attempt is ours for a day, also once another value was confirmed after it."""
    first = unanswered(look(free(plus(20)), "b0").field, START)
    second = unanswered(look(replace(first, winner=plus(50), generation=2), "b0", minutes=1).field, START)
    third = look(replace(second, winner=plus(70), generation=3), "b0", minutes=2)
    confirmed = answered(third.field, 3, START + timedelta(minutes=2))
    for late in ("b0+20%", "b0+50%"):
        step = look(confirmed, late, minutes=62)
        assert step.write is not None
        assert step.write.value == "b0+70%"
    a_day_on = look(confirmed, "b0+20%", minutes=25 * 60)
    assert (a_day_on.write, a_day_on.field.suspect) == (None, "b0+20%")


def test_a_raise_that_was_sent_twice_may_land_after_its_revert() -> None:
    """Semantics 25: the second sending was answered, the first still is not; it lands when the rule has ended."""
    lost = unanswered(look(free(plus(20)), "b0").field, START)
    raised = answered(look(lost, "b0", minutes=1).field, 1, START + timedelta(minutes=1))
    revert = look(replace(raised, winner=None, generation=2), "b0+20%", minutes=30)
    settling = answered(revert.field, 2, START + timedelta(minutes=30))
    settled = look(settling, "b0", minutes=45)
    late = look(settled.field, "b0+20%", minutes=105)
    assert settled.field.state is FieldState.SETTLING
    assert late.write is not None
    assert late.write.value == "b0"


def test_a_late_revert_on_a_raise_is_a_persons_until_the_baseline_is_another() -> None:
    """Semantics 20: the baseline is never known as ours, since people put it back too; an earlier baseline is."""
    revert = unanswered(look(owned(None, confirmed="b0+20%"), "b0+20%").field, START)
    again = look(replace(revert, winner=plus(50), generation=3), "b0+20%", minutes=1)
    raised = answered(again.field, 3, START + timedelta(minutes=1))
    late = look(raised, "b0", minutes=61)
    assert (late.write, late.field.suspect) == (None, "b0")
    on_another = replace(raised, baseline="p1", confirmed="p1+50%")
    put_right = look(on_another, "b0", minutes=61)
    assert put_right.write is not None
    assert put_right.write.value == "p1+50%"


def test_a_rule_that_reasserts_writes_over_a_person() -> None:
    """Semantics 20, `reassert`: at the second look, told once for each edit; a flicker is no edit here either."""
    owning = owned(plus(20), confirmed="b0+20%")
    first = look(owning, "p1", on_manual_change=ManualChange.REASSERT)
    second = look(first.field, "p1", minutes=2, on_manual_change=ManualChange.REASSERT)
    assert (first.write, first.tell) == (None, None)
    assert second.write is not None
    assert (second.write.value, second.field.state) == ("b0+20%", FieldState.OWNED)
    assert second.tell is not None
    assert "reassert" in second.tell
    written = answered(second.field, 2, START + timedelta(minutes=2))
    assert look(written, "b0+20%", minutes=62, on_manual_change=ManualChange.REASSERT).tell is None


def test_nothing_is_reasserted_where_no_rule_is_active() -> None:
    """Semantics 20: where no rule was active a person's value is adopted, whatever the rule says."""
    first = look(owned(None, confirmed="b0+20%"), "p1", on_manual_change=ManualChange.REASSERT)
    second = look(first.field, "p1", minutes=2, on_manual_change=ManualChange.REASSERT)
    assert (second.field.state, second.field.baseline, second.write) == (FieldState.FREE, "p1", None)


def test_what_was_given_up_may_still_land() -> None:
    """Semantics 25: a change that is sent no more was sent before, and its value is put right when it lands late."""
    lost = unanswered(look(free(plus(20)), "b0").field, START)
    over = given_up(lost, 1, START + timedelta(minutes=1))
    ended = look(replace(over, winner=None, generation=2), "b0", minutes=2)
    assert ended.field.state is not FieldState.FREE
    late = look(ended.field, "b0+20%", minutes=60)
    assert late.write is not None
    assert late.write.value == "b0"
