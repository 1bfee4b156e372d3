"""A picture of a backtest: the weather that the rule looks at, its thresholds, and when it was active.

Matplotlib is loaded when something is drawn and not before: it takes longer to load than most commands run.
"""

import logging
import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from services.automation_cli.backtest.report import in_words, named
from services.automation_cli.backtest.trying import Tried
from weathertrigger.domain.condition import Comparison, Trend
from weathertrigger.domain.units import CANONICAL_UNITS, from_canonical, units_of
from weathertrigger.domain.weather import Metric, Reading
from weathertrigger.errors import UsageError
from weathertrigger.rules.backtest import Span
from weathertrigger.rules.merge import raises
from weathertrigger.rules.needs import leaves_of
from weathertrigger.rules.wording import spoken_limits, spoken_metric

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FORMATS = (".png", ".svg")

_WIDTH, _PANEL_HEIGHT, _ROW_HEIGHT = 12.0, 2.2, 0.4  # inches
_GAP = timedelta(hours=3)
_EPOCH, _DAY = datetime(1970, 1, 1, tzinfo=UTC), timedelta(days=1)
_WEATHER, _THRESHOLD, _ACTIVE, _UNKNOWN = "#1f5fa8", "#b3261e", "#f2c14e", "#9aa0a6"
_WEATHERS = (_WEATHER, "#2a9d8f", "#7b5ea7", "#5c7a29")  # one for each place


def format_of(path: Path) -> str:
    """`png` or `svg`, by the end of the name.

    Raises:
        UsageError: it is neither.
    """
    if path.suffix.lower() not in FORMATS:
        raise UsageError(f"A plot is a PNG or an SVG file: give --plot a name that ends in {' or '.join(FORMATS)}.")
    return path.suffix.lower().removeprefix(".")


def draw(tried: Tried, path: Path) -> None:
    """Writes the picture to the file. An equal backtest is drawn to an equal file.

    Raises:
        UsageError: the file cannot be written.
    """
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # that fonts are looked for is nobody's business here
    import matplotlib as mpl  # noqa: PLC0415  see above
    from matplotlib.figure import Figure  # noqa: PLC0415

    trial, panels, zone = tried.trial, _panels(tried), _zone(tried)
    rows = len(tried.rule.targets) + 2
    with mpl.rc_context(
        {"svg.hashsalt": "weathertrigger", "font.size": 9, "date.converter": "concise", "timezone": zone}
    ):
        figure = Figure(figsize=(_WIDTH, 0.6 + _PANEL_HEIGHT * len(panels) + _ROW_HEIGHT * rows), layout="constrained")
        ratios = [*[_PANEL_HEIGHT] * len(panels), _ROW_HEIGHT * rows]
        axes = figure.subplots(len(panels) + 1, 1, sharex=True, squeeze=False, height_ratios=ratios)[:, 0]
        for axis, (metric, unit) in zip(axes, panels, strict=False):
            _draw_weather(axis, tried, metric, unit)
        _draw_rows(axes[-1], tried)
        axes[-1].xaxis_date()
        axes[-1].set_xlim(_days(trial.start), _days(trial.end))
        axes[-1].set_xlabel(f"{zone}; {tried.weather.source}", fontsize=8)
        figure.suptitle(f"{tried.rule.id}: {tried.rule.name}" if tried.rule.name != tried.rule.id else tried.rule.id)
        try:
            metadata = {"Date": None} if format_of(path) == "svg" else {"Software": "WeatherTrigger"}
            figure.savefig(path, format=format_of(path), dpi=120, metadata=metadata)
        except OSError as error:
            raise UsageError(f"{path} cannot be written: {error.strerror or error}.") from error


def _zone(tried: Tried) -> str:
    """The place's own time, where that is known."""
    return next((str(one.zone) for one in tried.weather.recordings.values() if one.zone), "UTC")


def _panels(tried: Tried) -> list[tuple[Metric, str]]:
    """Each number that the rule looks at, in the unit in which it is first compared."""
    found: dict[Metric, str] = {}
    for leaf in leaves_of(tried.rule.condition):
        if isinstance(leaf, Comparison | Trend) and leaf.metric not in found:
            is_own = leaf.unit in units_of(leaf.metric)  # that of a sum is not
            found[leaf.metric] = leaf.unit if is_own else CANONICAL_UNITS[leaf.metric]
    return list(found.items())


def _draw_weather(axis: "Axes", tried: Tried, metric: Metric, unit: str) -> None:
    start, end = tried.trial.start, tried.trial.end
    for number, place in enumerate(tried.rule.places):
        readings = tried.weather.of(tried.rule, place).readings
        times, values = _line([one for one in readings if start <= one.observed_at <= end], metric, unit)
        name = place.name if tried.rule.other_places else None
        axis.plot(times, values, color=_WEATHERS[number % len(_WEATHERS)], linewidth=0.7, label=name)
    everywhere = axis.get_xaxis_transform()
    axis.broken_barh(_bars(tried.trial.active), (0, 1), transform=everywhere, color=_ACTIVE, alpha=0.35, linewidth=0)
    for value, style, said in _thresholds(tried, metric, unit):
        axis.axhline(value, color=_THRESHOLD, linestyle=style, linewidth=0.9, label=said)
    axis.set_ylabel(f"{spoken_metric(metric)}\n{unit}")
    axis.margins(x=0)
    axis.spines[["top", "right"]].set_visible(False)
    if axis.get_legend_handles_labels()[1]:
        axis.legend(loc="upper right", fontsize=8, framealpha=0.8)


def _line(readings: Iterable[Reading], metric: Metric, unit: str) -> tuple[list[float], list[float]]:
    """The values by time, with a hole where something is missing."""
    points: list[tuple[float, float]] = []
    for reading in readings:
        at, value = _days(reading.observed_at), reading.values.get(metric)
        if points and at - points[-1][0] > _GAP / _DAY:
            points.append((at, math.nan))
        if not isinstance(value, bool | tuple):
            points.append((at, math.nan if value is None else from_canonical(metric, value, unit)))
    return [at for at, _ in points], [value for _, value in points]


def _thresholds(tried: Tried, metric: Metric, unit: str) -> Iterator[tuple[float, str, str]]:
    """Of comparisons in the panel's unit: the value, how its line looks, what it says."""
    for leaf in leaves_of(tried.rule.condition):
        if not isinstance(leaf, Comparison) or leaf.metric is not metric or leaf.unit != unit:
            continue
        window = " (of a window)" if leaf.over else ""
        for threshold in leaf.thresholds:
            yield threshold.value, "--", f"{spoken_limits([threshold], unit)}{window}"
        if leaf.release is not None:
            yield leaf.release, ":", f"release {leaf.release:g} {unit}"


def _draw_rows(axis: "Axes", tried: Tried) -> None:
    """A row for the rule, one for each change that it asked for, and one for the times without a verdict."""
    trial = tried.trial
    rows: list[tuple[str, str, Sequence[Span]]] = [("active", _ACTIVE, trial.active)]
    for target in tried.rule.targets:
        spans: Sequence[Span] = trial.in_case[target.case]
        if raises(target.expression):
            spans = _without(spans, trial.given_up[target.case])
        rows.append((f"{named(tried.rule, target)}\n{in_words(target.expression)}", _WEATHER, spans))
    rows.append(("no verdict", _UNKNOWN, trial.without_verdict))
    for number, (_, colour, spans) in enumerate(rows):
        axis.broken_barh(_bars(spans), (number - 0.35, 0.7), color=colour)
    axis.set_ylim(len(rows) - 0.5, -0.5)
    axis.set_yticks(range(len(rows)), [name for name, _, _ in rows], fontsize=7)
    axis.tick_params(axis="y", length=0)
    axis.spines[["top", "right", "left"]].set_visible(False)


def _without(spans: Sequence[Span], holes: Sequence[Span]) -> list[Span]:
    """The spans but for the holes, each of which lies in one of them."""
    left: list[Span] = []
    for span in spans:
        start = span.start
        for hole in holes:
            if span.start <= hole.start < span.end:
                left.append(Span(start, hole.start))
                start = hole.end
        left.append(Span(start, span.end))
    return [span for span in left if span.start < span.end]


def _bars(spans: Iterable[Span]) -> list[tuple[float, float]]:
    """Beginning and length."""
    return [(_days(span.start), span.length / _DAY) for span in spans]


def _days(at: datetime) -> float:
    """Days since 1970, which is how matplotlib counts time."""
    return (at - _EPOCH) / _DAY
