"""Why a verdict is what it is: one plain sentence, and the condition tree with every value (semantics 32)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache

from weathertrigger.domain.condition import All, Any, Comparator, Comparison, Flag, Membership, Not, Threshold
from weathertrigger.domain.weather import Metric, Reading
from weathertrigger.rules.evaluation import LeafResult, Result, meets, spoken_metric

Document = dict[str, object]

_PROVIDERS = {"openweather": "OpenWeather", "open_meteo": "Open-Meteo"}
_SPOKEN = {
    Comparator.ABOVE: "above",
    Comparator.AT_LEAST: "at least",
    Comparator.BELOW: "below",
    Comparator.AT_MOST: "at most",
}
_FLAGS = {
    (Metric.IS_DAY, True): "it is day",
    (Metric.IS_DAY, False): "it is night",
    (Metric.ALERT, True): "there is a weather alert",
    (Metric.ALERT, False): "there is no weather alert",
}
_MOST_LEAVES = 3
_DIGITS = 6
_ALL_DIGITS = 15  # a number with so many is what its author wrote


def sentence(result: Result, reading: Reading, at: datetime) -> str:
    """`Did not fire: precipitation 0.4 mm/h is not above 0.5 mm/h (OpenWeather, observed 14:00 UTC, 6 min ago).`"""
    verdict = {True: "Fired", False: "Did not fire", None: "No verdict"}[result.truth]
    told = list(dict.fromkeys(spoken(leaf) for leaf in _deciding(result)))
    if more := len(told[_MOST_LEAVES:]):
        told[_MOST_LEAVES:] = [f"{more} more like it"]
    return f"{verdict}: {' and '.join(told)} ({_source(reading.provider, reading.observed_at, at)})."


def document(result: Result, reading: Reading) -> Document:
    """The tree as JSON: per leaf value, unit, threshold and result; provider and observation time once, at the top."""
    return {
        "provider": reading.provider,
        "observed_at": reading.observed_at.astimezone(UTC).isoformat(timespec="seconds"),
        "reading": reading.id,
        "condition": _tree(result),
    }


def _tree(result: Result) -> Document:
    if isinstance(result, LeafResult):
        return _leaf(result)
    word = {All: "all", Any: "any", Not: "not"}[type(result.group)]
    parts = [_tree(part) for part in result.parts]
    return {word: parts[0] if isinstance(result.group, Not) else parts, "result": result.truth}


def _leaf(result: LeafResult) -> Document:
    shown: Document
    match result.leaf:
        case Comparison(metric, thresholds, unit):
            shown = {"metric": metric, "value": result.value, "unit": unit}
            shown.update((threshold.comparator.value, threshold.value) for threshold in thresholds)
        case Membership(kinds, negated):
            shown = {"metric": "condition", "value": result.value, "not_in" if negated else "in": sorted(kinds)}
        case Flag(metric, wanted):
            shown = {"metric": metric, "value": result.value, "is": wanted}
    shown["result"] = result.truth
    if result.missing:
        shown["missing"] = result.missing
    return shown


def _deciding(result: Result) -> Iterator[LeafResult]:
    """The leaves that made the verdict what it is: those of a false `all` that are false, and so on."""
    if isinstance(result, LeafResult):
        yield result
        return
    decisive = (result.group, result.truth)
    for part in result.parts:
        match decisive:
            case (All(), True) | (Any(), False) | (Not(), _):
                yield from _deciding(part)
            case _ if part.truth is result.truth:
                yield from _deciding(part)


def spoken(result: LeafResult) -> str:
    """What one leaf says: `precipitation 0.4 mm/h is not above 0.5 mm/h`."""
    if result.missing:
        taken = "" if result.truth is None else f", which this rule takes as {str(result.truth).lower()}"
        return result.missing + taken
    match result.leaf, result.value:
        case Comparison(metric, thresholds, unit), float() | int() as value:
            told = [one for one in thresholds if meets(one, value) is result.truth]
            limits = " and ".join(
                f"{_SPOKEN[one.comparator]} {_quantity(one.value, unit, _ALL_DIGITS)}" for one in told
            )
            shown = _quantity(value, unit, _digits(value, told))
            return f"{spoken_metric(metric)} {shown} is {'' if result.truth else 'not '}{limits}"
        case Membership(kinds, negated), tuple() as value:
            among = negated is not bool(result.truth)
            said = f"condition {' and '.join(value)} is {'' if among else 'not '}{' or '.join(sorted(kinds))}"
            return said.replace("_", " ")
        case Flag(metric, _), value:
            return _FLAGS[metric, value is True]
    raise AssertionError(result)


def _digits(value: float, thresholds: list[Threshold]) -> int:
    """Few digits, unless they would put the value on the wrong side of a threshold."""
    shown = float(f"{value:.{_DIGITS}g}")
    fits = all(meets(one, shown) is meets(one, value) for one in thresholds)
    return _DIGITS if fits else _ALL_DIGITS


def _quantity(value: float, unit: str, digits: int) -> str:
    return f"{value:.{digits}g}" if unit == "index" else f"{value:.{digits}g} {unit}"


@lru_cache(maxsize=1024)  # the checks of one message share a few readings and one moment
def _source(provider: str, observed_at: datetime, at: datetime) -> str:
    minutes = max(0, int((at - observed_at).total_seconds() // 60))
    ago = "just now" if minutes == 0 else f"{minutes} min ago"
    return f"{_PROVIDERS.get(provider, provider)}, observed {observed_at.astimezone(UTC):%H:%M} UTC, {ago}"
