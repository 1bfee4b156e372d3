"""The forecast of version 2.5 (`units=metric`), five days in steps of three hours, as a Forecast. Pure."""

from collections.abc import Iterator
from datetime import datetime

from weathertrigger.domain.forecast import Forecast, Values, hour_of
from weathertrigger.domain.weather import Metric, Place
from weathertrigger.errors import Transient
from weathertrigger.http.client import Origin
from weathertrigger.http.strict_json import Json, dig, items
from weathertrigger.providers.openweather.daylight import by_icon, by_letter
from weathertrigger.providers.openweather.nested import has_temperature, nested_values
from weathertrigger.providers.openweather.times import expected_at, told_once
from weathertrigger.providers.openweather.values import first_known

_STEP_HOURS = 3


def parse_forecast(body: Json, place: Place, fetched_at: datetime, origin: Origin) -> Forecast:
    """The hours that a body tells of; a step that cannot be read leaves its hours out.

    Raises:
        Transient: the body is not a forecast, or one of another time.
    """
    hours = told_once(pair for step in items(dig(body, "list")) for pair in _hours_of(step, fetched_at))
    if not hours:
        message = "OpenWeather's answer is not a forecast: no entry of list has a usable dt and a main.temp."
        raise origin.error(Transient, message)
    return Forecast(place.id, origin.service, fetched_at, hours)


def _hours_of(step: Json, fetched_at: datetime) -> Iterator[tuple[int, Values]]:
    """The three hours before its `dt`, in which its rain and snow fall; what else it says is taken for each of them."""
    at = expected_at(dig(step, "dt"), fetched_at)
    if not isinstance(step, dict) or at is None or not has_temperature(step):
        return
    values, _ = nested_values(step, _STEP_HOURS)
    if (is_day := first_known(by_icon(step.get("weather")), by_letter(dig(step, "sys", "pod")))) is not None:
        values[Metric.IS_DAY] = is_day
    end = hour_of(at)
    yield from ((hour, values) for hour in range(end - _STEP_HOURS, end))
