"""Semantics 19 over every state of up to four rules on one field: nothing is drawn, everything is tried.

A rule is one of the kinds below, by its rank on the field. What each of them says is written down by hand; who wins is
read off these words. Neither shares a line with `merge`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import permutations, product

from weathertrigger.domain.change import Winner, WinnerClass
from weathertrigger.domain.rule import ChangePercent, Ending, Expression, Otherwise, RuleState, SetStatus, Status
from weathertrigger.rules.merge import Claim, Resolution, merge

RAISE, CUT = ChangePercent(Decimal(20)), ChangePercent(Decimal(-20))
PAUSE = SetStatus(Status.PAUSED)
ENDINGS: tuple[Otherwise, ...] = (Ending.BASELINE, Ending.LEAVE, PAUSE)


@dataclass(frozen=True)
class Kind:
    """A rule in one state, and in words: what it `wants` now, what it `holds` while inactive, its `last` word, and
    whether it `is_asked` when nobody wins."""

    state: RuleState
    expression: Expression | None
    otherwise: Otherwise
    live: bool
    retiring: bool = False
    data_lost: bool = False
    wants: Expression | None = None
    holds: Otherwise | None = None
    last: Otherwise | None = None
    is_asked: bool = True

    def claim(self, rule_id: str, priority: int) -> Claim:
        return Claim(
            rule_id, priority, self.state, self.expression, self.otherwise, self.live, self.retiring, self.data_lost
        )


def _kinds() -> Iterator[Kind]:
    active, inactive, unjudged = RuleState.ACTIVE, RuleState.INACTIVE, RuleState.UNJUDGED
    for end in ENDINGS:
        held = end if end == PAUSE else None
        yield Kind(active, RAISE, end, live=True, wants=RAISE, holds=held)
        yield Kind(active, CUT, end, live=True, data_lost=True, wants=CUT, holds=held)  # no raise, so it goes on
        yield Kind(active, RAISE, end, live=True, data_lost=True, holds=held)
        yield Kind(active, None, end, live=True, holds=held)  # its case does not set the field
        yield Kind(inactive, RAISE, end, live=True, holds=held)
        yield Kind(unjudged, RAISE, end, live=True)
        yield Kind(active, RAISE, end, live=False, retiring=True, last=held)
        yield Kind(inactive, RAISE, end, live=False, retiring=True, last=held)
    yield Kind(active, RAISE, Ending.LEAVE, live=False, is_asked=False)  # a dry run
    yield Kind(inactive, RAISE, PAUSE, live=False, is_asked=False)


KINDS = tuple(_kinds())
OF_FOUR = [
    one
    for one in KINDS
    if one.expression == RAISE
    if not one.data_lost
    if not one.retiring or one.state is RuleState.ACTIVE
    if one.is_asked or one.state is RuleState.ACTIVE
]
"""Every state and ending; left to three rules are those that come to the same words for another reason."""
NAMES = "abcd"


def expected(ranked: Sequence[Kind], names: Sequence[str]) -> Resolution:
    """Read off the words of the rules, which come in the order of their ranks."""
    wanting = [(name, one.wants) for one, name in zip(ranked, names, strict=True) if one.wants]
    if wanting:
        losers = tuple(name for name, _ in wanting[1:])
        return Resolution(Winner(wanting[0][0], WinnerClass.ACTIVE, wanting[0][1]), overridden=losers)
    for one, name in zip(ranked, names, strict=True):
        if isinstance(one.holds, SetStatus):
            return Resolution(Winner(name, WinnerClass.OTHERWISE, one.holds))
    for one in ranked:
        if one.last is not None:
            return Resolution(None, one.last)
    asked = {one.otherwise for one in ranked if one.is_asked}
    return Resolution(None, Ending.LEAVE if asked == {Ending.LEAVE} else Ending.BASELINE)


def test_four_rules_in_every_state() -> None:
    """Semantics 19: all of them, the claims doubled and in another order than their ranks; the middle two are tied."""
    ranks = zip(NAMES, (9, 5, 5, 0), strict=True)
    by_rank = [{one: one.claim(name, priority) for one in OF_FOUR} for name, priority in ranks]
    for kinds in product(OF_FOUR, repeat=4):
        first, second, third, last = [claims[one] for claims, one in zip(by_rank, kinds, strict=True)]
        assert merge((third, last, first, second, last)) == expected(kinds, NAMES), kinds


def test_up_to_two_rules_in_every_state_and_every_order() -> None:
    """Semantics 19: ranked against the order of their ids, in each permutation, once and with each claim doubled."""
    for kinds in (kinds for size in range(3) for kinds in product(KINDS, repeat=size)):
        claims, meant = _against_ids(kinds)
        for order in permutations(claims):
            assert merge(order) == meant
        for doubled in claims:
            assert merge([doubled, *claims]) == meant


def test_three_rules_in_every_state() -> None:
    """Semantics 19: every kind, the lowest first and once more at the end."""
    for kinds in product(KINDS, repeat=3):
        claims, meant = _against_ids(kinds)
        assert merge([*claims[::-1], claims[2]]) == meant, kinds


def _against_ids(kinds: Sequence[Kind]) -> tuple[list[Claim], Resolution]:
    """Claims whose ids are ordered the other way round than their priorities, and what they come to."""
    names = NAMES[: len(kinds)][::-1]
    claims = [one.claim(name, -rank) for rank, (one, name) in enumerate(zip(kinds, names, strict=True))]
    return claims, expected(kinds, names)
