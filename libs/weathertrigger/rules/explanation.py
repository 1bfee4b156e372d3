"""Why a verdict is what it is: one plain sentence, and the condition tree with every value (semantics 32)."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType

from weathertrigger.domain.condition import (
    All,
    Comparator,
    Comparison,
    Flag,
    Membership,
    Not,
    Trend,
    Truth,
    meets,
    once_on,
)
from weathertrigger.domain.series import Window
from weathertrigger.domain.weather import Reading
from weathertrigger.rules.evaluation import LeafResult, Result
from weathertrigger.rules.window_documents import over_document, trend_document
from weathertrigger.rules.window_sentences import spoken_window
from weathertrigger.rules.wording import FLAGS, spoken_kinds, spoken_limits, spoken_metric, spoken_number
from weathertrigger.service_names import spoken_service

Document = dict[str, object]

_KEYS = {comparator: comparator.value for comparator in Comparator}
VERDICTS: Mapping[Truth, str] = MappingProxyType({True: "Fired", False: "Did not fire", None: "No verdict"})
"""How a sentence begins."""

_MOST_LEAVES = 3


def sentence(result: Result, reading: Reading | None, at: datetime, verdict: str | None = None) -> str:
    """`Did not fire: precipitation 0.4 mm/h is not above 0.5 mm/h (OpenWeather, observed 14:00 UTC, 6 min ago).`

    A `verdict` stands in the place of `Did not fire`.
    """
    return f"{verdict or VERDICTS[result.truth]}: {reasons(result, reading, at)}."


def reasons(result: Result, reading: Reading | None, at: datetime) -> str:
    """What made the verdict what it is: `precipitation 0.4 mm/h is not above 0.5 mm/h (OpenWeather, observed ...)`."""
    leaves = _deciding(result)
    told = list(dict.fromkeys([spoken(leaf) for leaf in leaves]))
    if len(told) > _MOST_LEAVES:
        told[_MOST_LEAVES:] = [f"{len(told) - _MOST_LEAVES} more like it"]
    sources = _sources(leaves, reading, at)
    return f"{' and '.join(told)}{sources and f' ({sources})'}"


def document(result: Result, reading: Reading | None) -> Document:
    """The tree as JSON: per leaf value, unit, threshold and result; provider and observation time once, at the top, or
    null where there is no reading."""
    return {**reading_document(reading), "condition": tree_document(result)}


def reading_document(reading: Reading | None) -> Document:
    """Who told the present weather and when; null where there is none."""
    return {
        "provider": reading and reading.provider,
        "observed_at": reading and _to_the_second(reading.observed_at),
        "reading": reading and reading.id,
    }


def tree_document(result: Result) -> Document:
    """The tree alone."""
    if isinstance(result, LeafResult):
        return _leaf(result)
    if isinstance(result.group, Not):
        return {"not": tree_document(result.parts[0]), "result": result.truth}
    word = "all" if isinstance(result.group, All) else "any"
    return {word: [tree_document(part) for part in result.parts], "result": result.truth}


def _leaf(result: LeafResult) -> Document:
    leaf = result.leaf
    shown: Document
    if isinstance(leaf, Comparison):
        shown = {"metric": leaf.metric, "value": result.value, "unit": leaf.unit}
        for threshold in leaf.thresholds:
            shown[_KEYS[threshold.comparator]] = threshold.value
        if leaf.release is not None:
            shown |= {"release": leaf.release, "was_on": result.was_on}
    elif isinstance(leaf, Membership):
        shown = {"metric": "condition", "value": result.value, "not_in" if leaf.negated else "in": sorted(leaf.kinds)}
    elif isinstance(leaf, Flag):
        shown = {"metric": leaf.metric, "value": result.value, "is": leaf.wanted}
    else:
        shown = {"value": result.value, **trend_document(leaf)}
    shown["result"] = result.truth
    if result.missing:
        shown["missing"] = result.missing
    if result.window is not None:
        shown |= _window(result, result.window)
    return shown


def _window(result: LeafResult, window: Window) -> Document:
    """What only a leaf that looks at other hours has to show."""
    leaf = result.leaf
    shown: Document = {"steps": {"known": window.known, "needed": window.needed}}
    if isinstance(leaf, Trend):
        shown["present"] = result.present
    elif leaf.over is not None:
        shown["over"] = over_document(leaf.over)
    if window.forecast is not None:
        fetched_at = _to_the_second(window.forecast.fetched_at)
        shown["forecast"] = {"provider": window.forecast.provider, "fetched_at": fetched_at}
    return shown


def _deciding(result: Result) -> list[LeafResult]:
    """The leaves that made the verdict what it is: those of a false `all` that are false, and so on."""
    if isinstance(result, LeafResult):
        return [result]
    every = isinstance(result.group, Not)
    return [leaf for part in result.parts if every or part.truth is result.truth for leaf in _deciding(part)]


def spoken(result: LeafResult) -> str:
    """What one leaf says: `precipitation 0.4 mm/h is not above 0.5 mm/h`."""
    if result.missing:
        taken = "" if result.truth is None else f", which this rule takes as {str(result.truth).lower()}"
        return result.missing + taken
    if result.was_on and isinstance(result.leaf, Comparison):
        return _spoken_release(result, result.leaf)
    if result.window is not None:
        return spoken_window(result, result.window)
    leaf, value = result.leaf, result.value
    if isinstance(leaf, Comparison) and isinstance(value, int | float):
        told = [one for one in leaf.thresholds if meets(one, value) is result.truth]
        shown = spoken_number(value, leaf.unit, told)
        limits = spoken_limits(told, leaf.unit)
        return f"{spoken_metric(leaf.metric)} {shown} is {'' if result.truth else 'not '}{limits}"
    if isinstance(leaf, Membership) and isinstance(value, tuple):
        among = leaf.negated is not bool(result.truth)
        return f"condition {spoken_kinds(value, 'and')} is {'' if among else 'not '}{spoken_kinds(leaf.kinds, 'or')}"
    if isinstance(leaf, Flag):
        return FLAGS[leaf.metric, value is True]
    raise AssertionError(result)


def _spoken_release(result: LeafResult, leaf: Comparison) -> str:
    """`precipitation 0.3 mm/h is at least 0.1 mm/h, the release of above 0.5 mm/h`; of 0.6 mm/h the threshold alone."""
    number = None if result.window else result.value
    if isinstance(number, int | float) and all(meets(threshold, number) for threshold in leaf.thresholds):
        return spoken(result._replace(was_on=False))
    said = spoken(result._replace(leaf=once_on(leaf), was_on=False))
    return f"{said}, the release of {spoken_limits(leaf.thresholds, leaf.unit)}"


def _sources(leaves: Sequence[LeafResult], reading: Reading | None, at: datetime) -> str:
    """What the leaves looked at: the present reading, stored ones, a forecast."""
    windows = [leaf.window for leaf in leaves if leaf.window is not None]
    present = [_source(reading.provider, reading.observed_at, at)] if reading else []
    if not windows:
        return "".join(present)
    looked_at = present if len(windows) < len(leaves) or any(leaf.present is not None for leaf in leaves) else []
    if any(window.past for window in windows):
        looked_at.append("stored readings")
    if forecast := next((window.forecast for window in windows if window.forecast), None):
        looked_at.append(f"forecast by {_said(forecast.provider, 'fetched', forecast.fetched_at, at)}")
    return "; ".join(looked_at)


@lru_cache(maxsize=1024)  # the checks of one message share a few readings
def _to_the_second(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="seconds")


@lru_cache(maxsize=1024)  # idem, and one moment
def _source(provider: str, observed_at: datetime, at: datetime) -> str:
    return _said(provider, "observed", observed_at, at)


def _said(provider: str, verb: str, when: datetime, at: datetime) -> str:
    minutes = max(0, int((at - when).total_seconds() // 60))
    ago = "just now" if minutes == 0 else f"{minutes} min ago"
    return f"{spoken_service(provider)}, {verb} {when.astimezone(UTC):%H:%M} UTC, {ago}"
