"""A judgement in words: the sentence and the document of an execution (semantics 32)."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from weathertrigger.rules.evaluation import GroupResult, LeafResult
from weathertrigger.rules.explanation import VERDICTS, Document, document, sentence
from weathertrigger.rules.hold_sentences import held_verdict, hold_document, spoken_hold
from weathertrigger.rules.hours_sentences import hours_document, spoken_outside
from weathertrigger.rules.judge import THE_PLACE, Judgement, PlaceWeather
from weathertrigger.rules.several import Whole
from weathertrigger.rules.several_sentences import document_of_several, leaves_in, places_seen, told

_PLAIN = (LeafResult, GroupResult)


def sentence_of(judgement: Judgement, weather: Mapping[str, PlaceWeather], at: datetime) -> str:
    """Why the verdict is what it is, and what of the weather could not be had."""
    if judgement.memory.outside:
        return spoken_outside(judgement)
    result = judgement.result
    held = spoken_hold(judgement, at)
    if result is None:
        return f"No verdict: there is no weather ({_reasons(weather.values()) or 'the reading is gone'}).{held}"
    why = "" if judgement.has_data else _why_no_forecast(result, weather)
    verdict = held_verdict(judgement)
    if isinstance(result, _PLAIN):
        return sentence(result, weather[THE_PLACE].reading, at, verdict) + why + held
    readings = {place_id: known.reading for place_id, known in weather.items()}

    def why_not(place_id: str) -> str:
        return weather[place_id].reason or "the reading is gone"

    decided = told(result, readings.get(THE_PLACE), readings, why_not, at)
    return f"{verdict or VERDICTS[result.truth]}{decided}.{why}{held}"


def _why_no_forecast(result: Whole, weather: Mapping[str, PlaceWeather]) -> str:
    reasons = _reasons([weather[place_id] for place_id in places_seen(result)] or weather.values())
    return f" The forecast could not be had: {reasons}." if reasons else ""


def _reasons(weather: Iterable[PlaceWeather]) -> str:
    return "; ".join(dict.fromkeys(known.reason for known in weather if known.reason))


def document_of(judgement: Judgement, weather: Mapping[str, PlaceWeather]) -> Document | None:
    """The condition tree with what every leaf saw; None where nothing was there to see."""
    around = hours_document(judgement) | hold_document(judgement)
    if judgement.result is None:
        return around or None
    return _seen(judgement.result, weather) | around


def _seen(result: Whole, weather: Mapping[str, PlaceWeather]) -> Document:
    if isinstance(result, _PLAIN):
        return document(result, weather[THE_PLACE].reading)
    readings = {place_id: known.reading for place_id, known in weather.items()}
    return document_of_several(result, readings.get(THE_PLACE), readings)


def leaves_seen(result: Whole | None) -> int:
    """How many leaves were evaluated."""
    return 0 if result is None else leaves_in(result)
