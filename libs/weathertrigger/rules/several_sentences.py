"""Several places and several cases in words and as JSON; a part of `judgement_sentences`."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from weathertrigger.domain.condition import Any
from weathertrigger.domain.weather import Reading
from weathertrigger.rules.evaluation import GroupResult, LeafResult, Result
from weathertrigger.rules.explanation import Document, reading_document, reasons, tree_document
from weathertrigger.rules.several import CaseResult, CasesResult, PlaceResult, PlacesResult, Whole

Readings = Mapping[str, Reading | None]
"""The present weather by the id of the place."""
WhyNot = Callable[[str], str]
"""Says of a place, by its id, why there is no weather."""

_MOST_PLACES = 3


def told(whole: Whole, only: Reading | None, readings: Readings, why_not: WhyNot, at: datetime) -> str:
    """What decided, as it stands behind `Fired`: `, case 2 of 3: temperature 27 C is at least 25 C (...)`. `only` is
    the reading of a rule with one place."""
    if isinstance(whole, CasesResult):
        return _told_cases(whole, only, readings, why_not, at)
    return f": {_told_case(whole, only, readings, why_not, at)}"


def _told_cases(whole: CasesResult, only: Reading | None, readings: Readings, why_not: WhyNot, at: datetime) -> str:
    count = len(whole.parts)
    if whole.truth is not False:
        deciding = _told_case(whole.parts[whole.number - 1], only, readings, why_not, at)
        return f", case {whole.number} of {count}{'' if whole.truth else ' is unknown'}: {deciding}"
    single = [part for part in whole.parts if not isinstance(part, PlacesResult)]
    if single:
        none_of_them = GroupResult(Any(()), False, tuple(single))
        return f", none of {count} cases: {reasons(none_of_them, only, at)}"
    counts = [_counted(part) for part in whole.parts if isinstance(part, PlacesResult)]
    return f", none of {count} cases: " + "; ".join(f"case {number}: {said}" for number, said in enumerate(counts, 1))


def _told_case(case: CaseResult, only: Reading | None, readings: Readings, why_not: WhyNot, at: datetime) -> str:
    if not isinstance(case, PlacesResult):
        return reasons(case, only, at)
    deciding = [part for part in case.parts if part.truth is case.truth]
    said = [_told_place(part, readings, why_not, at) for part in deciding[:_MOST_PLACES]]
    if len(deciding) > _MOST_PLACES:
        said.append(f"{len(deciding) - _MOST_PLACES} more like it")
    return f"{_counted(case)}: {'; '.join(said)}"


def _told_place(part: PlaceResult, readings: Readings, why_not: WhyNot, at: datetime) -> str:
    if part.result is None:
        return f"at {part.name} there is no weather ({why_not(part.place_id)})"
    return f"at {part.name} {reasons(part.result, readings[part.place_id], at)}"


def _counted(case: PlacesResult) -> str:
    """`2 of 3 places, 2 needed`."""
    truths = [part.truth for part in case.parts]
    unknown = f", {truths.count(None)} unknown" if None in truths else ""
    return f"{truths.count(True)} of {len(truths)} places, {case.needed} needed{unknown}"


def document_of_several(whole: PlacesResult | CasesResult, only: Reading | None, readings: Readings) -> Document:
    """`{"case": 2, "cases": [{"condition": ..., "result": true}, ...]}`; with several places `{"needed": 2, "places":
    {"north": {"provider": ..., "observed_at": ..., "reading": ..., "condition": ..., "result": true}, ...}, "result":
    true}`, and with both this for each case. `case` is null where none decided."""
    if isinstance(whole, PlacesResult):
        return _places_document(whole, readings)
    cases = [_case_document(part, readings) for part in whole.parts]
    deciding = None if whole.truth is False else whole.number
    shown: Document = {"case": deciding, "cases": cases}
    return shown if any(isinstance(part, PlacesResult) for part in whole.parts) else {**reading_document(only), **shown}


def _case_document(case: CaseResult, readings: Readings) -> Document:
    if isinstance(case, PlacesResult):
        return _places_document(case, readings)
    return {"condition": tree_document(case), "result": case.truth}


def _places_document(case: PlacesResult, readings: Readings) -> Document:
    places = {
        part.name: {
            **reading_document(readings[part.place_id]),
            "condition": None if part.result is None else tree_document(part.result),
            "result": part.truth,
        }
        for part in case.parts
    }
    return {"needed": case.needed, "places": places, "result": case.truth}


def leaves_in(whole: Whole | PlaceResult) -> int:
    """How many leaves were evaluated."""
    if isinstance(whole, LeafResult):
        return 1
    if isinstance(whole, PlaceResult):
        return 0 if whole.result is None else leaves_in(whole.result)
    parts: Sequence[Result | PlaceResult | CaseResult] = whole.parts
    return sum(map(leaves_in, parts))


def places_seen(whole: Whole) -> list[str]:
    """The ids of those of several places that had weather."""
    case = whole.parts[0] if isinstance(whole, CasesResult) else whole
    if not isinstance(case, PlacesResult):
        return []
    return [part.place_id for part in case.parts if part.result is not None]
