"""What a person decides about a field, step by step: undo, release, rebaseline (semantics 20 and 29)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.rules.fields import ENABLE, START, STATUS, free, look, owned, plus
from weathertrigger.domain.change import AdField, ChangeState, FieldState
from weathertrigger.domain.rule import Ending
from weathertrigger.planning import decide
from weathertrigger.rules.by_people import rebaselined, refusal_to_rebaseline, released, undone
from weathertrigger.rules.merge import Resolution
from weathertrigger.rules.reconcile import answered, refused, unanswered, withdrawn

ORDERED = undone(owned(plus(20), confirmed="b0+20%"), observed="b0+20%", before="b0", reason="undone by anna", at=START)
NOBODY = Resolution(None)


def test_an_undo_is_written_and_then_held() -> None:
    """Semantics 29: back to the value of before, though the rule still fires; then nothing is written."""
    assert (ORDERED.state, ORDERED.next_at, ORDERED.generation) == (
        FieldState.HELD,
        START,
        3,
    )
    sent = look(ORDERED, "b0+20%")
    assert (sent.write and sent.write.value, sent.change, sent.field.state) == (
        "b0",
        ChangeState.CALLING,
        FieldState.HELD,
    )
    done = answered(sent.field, ORDERED.generation, START)
    assert (done.state, done.confirmed, done.ordered, done.next_at) == (FieldState.HELD, "b0", None, None)
    assert look(done, "b0", minutes=60).write is None
    assert done.held_reason == "undone by anna"


def test_an_undo_is_not_held_back() -> None:
    """Semantics 24: it goes back to what was before, so it goes first."""
    assert ORDERED.is_urgent


def test_an_undo_overwrites_nothing_but_what_was_seen() -> None:
    """Semantics 29: a person's value that came since, seen twice, is held instead."""
    first = look(ORDERED, "p1")
    second = look(first.field, "p1", minutes=2)
    assert (first.write, second.write) == (None, None)
    held = second.field
    assert (held.state, held.confirmed, held.ordered, second.change) == (FieldState.HELD, "p1", None, ChangeState.HELD)
    assert second.tell == held.held_reason == "somebody set it to p1 dollars before it was put back to b0 dollars"


def test_a_forced_undo_overwrites_what_the_person_saw() -> None:
    """Semantics 29: with `--force` what was shown counts as ours."""
    forced = undone(owned(plus(20), confirmed="b0+20%"), observed="p1", before="b0", reason="undone", at=START)
    sent = look(forced, "p1")
    assert sent.write is not None
    assert sent.write.value == "b0"


def test_an_undo_whose_answer_is_lost() -> None:
    """Semantics 26: read back, twice, before it is believed; not so, it is sent again."""
    lost = unanswered(look(ORDERED, "b0+20%").field, START)
    again = look(lost, "b0+20%", minutes=1)
    assert again.write is not None
    first = look(lost, "b0", minutes=1)
    second = look(first.field, "b0", minutes=3)
    assert (first.change, second.change) == (None, ChangeState.CONFIRMED)
    assert (second.field.state, second.field.ordered) == (FieldState.HELD, None)


@pytest.mark.parametrize("end", [refused, withdrawn])
def test_an_undo_that_did_not_happen_is_tried_again(end: object) -> None:
    """C8: a limit, a pause, a refusal: what was ordered stays ordered."""
    sent = look(ORDERED, "b0+20%").field
    after = end(sent, sent.generation, START + timedelta(hours=1))  # type: ignore[operator]  # both take these
    assert (after.ordered, after.state) == ("b0", FieldState.HELD)
    assert after.next_at is not None
    again = look(after, "b0+20%", minutes=60)
    assert again.write is not None


def test_an_undo_is_overtaken_by_the_end_of_the_rule() -> None:
    """Semantics 20: when the verdict changes, what the person ordered is the baseline, also if it is not there yet."""
    ended = decide(ORDERED, NOBODY, START, any_live=True)
    assert (ended.state, ended.baseline, ended.ordered) == (FieldState.SETTLING, "b0", None)
    sent = look(ended, "b0+20%")
    assert sent.write is not None
    assert sent.write.value == "b0"


LEAVES = Resolution(None, Ending.LEAVE)


@pytest.mark.parametrize("released_first", [False, True])
def test_an_undo_is_carried_out_where_the_rule_ends_with_leave(released_first: bool) -> None:
    """Semantics 18 and 29: `leave` leaves what the person ordered, and not the raise that is still there."""
    ended = decide(ORDERED, LEAVES, START, any_live=True)
    if released_first:
        settled = undone(owned(None, confirmed="b0+20%"), observed="b0+20%", before="b0", reason="undone", at=START)
        ended = released(replace(settled, resting=Ending.LEAVE), START)
    again = decide(ended, LEAVES, START, any_live=True)  # another check of a rule on it
    sent = look(again, "b0+20%")
    assert (sent.write and sent.write.value, sent.field.state) == ("b0", FieldState.SETTLING)
    done = look(answered(sent.field, sent.field.generation, START), "b0", minutes=16)
    assert (done.write, done.field.state, done.field.ordered) == (None, FieldState.LEFT, None)


def test_an_undo_that_was_left_gives_way() -> None:
    """Semantics 19 and 20: to the next rule, which counts from the ordered value, and to a person's value."""
    ended = decide(ORDERED, LEAVES, START, any_live=True)
    won = decide(ended, Resolution(plus(50, "heat")), START, any_live=True)
    sent = look(won, "b0+20%").write
    assert (won.ordered, sent and sent.value) == (None, "b0+50%")
    seen = look(look(ended, "p1").field, "p1", minutes=2)
    assert (seen.write, seen.field.ordered, seen.field.baseline) == (None, None, "p1")


def test_the_undo_of_a_way_back() -> None:
    """Semantics 29: undone while no rule is active: the raise comes back, is held, and is the next baseline."""
    settled = owned(None, confirmed="b0")
    ordered = undone(settled, observed="b0", before="b0+20%", reason="undone", at=START)
    done = answered(look(ordered, "b0").field, ordered.generation, START)
    assert (done.state, done.confirmed) == (FieldState.HELD, "b0+20%")
    wins = Resolution(plus(10))
    assert decide(done, wins, START, any_live=True).baseline == "b0+20%"


def test_a_free_field_may_be_undone() -> None:
    """It has no baseline, or that of long ago; what was before is one."""
    ordered = undone(free(None), observed="x", before="y", reason="undone", at=START)
    assert (ordered.baseline, look(ordered, "x").write is not None) == ("y", True)


def test_a_release_gives_the_field_back() -> None:
    """Semantics 20: the held value is the baseline, and the rule counts from it."""
    held = replace(owned(plus(20), confirmed="p1"), state=FieldState.HELD, held_reason="somebody set it to p1")
    back = released(held, START)
    assert (back.state, back.baseline, back.held_reason, back.generation) == (
        FieldState.SETTLING,
        "p1",
        None,
        held.generation + 1,
    )
    step = look(back, "p1")
    assert (step.write and step.write.value, step.field.state) == ("p1+20%", FieldState.OWNED)


def test_the_release_of_an_undo_does_not_compound() -> None:
    """Semantics 17: what the person ordered counts, and not the raise that is still there."""
    back = released(ORDERED, START)
    assert (back.baseline, back.ordered) == ("b0", None)
    assert look(back, "b0+20%").write is None


def settling(baseline: str = "b0") -> AdField:
    return replace(owned(None, confirmed="b0+20%"), state=FieldState.SETTLING, baseline=baseline)


def test_what_is_being_put_back_may_stay() -> None:
    """A rebaseline ends a way back where it is."""
    kept = rebaselined(settling(), "b0+20%", START)
    assert look(kept, "b0+20%").write is None


def test_an_absolute_value_may_be_what_comes_back() -> None:
    """The rule goes on as it does; at its end what was seen comes back."""
    field = rebaselined(owned(ENABLE, confirmed="enabled", baseline="paused", carrier=STATUS), "enabled", START)
    assert look(field, "enabled").write is None
    ended = decide(field, NOBODY, START, any_live=True)
    assert look(ended, "enabled").write is None


@pytest.mark.parametrize(
    ("field", "words"),
    [
        (free(None), "its baseline is read when a rule takes it"),
        (ORDERED, "`fields release`"),
        (owned(plus(20), confirmed="b0+20%"), "changes it by a percentage"),
        (settling(), None),
        (replace(settling(), state=FieldState.LEFT), None),
        (owned(ENABLE, confirmed="enabled", carrier=STATUS), None),
    ],
)
def test_where_a_rebaseline_means_something(field: AdField, words: str | None) -> None:
    """It never makes a percentage count from what is changed already."""
    said = refusal_to_rebaseline(field)
    assert said is None if words is None else said is not None and words in said


@given(st.lists(st.sampled_from(["b0", "b0+20%", "p1", "p2"]), max_size=12), st.booleans())
def test_an_undo_ends(shown: list[str], lost: bool) -> None:
    """Whatever the platform shows, every write of an undo is the value of before, over what was seen; and what is done
    is held for good."""
    field, minutes = ORDERED, 0
    for value in shown:
        minutes += 3
        step = look(field, value, minutes=minutes)
        if step.write:
            assert step.write.value == "b0"
            assert value == "b0+20%"
        at = START + timedelta(minutes=minutes)
        sent = unanswered(step.field, at) if lost else answered(step.field, step.field.generation, at)
        was_open = field.ordered is not None
        field = sent if step.write else step.field
        assert field.state is FieldState.HELD
        assert was_open or field.ordered is None
