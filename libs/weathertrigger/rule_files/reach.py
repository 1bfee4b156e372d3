"""How far the windows of a file's rules reach: beyond the forecast is a fault, what may disappoint is a warning."""

from collections.abc import Iterator
from datetime import timedelta

from weathertrigger.domain.condition import (
    All,
    Any,
    Cases,
    Condition,
    DaySpan,
    Leaf,
    Membership,
    Not,
    Over,
    Trend,
    When,
)
from weathertrigger.domain.forecast import Horizon
from weathertrigger.domain.rule import Rule
from weathertrigger.domain.units import units_of_sum
from weathertrigger.domain.weather import Metric
from weathertrigger.errors import Fault
from weathertrigger.rule_files.faults import Path, faults_of
from weathertrigger.rules.needs import leaves_of
from weathertrigger.rules.windows import Windowed, metric_of

_SURE = Horizon(hours=120, days=5)
"""So far ahead a forecast of rain is worth something."""

_EVERY_HOUR = timedelta(hours=1)


def beyond(when: When, horizon: Horizon, index: int, document: object) -> Iterator[Fault]:
    """The windows of which less than three quarters are always forecast, or that end where nothing is."""
    for path, _, over in _all_windows(when, ("rules", index)):
        if _is_beyond(over, horizon):
            yield from faults_of(f"{_reach(over)}; the forecast reaches {_spoken(horizon, over)}", path, document)


def warnings_of(rules: tuple[Rule, ...], horizon: Horizon | None, document: object) -> Iterator[Fault]:
    """What is taken as it is written, and may still not be what its author expects."""
    looked_at = {place.id for rule in rules if rule.enabled and rule.interval <= _EVERY_HOUR for place in rule.places}
    for index, rule in enumerate(rules):
        for path, leaf, over in _all_windows(rule.condition, ("rules", index)):
            if not isinstance(leaf, Membership) and units_of_sum(leaf.metric) and _is_beyond(over, _SURE):
                sentence = f"{_reach(over)}; beyond 5 days a forecast of {leaf.metric} is unreliable"
                yield from faults_of(sentence, path, document)
            if horizon is not None and (sentence := _never_told(metric_of(leaf), over, horizon)):
                yield from faults_of(sentence, path, document)
        is_rare = rule.interval > _EVERY_HOUR and not all(place.id in looked_at for place in rule.places)
        if is_rare and (what := _looks_behind(rule.condition)):
            sentence = (
                f"is longer than 1 h, and the condition looks {what} known only where the place is looked at every "
                "hour; write 1 h or less, here or in another rule of this place"
            )
            yield from faults_of(sentence, ("rules", index, "every"), document)


def _all_windows(when: When, rule: Path) -> Iterator[tuple[Path, Windowed, Over]]:
    """Every window of a rule, in the case that it stands in."""
    if isinstance(when, Cases):
        for index, condition in enumerate(when.conditions):
            yield from _windows(condition, (*rule, "cases", index, "when"))
    else:
        yield from _windows(when, (*rule, "when"))


def _windows(condition: Condition, path: Path) -> Iterator[tuple[Path, Windowed, Over]]:
    """Every window with its leaf and its place in the file. A leaf that became several has none."""
    if isinstance(condition, All | Any):
        group = "all" if isinstance(condition, All) else "any"
        for index, part in enumerate(condition.parts):
            yield from _windows(part, (*path, group, index))
    elif isinstance(condition, Not):
        yield from _windows(condition.part, (*path, "not"))
    elif not isinstance(condition, Trend) and condition.over is not None:
        yield (*path, "over"), condition, condition.over


def _is_beyond(over: Over, horizon: Horizon) -> bool:
    if isinstance(over.span, DaySpan):
        return over.span.last >= horizon.days
    span = over.span
    known = min(span.end, horizon.sure_hours) - span.start
    return span.end > horizon.hours or 4 * known < 3 * (span.end - span.start)


def _never_told(metric: Metric, over: Over, horizon: Horizon) -> str:
    """Why a window into the future stays unknown, whenever it is looked at; empty if it need not."""
    if metric in horizon.never and (over.span.last >= 0 if isinstance(over.span, DaySpan) else over.span.end > 0):
        return f"stays unknown: the forecast never tells {metric}"
    if not isinstance(over.span, DaySpan) or over.span.last <= horizon.last_day_of_hours:
        return ""
    each_day = over.span.each_day
    if metric in horizon.day_figures.get(each_day, ()):
        return ""
    return f"{_reach(over)}; the forecast tells {each_day} {metric} of days to day {horizon.last_day_of_hours} only"


def _reach(over: Over) -> str:
    if isinstance(over.span, DaySpan):
        return f"reaches to day {over.span.last}, today being 0"
    return f"reaches {over.span.end} h ahead"


def _spoken(horizon: Horizon, over: Over) -> str:
    return f"to day {horizon.days - 1}" if isinstance(over.span, DaySpan) else f"{horizon.sure_hours} h"


def _looks_behind(condition: When) -> str:
    """What it needs of weather that is over, in words; empty if nothing."""
    first = min(map(_first_step, leaves_of(condition)))
    if first < 0:
        return "back: the past is"
    return "at today: what of it is over is surely" if first == 0 else ""


def _first_step(leaf: Leaf) -> int:
    """The first hour or day, those of the past being negative; 0 is today, or else there is nothing of the past."""
    if isinstance(leaf, Trend):
        return -1
    if leaf.over is None:
        return 1
    span = leaf.over.span
    return span.first if isinstance(span, DaySpan) else -1 if span.start < 0 else 1
