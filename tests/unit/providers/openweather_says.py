"""What an OpenWeather answer says, worked out a second time and in another way, to hold the parsers against.

Everything here takes JSON that was read. A key that is missing from a result means that nothing is known of it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from tests.unit.providers.openweather_bodies import NOW, Body
from weathertrigger.domain.forecast import EachDay
from weathertrigger.domain.physical_bounds import BOUNDS, DAY_SUM_BOUNDS
from weathertrigger.domain.weather import Metric, Value
from weathertrigger.providers.dew_point import dew_point
from weathertrigger.providers.openweather.conditions import kinds_of

Known = dict[Metric, Value]
Numbers = dict[Metric, float]
_Key = TypeVar("_Key")
_Said = TypeVar("_Said")

_NOW = NOW.timestamp()
_DAY = 86_400
_NESTED = {
    Metric.TEMPERATURE: "main.temp",
    Metric.FEELS_LIKE: "main.feels_like",
    Metric.HUMIDITY: "main.humidity",
    Metric.PRESSURE: "main.pressure",
    Metric.WIND_SPEED: "wind.speed",
    Metric.WIND_GUST: "wind.gust",
    Metric.WIND_DIRECTION: "wind.deg",
    Metric.CLOUDS: "clouds.all",
    Metric.VISIBILITY: "visibility",
}
_FALLING = [
    *(Metric.RAIN, Metric.SNOW, Metric.SNOWFALL, Metric.PRECIPITATION),
    *(Metric.PRECIPITATION_PROBABILITY, Metric.CONDITION),
]
_FLAT = {
    Metric.TEMPERATURE: "temp",
    Metric.FEELS_LIKE: "feels_like",
    Metric.DEW_POINT: "dew_point",
    Metric.HUMIDITY: "humidity",
    Metric.PRESSURE: "pressure",
    Metric.WIND_SPEED: "wind_speed",
    Metric.WIND_GUST: "wind_gust",
    Metric.WIND_DIRECTION: "wind_deg",
    Metric.CLOUDS: "clouds",
    Metric.VISIBILITY: "visibility",
    Metric.UV_INDEX: "uvi",
}


def current(body: Body) -> Known | None:
    """The present of version 2.5; None if it is not told at all."""
    seen = _time(body, "dt")
    if seen is None or seen > _NOW + 3600 or _number(body, "main.temp") is None:
        return None
    return _nested(body, 1) | _yes_or_no(Metric.IS_DAY, _by_icon(body), _by_sun(_at(body, "sys"), seen))


def forecast(body: Body) -> dict[int, Known]:
    """The hours of version 2.5: of the step that ends with them what falls, of the step nearest to them the rest."""
    told = [(_near(step), step) for step in _list(body, "list") if _number(step, "main.temp") is not None]
    steps = [(at // 3600, step) for at, step in told if at is not None]
    falls, rest = [], []
    for at, step in steps:
        part = {"d": True, "n": False}.get(str(_at(step, "sys.pod")))
        known = _nested(step, 3) | _yes_or_no(Metric.IS_DAY, _by_icon(step), part)
        of_the_step = {metric: value for metric, value in known.items() if metric in _FALLING}
        at_its_end = {metric: value for metric, value in known.items() if metric not in _FALLING}
        is_first = not any(other < at for other, _ in steps)
        falls += [(at - back, of_the_step) for back in (1, 2, 3)]
        rest += [(at + off, at_its_end) for off in ((-3, -2, -1, 0, 1) if is_first else (-1, 0, 1))]
    fallen, nearest = _said_once(falls), _said_once(rest)
    return {hour: fallen.get(hour, {}) | nearest.get(hour, {}) for hour in fallen.keys() | nearest.keys()}


def one_call(body: Body) -> tuple[Known | None, dict[int, Known]]:
    """The present (None if it is not told at all) and the hours of One Call."""
    told = [(_near(entry), entry) for entry in _list(body, "hourly") if _number(entry, "temp") is not None]
    hours = _said_once((at // 3600, _flat(entry, at) | _alert(body, at)) for at, entry in told if at is not None)
    now = _at(body, "current")
    seen = _time(now, "dt")
    if seen is None or seen > _NOW + 3600 or _number(now, "temp") is None:
        return None, hours
    this_hour = hours.get(int(_NOW) // 3600, {})
    probable = {one: this_hour[one] for one in this_hour if one is Metric.PRECIPITATION_PROBABILITY}
    return _flat(now, seen) | probable | _alert(body, int(_NOW)), hours


def days(body: Body) -> dict[date, dict[EachDay, Numbers]]:
    """The days of One Call."""
    offset = _at(body, "timezone_offset")
    if type(offset) is not int or abs(offset) > 15 * 3600:
        return {}
    said = []
    for entry in _list(body, "daily"):
        noon = _near(entry)
        low, high = _number(entry, "temp.min"), _number(entry, "temp.max")
        if noon is not None and (low, high) != (None, None):
            wind = {Metric.WIND_SPEED: "wind_speed", Metric.WIND_GUST: "wind_gust", Metric.UV_INDEX: "uvi"}
            highest = _numbers(entry, {Metric.TEMPERATURE: "temp.max", **wind})
            figures = {
                EachDay.MIN: _possible(_numbers(entry, {Metric.TEMPERATURE: "temp.min"})),
                EachDay.MAX: _possible(highest),
                EachDay.SUM: _with_sums(_falls(entry, "", 1), DAY_SUM_BOUNDS),
            }
            said.append(((datetime.fromtimestamp(noon, UTC) + timedelta(seconds=offset)).date(), figures))
    return _said_once(said)


def _nested(entry: Body, hours: int) -> Known:
    known = _with_sums(_numbers(entry, _NESTED) | _falls(entry, f".{hours}h", hours) | _probable(entry))
    temperature, humidity = known.get(Metric.TEMPERATURE), known.get(Metric.HUMIDITY)
    dew = None if temperature is None or humidity is None else dew_point(temperature, humidity)
    return known | _possible({} if dew is None else {Metric.DEW_POINT: dew}) | _condition(entry)


def _flat(entry: Body, at: int) -> Known:
    known = _with_sums(_numbers(entry, _FLAT) | _falls(entry, ".1h", 1) | _probable(entry))
    return known | _condition(entry) | _yes_or_no(Metric.IS_DAY, _by_icon(entry), _by_sun(entry, at))


def _numbers(entry: Body, paths: Mapping[Metric, str]) -> Numbers:
    return {metric: told for metric, path in paths.items() if (told := _number(entry, path)) is not None}


def _falls(entry: Body, inside: str, share: int) -> Numbers:
    """Rain and snow; no key means none."""
    told: Numbers = {}
    for metric in (Metric.RAIN, Metric.SNOW):
        amount = _number(entry, metric.value + inside) if metric.value in entry else 0.0
        told |= {} if amount is None else {metric: amount / share}
    return told


def _probable(entry: Body) -> Numbers:
    share = _number(entry, "pop")
    return {} if share is None else {Metric.PRECIPITATION_PROBABILITY: share * 100}


def _with_sums(told: Numbers, bounds: Mapping[Metric, tuple[float, float]] = BOUNDS) -> Numbers:
    known = _possible(told, bounds)
    if Metric.SNOW in known:
        known |= _possible({Metric.SNOWFALL: known[Metric.SNOW] * 0.7}, bounds)
        if Metric.RAIN in known:
            known[Metric.PRECIPITATION] = known[Metric.RAIN] + known[Metric.SNOW]
    return known


def _possible(told: Numbers, bounds: Mapping[Metric, tuple[float, float]] = BOUNDS) -> Numbers:
    return {metric: value for metric, value in told.items() if bounds[metric][0] <= value <= bounds[metric][1]}


def _condition(entry: Body) -> Known:
    ids = [_at(one, "id") for one in _list(entry, "weather")]
    kinds = [
        kinds_of(int(one)) if type(one) is int or (isinstance(one, str) and one.isdecimal()) else () for one in ids
    ]
    return {Metric.CONDITION: tuple(dict.fromkeys(sum(kinds, ())))} if kinds and all(kinds) else {}


def _yes_or_no(metric: Metric, *answers: bool | None) -> Known:
    known = [answer for answer in answers if answer is not None]
    return {metric: known[0]} if known else {}


def _by_icon(entry: Body) -> bool | None:
    icon = _at(entry, "weather.0.icon")
    return {"d": True, "n": False}.get(icon[-1:]) if isinstance(icon, str) else None


def _by_sun(entry: Body, at: int) -> bool | None:
    up, down = _time(entry, "sunrise"), _time(entry, "sunset")
    return None if up is None or down is None or up > down else up <= at < down


def _alert(body: Body, at: int) -> Known:
    if "alerts" not in body:
        return {Metric.ALERT: False}
    if not isinstance(body["alerts"], list):
        return {}
    spans = [(_time(one, "start"), _time(one, "end")) for one in body["alerts"]]
    if any(start is not None and end is not None and start <= at < end for start, end in spans):
        return {Metric.ALERT: True}
    return {} if any(None in span for span in spans) else {Metric.ALERT: False}


def _said_once(said: Iterable[tuple[_Key, _Said]]) -> dict[_Key, _Said]:
    pairs = list(said)
    times = Counter(key for key, _ in pairs)
    return {key: value for key, value in pairs if times[key] == 1}


def _at(body: Body, path: str) -> Body:
    """What is there; None where nothing is."""
    for step in path.split("."):
        inner = body if isinstance(body, dict) else dict(enumerate(body)) if isinstance(body, list) else {}
        body = inner.get(int(step) if isinstance(body, list) and step.isdecimal() else step)
    return body


def _list(body: Body, path: str) -> list[Body]:
    found = _at(body, path)
    return found if isinstance(found, list) else []


def _number(body: Body, path: str) -> float | None:
    found = _at(body, path)
    return float(found) if type(found) in {int, float} else None


def _time(body: Body, path: str) -> int | None:
    found = _at(body, path)
    return found if type(found) is int and 0 < found < 10**19 else None


def _near(entry: Body) -> int | None:
    """`dt`, if a forecast of now may tell of that time."""
    at = _time(entry, "dt")
    return at if at is not None and _NOW - _DAY <= at <= _NOW + 10 * _DAY else None
