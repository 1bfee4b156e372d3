"""The body of an answer, its fields in the order in which the real server writes them (`JsonWriter.swift`)."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.sandbox.open_meteo.question import Question, Spot
from services.sandbox.open_meteo.variables import VARIABLES, WIND
from services.sandbox.replay_clock import Moment
from services.sandbox.weather.recorded import Station, nearest
from services.sandbox.weather.scene import HOUR, Scene, timestamp

Document = dict[str, Any]  # Any: JSON
_QUARTER, _DAY = timedelta(minutes=15), timedelta(days=1)
_CELLS_PER_DEGREE = 8
_ELEVATION = 5.0  # both stations lie by the sea


def documents(question: Question, stations: tuple[Station, ...], moment: Moment) -> list[Document]:
    """One for each place, in the order of the question."""
    told: dict[tuple[str, str], Document] = {}  # places share what their station tells
    found: list[Document] = []
    for number, spot in enumerate(question.spots):
        station = nearest(stations, spot.latitude, spot.longitude)
        key = station.code, spot.zone.key
        if key not in told:
            told[key] = _sections(Scene(station, moment), question, spot.zone)
        found.append(_heading(spot, moment.real) | ({"location_id": number} if number else {}) | told[key])
    return found


def _heading(spot: Spot, now: datetime) -> Document:
    """The coordinates are those of a grid cell, not of the place that was asked about."""
    offset = _offset(spot.zone, now)
    return {
        "latitude": round(spot.latitude * _CELLS_PER_DEGREE) / _CELLS_PER_DEGREE,
        "longitude": round(spot.longitude * _CELLS_PER_DEGREE) / _CELLS_PER_DEGREE,
        "generationtime_ms": 0.25,
        "utc_offset_seconds": int(offset.total_seconds()),
        "timezone": "GMT" if spot.zone.key == "UTC" else spot.zone.key,
        "timezone_abbreviation": _abbreviation(offset),
        "elevation": _ELEVATION,
    }


def _sections(scene: Scene, question: Question, zone: ZoneInfo) -> Document:
    offset = _offset(zone, scene.moment.real)
    found: Document = {}
    if question.current:
        found["current_units"] = _units(question, question.current, {"interval": "seconds"})
        found["current"] = _current(scene, question, offset)
    if question.hourly:
        found["hourly_units"] = _units(question, question.hourly, {})
        found["hourly"] = _hourly(scene, question, offset)
    return found


def _current(scene: Scene, question: Question, offset: timedelta) -> Document:
    """Told of the last quarter of an hour, with the weather of this very moment."""
    values = {name: _value(question, name, scene, scene, _QUARTER / HOUR) for name in question.current}
    time = _told(question, _floor(scene.moment.real, _QUARTER), offset)
    return {"time": time, "interval": int(_QUARTER.total_seconds()), **values}


def _hourly(scene: Scene, question: Question, offset: timedelta) -> Document:
    """From local midnight on, or from one before; what looks back tells of the hour before the entry's time."""
    first = _floor(scene.moment.real + offset, _DAY) - offset
    times = [first + hour * HOUR for hour in range(-24 * question.past_days, 24 * question.days)]
    scenes = [scene.later(at - scene.moment.real) for at in times]
    before = [each.later(-HOUR) for each in scenes]
    columns = {
        name: [_value(question, name, *pair, 1.0) for pair in zip(scenes, before, strict=True)]
        for name in question.hourly
    }
    return {"time": [_told(question, at, offset) for at in times], **columns}


def _value(question: Question, name: str, scene: Scene, before: Scene, part: float) -> float | None:
    variable = VARIABLES[name]
    value = variable.value(before if variable.looks_back else scene)
    if value is None:
        return None
    _, factor, wind_decimals = question.wind_unit.value
    if variable.unit == WIND:
        return round(value * factor, wind_decimals)
    return round(value * part if variable.adds_up else value, variable.decimals or None)


def _units(question: Question, names: tuple[str, ...], more: dict[str, str]) -> Document:
    wind = question.wind_unit.value[0]
    units = {name: wind if VARIABLES[name].unit == WIND else VARIABLES[name].unit for name in names}
    return {"time": "unixtime" if question.is_unixtime else "iso8601", **more, **units}


def _told(question: Question, at: datetime, offset: timedelta) -> int | str:
    return timestamp(at) if question.is_unixtime else f"{at + offset:%Y-%m-%dT%H:%M}"


def _floor(at: datetime, step: timedelta) -> datetime:
    return at - (at - datetime.min.replace(tzinfo=at.tzinfo)) % step


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def _abbreviation(offset: timedelta) -> str:
    """`GMT`, `GMT-5` or `GMT+5:30`."""
    minutes = int(offset.total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    sign = "-" if minutes < 0 else "+"
    return "GMT" + (f"{sign}{hours}" if minutes else "") + (f":{rest:02}" if rest else "")
