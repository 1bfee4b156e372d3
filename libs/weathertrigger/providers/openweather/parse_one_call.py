"""One Call 3.0 (`units=metric`): the present, 48 hours and 8 days in one answer. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType

from weathertrigger.domain.forecast import Forecast, Values, hour_of
from weathertrigger.domain.weather import Metric, Place, Reading, Value
from weathertrigger.errors import Transient
from weathertrigger.http.client import Origin
from weathertrigger.http.strict_json import Json, dig, items, number
from weathertrigger.providers.openweather.alerts import alert_at
from weathertrigger.providers.openweather.conditions import condition_of
from weathertrigger.providers.openweather.daylight import by_icon, by_sun
from weathertrigger.providers.openweather.parse_days import parse_days
from weathertrigger.providers.openweather.times import expected_at, observed_at, told_once
from weathertrigger.providers.openweather.values import (
    Judged,
    Path,
    fallen,
    first_known,
    judge,
    numbers_at,
    probability,
)
from weathertrigger.providers.port import Weather

_PATHS: Mapping[Metric, Path] = MappingProxyType(
    {
        Metric.TEMPERATURE: ("temp",),
        Metric.FEELS_LIKE: ("feels_like",),
        Metric.DEW_POINT: ("dew_point",),
        Metric.HUMIDITY: ("humidity",),
        Metric.PRESSURE: ("pressure",),
        Metric.WIND_SPEED: ("wind_speed",),
        Metric.WIND_GUST: ("wind_gust",),
        Metric.WIND_DIRECTION: ("wind_deg",),
        Metric.CLOUDS: ("clouds",),
        Metric.VISIBILITY: ("visibility",),
        Metric.UV_INDEX: ("uvi",),
    }
)


def parse_one_call(
    body: Json, place: Place, fetched_at: datetime, origin: Origin, *, now: bool, ahead: bool
) -> Weather:
    """Everything that a body holds, asked for or not.

    Raises:
        Transient: what was asked for is not in it: `now` the present, `ahead` the forecast.
    """
    hours = told_once(_hours(body, fetched_at))
    reading = _reading(body, hours.get(hour_of(fetched_at), {}), place, fetched_at, origin)
    if now and reading is None:
        message = "OpenWeather's answer holds no current weather: current.dt or current.temp is missing or wrong."
        raise origin.error(Transient, message)
    if ahead and not hours:
        message = "OpenWeather's answer holds no forecast: no entry of hourly has a usable dt and a temp."
        raise origin.error(Transient, message)
    days = parse_days(body, fetched_at)
    return Weather(reading, Forecast(place.id, origin.service, fetched_at, hours, days) if hours else None)


def _reading(body: Json, this_hour: Values, place: Place, fetched_at: datetime, origin: Origin) -> Reading | None:
    """The present. How probable precipitation is, only the entry of this hour tells."""
    current = dig(body, "current")
    at = observed_at(dig(current, "dt"), fetched_at)
    if not isinstance(current, dict) or at is None or not _has_temperature(current):
        return None
    values, discarded = _values(current, at)
    probable = Metric.PRECIPITATION_PROBABILITY
    values |= {probable: this_hour[probable]} if probable in this_hour else {}
    values |= _alert(body, fetched_at)
    return Reading(place.id, origin.service, at, fetched_at, MappingProxyType(values), discarded)


def _hours(body: Json, fetched_at: datetime) -> Iterator[tuple[int, Values]]:
    for entry in items(dig(body, "hourly")):
        at = expected_at(dig(entry, "dt"), fetched_at)
        if isinstance(entry, dict) and at is not None and _has_temperature(entry):
            values, _ = _values(entry, at)
            yield hour_of(at), values | _alert(body, at)


def _has_temperature(entry: Json) -> bool:
    """Whether it is an entry about the weather at all: then a key that is absent may say something."""
    return number(dig(entry, "temp")) is not None


def _values(entry: dict[str, Json], at: datetime) -> Judged:
    told = numbers_at(entry, _PATHS) | fallen(entry, "1h") | probability(entry.get("pop"))
    values, discarded = judge(told)
    if kinds := condition_of(entry.get("weather")):
        values[Metric.CONDITION] = kinds
    if (is_day := first_known(by_icon(entry.get("weather")), by_sun(entry, at))) is not None:
        values[Metric.IS_DAY] = is_day
    return values, discarded


def _alert(body: Json, at: datetime) -> dict[Metric, Value]:
    in_force = alert_at(body, at)
    return {} if in_force is None else {Metric.ALERT: in_force}
