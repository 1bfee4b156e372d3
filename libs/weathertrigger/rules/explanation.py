"""Why a verdict is what it is: one plain sentence, and the condition tree with every value (semantics 32)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache

from weathertrigger.domain.condition import All, Comparator, Comparison, Flag, Membership, Not, Threshold
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
_KEYS = {comparator: comparator.value for comparator in Comparator}
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
    told = list(dict.fromkeys([spoken(leaf) for leaf in _deciding(result)]))
    if more := len(told[_MOST_LEAVES:]):
        told[_MOST_LEAVES:] = [f"{more} more like it"]
    return f"{verdict}: {' and '.join(told)} ({_source(reading.provider, reading.observed_at, at)})."


def document(result: Result, reading: Reading) -> Document:
    """The tree as JSON: per leaf value, unit, threshold and result; provider and observation time once, at the top."""
    return {
        "provider": reading.provider,
        "observed_at": _to_the_second(reading.observed_at),
        "reading": reading.id,
        "condition": _tree(result),
    }


def _tree(result: Result) -> Document:
    if isinstance(result, LeafResult):
        return _leaf(result)
    if isinstance(result.group, Not):
        return {"not": _tree(result.parts[0]), "result": result.truth}
    word = "all" if isinstance(result.group, All) else "any"
    return {word: [_tree(part) for part in result.parts], "result": result.truth}


def _leaf(result: LeafResult) -> Document:
    leaf = result.leaf
    shown: Document
    if isinstance(leaf, Comparison):
        shown = {"metric": leaf.metric, "value": result.value, "unit": leaf.unit}
        for threshold in leaf.thresholds:
            shown[_KEYS[threshold.comparator]] = threshold.value
    elif isinstance(leaf, Membership):
        shown = {"metric": "condition", "value": result.value, "not_in" if leaf.negated else "in": sorted(leaf.kinds)}
    else:
        shown = {"metric": leaf.metric, "value": result.value, "is": leaf.wanted}
    shown["result"] = result.truth
    if result.missing:
        shown["missing"] = result.missing
    return shown


def _deciding(result: Result) -> Iterator[LeafResult]:
    """The leaves that made the verdict what it is: those of a false `all` that are false, and so on."""
    if isinstance(result, LeafResult):
        yield result
        return
    for part in result.parts:
        if part.truth is result.truth or isinstance(result.group, Not):
            yield from _deciding(part)


def spoken(result: LeafResult) -> str:
    """What one leaf says: `precipitation 0.4 mm/h is not above 0.5 mm/h`."""
    if result.missing:
        taken = "" if result.truth is None else f", which this rule takes as {str(result.truth).lower()}"
        return result.missing + taken
    leaf, value = result.leaf, result.value
    if isinstance(leaf, Comparison) and isinstance(value, int | float):
        told = [one for one in leaf.thresholds if meets(one, value) is result.truth]
        limits = " and ".join(
            [f"{_SPOKEN[one.comparator]} {_quantity(one.value, leaf.unit, _ALL_DIGITS)}" for one in told]
        )
        shown = _quantity(value, leaf.unit, _digits(value, told))
        return f"{spoken_metric(leaf.metric)} {shown} is {'' if result.truth else 'not '}{limits}"
    if isinstance(leaf, Membership) and isinstance(value, tuple):
        among = leaf.negated is not bool(result.truth)
        said = f"condition {' and '.join(value)} is {'' if among else 'not '}{' or '.join(sorted(leaf.kinds))}"
        return said.replace("_", " ")
    if isinstance(leaf, Flag):
        return _FLAGS[leaf.metric, value is True]
    raise AssertionError(result)


def _digits(value: float, thresholds: list[Threshold]) -> int:
    """Few digits, unless they would put the value on the wrong side of a threshold."""
    shown = float(f"{value:.{_DIGITS}g}")
    fits = shown == value or all(meets(one, shown) is meets(one, value) for one in thresholds)
    return _DIGITS if fits else _ALL_DIGITS


def _quantity(value: float, unit: str, digits: int) -> str:
    return f"{value:.{digits}g}" if unit == "index" else f"{value:.{digits}g} {unit}"


@lru_cache(maxsize=1024)  # the checks of one message share a few readings
def _to_the_second(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="seconds")


@lru_cache(maxsize=1024)  # idem, and one moment
def _source(provider: str, observed_at: datetime, at: datetime) -> str:
    minutes = max(0, int((at - observed_at).total_seconds() // 60))
    ago = "just now" if minutes == 0 else f"{minutes} min ago"
    return f"{_PROVIDERS.get(provider, provider)}, observed {observed_at.astimezone(UTC):%H:%M} UTC, {ago}"
