"""A recording as a CSV file (docs/backtest.md): a column `time` and one for each metric, one line for each observation.

A cell that is empty, or `NA`, was not recorded: the metric is unknown at that time, never a default. What is not
physically possible is unknown too, as it is where a provider says it.
"""

import csv
import gzip
import io
import math
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from weathertrigger.domain.units import CANONICAL_UNITS, to_canonical, units_of
from weathertrigger.domain.weather import Metric, Reading, Value, WeatherKind
from weathertrigger.errors import UsageError
from weathertrigger.providers.plausibility import sift
from weathertrigger.rule_files.sentences import hint, shown

PROVIDER = "recording"
LARGEST_FILE = 200_000_000
"""Bytes, unpacked."""

_TIME = "time"
_NOT_RECORDED = frozenset({"", "NA"})
_METRICS = {metric.value: metric for metric in Metric}
_KINDS = {kind.value: kind for kind in WeatherKind}
_TRUTHS = {"true": True, "false": False}
_HEADING = re.compile(r"(?P<name>[a-z_]+)(?: *\((?P<unit>[^()]+)\))?")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")


@dataclass(frozen=True, slots=True)
class WeatherFile:
    """What a file says: the readings in the order of time, and the metrics that it has columns for."""

    name: str
    readings: tuple[Reading, ...]
    metrics: frozenset[Metric]


class _Wrong(ValueError):
    """What is wrong with a cell."""


_ReadCell = Callable[[str], Value]


@dataclass(frozen=True, slots=True)
class _Column:
    index: int
    metric: Metric
    read: _ReadCell


def read_weather_file(path: Path) -> WeatherFile:
    """The recording of one place, as text or packed with gzip.

    Raises:
        UsageError: the first thing that is wrong with it, with its line.
    """
    name = path.name
    reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    lines = ((reader.line_num, cells) for cells in reader)
    try:
        _, header = next(lines, (1, []))
        titles = [title.strip() for title in header]
        columns = _columns(name, titles)
        readings = tuple(_readings(name, lines, columns, titles))
    except csv.Error as error:
        raise _refused(name, reader.line_num, f"this is not CSV ({error})") from error
    if not readings:
        raise _refused(name, 1, "there is no observation below the names of the columns")
    return WeatherFile(name, readings, _told(columns))


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            content = (gzip.GzipFile(fileobj=file) if packed else file).read(LARGEST_FILE + 1)
    except FileNotFoundError:
        raise UsageError(f"There is no file {str(path)!r}.") from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UsageError(f"{path.name} cannot be unpacked: {error}.") from error
    except OSError as error:
        raise UsageError(f"{path.name} cannot be read: {error.strerror or error}.") from error
    if len(content) > LARGEST_FILE:
        raise UsageError(f"{path.name} has more than {LARGEST_FILE:,} bytes; cut it into parts.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _refused(path.name, line, "this is not UTF-8 text") from None


def _columns(name: str, titles: Sequence[str]) -> dict[Metric, _Column]:
    """The columns that are understood; others, such as the name of a station, are left out."""
    if titles.count(_TIME) != 1:
        tip = " (columns are separated by commas)" if len(titles) == 1 and ";" in titles[0] else ""
        raise _refused(name, 1, f"one column must be called {_TIME}{tip}; there is {_listed(titles)}")
    found: dict[Metric, _Column] = {}
    for index, title in enumerate(titles):
        column = _column(name, index, title)
        if column is None:
            continue
        if column.metric in found:
            raise _refused(name, 1, f"two columns are {column.metric}")
        found[column.metric] = column
    return found


def _column(name: str, index: int, title: str) -> _Column | None:
    heading = _HEADING.fullmatch(title)
    metric = _METRICS.get(heading["name"]) if heading else None
    if heading is None or metric is None:
        return None
    unit, known = heading["unit"], units_of(metric)
    if unit is not None and unit not in known:
        tip = hint(unit, known) if known else "it is not a number"
        raise _refused(name, 1, f"{shown(unit)} is no unit of {metric}; {tip}")
    if metric is Metric.CONDITION:
        return _Column(index, metric, _kinds)
    if metric not in CANONICAL_UNITS:
        return _Column(index, metric, _truth)
    if unit is None or unit == CANONICAL_UNITS[metric]:
        return _Column(index, metric, _number)
    return _Column(index, metric, partial(_number_in, metric, unit))


def _readings(
    name: str,
    lines: Iterator[tuple[int, list[str]]],
    columns: Mapping[Metric, _Column],
    titles: Sequence[str],
) -> Iterator[Reading]:
    before: datetime | None = None
    time_index = titles.index(_TIME)
    adds_up = Metric.PRECIPITATION in _told(columns) - columns.keys()
    for line, cells in lines:
        if not cells:
            continue
        if len(cells) != len(titles):
            raise _refused(name, line, f"there are {len(cells)} cells and {len(titles)} columns")
        at = _time(name, line, cells[time_index].strip())
        if before is not None and at <= before:
            raise _refused(name, line, f"{cells[time_index].strip()} is not later than the line before")
        before = at
        kept, discarded = sift(_values(name, line, cells, columns))
        if (
            adds_up
            and isinstance(rain := kept.get(Metric.RAIN), float)
            and isinstance(snow := kept.get(Metric.SNOW), float)
        ):
            kept[Metric.PRECIPITATION] = rain + snow
        yield Reading(name, PROVIDER, at, at, kept, discarded)


def _values(name: str, line: int, cells: Sequence[str], columns: Mapping[Metric, _Column]) -> dict[Metric, Value]:
    values: dict[Metric, Value] = {}
    for metric, column in columns.items():
        cell = cells[column.index].strip()
        if cell in _NOT_RECORDED:
            continue
        try:
            values[metric] = column.read(cell)
        except _Wrong as error:
            raise _refused(name, line, f"{metric}: {error}") from None
    return values


def _time(name: str, line: int, cell: str) -> datetime:
    try:
        at = datetime.fromisoformat(cell)
        if at.tzinfo is None:
            raise _refused(
                name, line, f"{shown(cell)} does not say in which zone; write 2026-03-01T14:00Z or ...+01:00"
            )
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _refused(name, line, f"{shown(cell)} is no time; write it as 2026-03-01T14:00Z") from None


def _number(cell: str) -> float:
    number = float(cell) if _NUMBER.fullmatch(cell) else math.nan
    if not math.isfinite(number):
        raise _Wrong(f"{shown(cell)} is no number")
    return number


def _number_in(metric: Metric, unit: str, cell: str) -> float:
    return to_canonical(metric, _number(cell), unit)


def _truth(cell: str) -> bool:
    truth = _TRUTHS.get(cell.lower())
    if truth is None:
        raise _Wrong(f"{shown(cell)} is neither true nor false")
    return truth


def _kinds(cell: str) -> tuple[WeatherKind, ...]:
    words = cell.split("+")
    for word in words:
        if word not in _KINDS:
            raise _Wrong(f"{shown(word)} is no kind of weather; {hint(word, _KINDS)}")
    return tuple([_KINDS[word] for word in words])


def _told(columns: Mapping[Metric, _Column]) -> frozenset[Metric]:
    """What the file tells of: of rain and snow their sum too."""
    both = {Metric.PRECIPITATION} if {Metric.RAIN, Metric.SNOW} <= columns.keys() else set[Metric]()
    return frozenset(columns.keys() | both)


def _listed(words: Sequence[str]) -> str:
    return ", ".join([shown(word) for word in words]) or "none"


def _refused(name: str, line: int, what: str) -> UsageError:
    return UsageError(f"{name}, line {line}: {what}.")
