"""Who wins a field, against a plain restatement of semantics 19."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import strategies
from weathertrigger.domain.change import Winner, WinnerClass
from weathertrigger.domain.money import Money
from weathertrigger.domain.rule import (
    ChangeModifier,
    ChangePercent,
    Ending,
    Expression,
    RuleState,
    SetAmount,
    SetModifier,
    SetStatus,
    Status,
)
from weathertrigger.rules.merge import Claim, Resolution, merge, raises

claims = st.lists(
    st.builds(
        Claim,
        rule_id=st.sampled_from("abcdef"),
        priority=st.integers(-1, 1),
        state=st.sampled_from(RuleState),
        expression=st.none() | strategies.expressions,
        otherwise=strategies.otherwises,
        live=st.booleans(),
        retiring=st.booleans(),
        data_lost=st.booleans(),
    ),
    unique_by=lambda claim: claim.rule_id,
    max_size=6,
)


def _restated(all_claims: list[Claim]) -> Resolution:
    """Semantics 19, sentence by sentence, by looking for the best in turn instead of sorting."""

    def best(candidates: list[Claim]) -> Claim | None:
        found = None
        for one in candidates:
            if found is None or (one.priority, found.rule_id) > (found.priority, one.rule_id):
                found = one
        return found

    live = [one for one in all_claims if one.live]
    setting = [one for one in live if one.state is RuleState.ACTIVE and one.expression is not None]
    active = [one for one in setting if not (one.expression and one.data_lost and raises(one.expression))]
    if (winner := best(active)) and winner.expression:
        losers = []
        rest = [one for one in active if one is not winner]
        while loser := best(rest):
            losers.append(loser.rule_id)
            rest.remove(loser)
        return Resolution(Winner(winner.rule_id, WinnerClass.ACTIVE, winner.expression), Ending.BASELINE, tuple(losers))
    explicit = [one for one in live if one.state is not RuleState.UNJUDGED and isinstance(one.otherwise, SetStatus)]
    if (level := best(explicit)) and isinstance(level.otherwise, SetStatus):
        return Resolution(Winner(level.rule_id, WinnerClass.OTHERWISE, level.otherwise))
    last_word = best([one for one in all_claims if one.retiring and isinstance(one.otherwise, SetStatus)])
    if last_word:
        return Resolution(None, last_word.otherwise)
    concerned = [one for one in all_claims if one.live or one.retiring]
    if concerned and {one.otherwise for one in concerned} == {Ending.LEAVE}:
        return Resolution(None, Ending.LEAVE)
    return Resolution(None, Ending.BASELINE)


@given(claims)
def test_merge_says_what_the_sentence_says(some: list[Claim]) -> None:
    """Semantics 19, against a naive restatement."""
    assert merge(some) == _restated(some)


@given(claims, st.data())
def test_neither_order_nor_repetition_matters(some: list[Claim], data: st.DataObject) -> None:
    """Semantics 19: any permutation and duplication of the claims gives the same."""
    again = data.draw(st.lists(st.sampled_from(some))) if some else []
    assert merge(data.draw(st.permutations(some + again))) == merge(some)


@given(claims)
def test_dry_runs_take_no_part(some: list[Claim]) -> None:
    """Semantics 19: a claim that is neither live nor retiring changes nothing."""
    assert merge(some) == merge(one for one in some if one.live or one.retiring)


RAISE = ChangePercent(Decimal(20))
ENABLE = SetStatus(Status.ENABLED)
PAUSE = SetStatus(Status.PAUSED)


def test_losers_are_named() -> None:
    """Semantics 19: the highest priority wins, ties go to the lowest id, losers are `overridden`."""
    low = Claim("a", 1, RuleState.ACTIVE, RAISE, Ending.BASELINE)
    tied = Claim("c", 2, RuleState.ACTIVE, RAISE, Ending.BASELINE)
    first = Claim("b", 2, RuleState.ACTIVE, ENABLE, Ending.BASELINE)
    assert merge([low, tied, first]) == Resolution(Winner("b", WinnerClass.ACTIVE, ENABLE), overridden=("c", "a"))


def test_an_explicit_otherwise_holds_from_the_first_false_verdict() -> None:
    """Semantics 18: level-based, but not before the rule has been judged at all."""
    unjudged = Claim("a", 0, RuleState.UNJUDGED, ENABLE, PAUSE)
    inactive = Claim("a", 0, RuleState.INACTIVE, ENABLE, PAUSE)
    assert merge([unjudged]) == Resolution(None)
    assert merge([inactive]).winner == Winner("a", WinnerClass.OTHERWISE, PAUSE)


def test_the_last_word_of_a_rule_yields_to_a_live_winner() -> None:
    """Semantics 18: a deleted rule's `otherwise` applies once, unless a live rule wins."""
    gone = Claim("a", 9, RuleState.ACTIVE, ENABLE, PAUSE, live=False, retiring=True)
    live = Claim("b", 0, RuleState.ACTIVE, ENABLE, Ending.BASELINE)
    assert merge([gone]) == Resolution(None, PAUSE)
    assert merge([gone, live]).winner == Winner("b", WinnerClass.ACTIVE, ENABLE)


def test_leave_needs_everybody() -> None:
    """Semantics 19: `leave` only if all rules concerned say so, else the baseline."""
    leave = Claim("a", 0, RuleState.INACTIVE, RAISE, Ending.LEAVE)
    baseline = Claim("b", 0, RuleState.INACTIVE, RAISE, Ending.BASELINE)
    assert merge([leave]).resting is Ending.LEAVE
    assert merge([leave, baseline]).resting is Ending.BASELINE
    assert merge([]).resting is Ending.BASELINE


@pytest.mark.parametrize(
    ("expression", "goes_on"),
    [
        (RAISE, False),
        (SetAmount(Money(Decimal(50), "EUR")), False),
        (ChangePercent(Decimal(-20), minimum=Money(Decimal(50), "EUR")), False),
        (ChangePercent(Decimal(-20)), True),
        (SetModifier(Decimal("1.25")), False),
        (ChangeModifier(Decimal(20)), False),
        (ChangeModifier(Decimal(-20), minimum=Decimal("0.8")), False),
        (ChangeModifier(Decimal(-20)), True),
        (PAUSE, True),
    ],
)
def test_without_data_no_raise_goes_on(expression: Expression, *, goes_on: bool) -> None:
    """Semantics 2: a budget that may stand above its baseline is reverted without data; anything else is held."""
    lost = Claim("a", 0, RuleState.ACTIVE, expression, Ending.BASELINE, data_lost=True)
    assert (merge([lost]).winner is not None) is goes_on
