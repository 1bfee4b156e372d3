"""A judgement in words: the sentence and the document of an execution (semantics 32)."""

from collections.abc import Mapping
from datetime import datetime

from weathertrigger.rules.evaluation import GroupResult, Result
from weathertrigger.rules.explanation import Document, document, sentence
from weathertrigger.rules.hold_sentences import held_verdict, hold_document, spoken_hold
from weathertrigger.rules.hours_sentences import hours_document, spoken_outside
from weathertrigger.rules.judge import THE_PLACE, Judgement, PlaceWeather


def sentence_of(judgement: Judgement, weather: Mapping[str, PlaceWeather], at: datetime) -> str:
    """Why the verdict is what it is, and what of the weather could not be had."""
    if judgement.memory.outside:
        return spoken_outside(judgement)
    known = weather[THE_PLACE]
    held = spoken_hold(judgement, at)
    if judgement.result is None:
        return f"No verdict: there is no weather ({known.reason or 'the reading is gone'}).{held}"
    why = "" if judgement.has_data or known.reason is None else f" The forecast could not be had: {known.reason}."
    return sentence(judgement.result, known.reading, at, held_verdict(judgement)) + why + held


def document_of(judgement: Judgement, weather: Mapping[str, PlaceWeather]) -> Document | None:
    """The condition tree with what every leaf saw; None where nothing was there to see."""
    around = hours_document(judgement) | hold_document(judgement)
    if judgement.result is None:
        return around or None
    return document(judgement.result, weather[THE_PLACE].reading) | around


def leaves_seen(result: Result | None) -> int:
    """How many leaves were evaluated."""
    if result is None:
        return 0
    return sum(leaves_seen(part) for part in result.parts) if isinstance(result, GroupResult) else 1
