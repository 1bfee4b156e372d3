"""What came of a rule that looks at several places, or has several cases, and how the parts make one verdict. Pure.

Each case is judged over all places, and then the cases in their order: at 2 of 3 places it has to be 30 C, else at 2 of
3, perhaps others, 25 C.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from weathertrigger.domain.condition import Truth, chosen_case, quorum_of
from weathertrigger.rules.evaluation import Result, measured


@dataclass(frozen=True, slots=True)
class PlaceResult:
    """What came of a condition at one place; no result: there is no weather."""

    place_id: str
    name: str
    result: Result | None

    @property
    def truth(self) -> Truth:
        """Without weather it is unknown."""
        return None if self.result is None else self.result.truth


@dataclass(frozen=True, slots=True)
class PlacesResult:
    """What came of a condition at several places: it has to hold at `needed` of them."""

    truth: Truth
    needed: int
    parts: tuple[PlaceResult, ...]


CaseResult = Result | PlacesResult


@dataclass(frozen=True, slots=True)
class CasesResult:
    """What came of several cases. `number` is that of the case which decided, counted from 1: the one that is true, or
    the one that is unknown before any is; the last where none is."""

    truth: Truth
    number: int
    parts: tuple[CaseResult, ...]


Whole = CaseResult | CasesResult
"""What came of a whole rule."""


def over_places(parts: Sequence[PlaceResult], needed: int) -> PlacesResult:
    """Semantics 1: a quorum is true as soon as the unknown places could not change that, and false likewise."""
    return PlacesResult(quorum_of([part.truth for part in parts], needed), needed, tuple(parts))


def over_cases(parts: Sequence[CaseResult]) -> CasesResult:
    """The first case that is true wins; one that is unknown stops the search."""
    truth, number = chosen_case([part.truth for part in parts])
    return CasesResult(truth, number, tuple(parts))


def measured_in(whole: Whole) -> Truth:
    """The verdict that follows from what is known alone, without what `if_missing` settles."""
    if isinstance(whole, CasesResult):
        return chosen_case([measured_in(part) for part in whole.parts])[0]
    if isinstance(whole, PlacesResult):
        truths = [None if part.result is None else measured(part.result) for part in whole.parts]
        return quorum_of(truths, whole.needed)
    return measured(whole)
