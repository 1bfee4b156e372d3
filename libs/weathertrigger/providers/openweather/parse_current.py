"""The current weather of version 2.5 (`units=metric`) as a Reading. Pure.

The frame of an answer has to be right, or there is no reading at all.
"""

from datetime import datetime
from types import MappingProxyType

from weathertrigger.domain.weather import Metric, Place, Reading
from weathertrigger.errors import Transient
from weathertrigger.http.client import Origin
from weathertrigger.http.strict_json import Json, dig
from weathertrigger.providers.openweather.daylight import by_icon, by_sun
from weathertrigger.providers.openweather.nested import has_temperature, nested_values
from weathertrigger.providers.openweather.times import observed_at
from weathertrigger.providers.openweather.values import first_known


def parse_current(body: Json, place: Place, fetched_at: datetime, origin: Origin) -> Reading:
    """The reading that a body holds; `observed_at` is its `dt`, canonical units throughout.

    Raises:
        Transient: the body is not a current-weather answer.
    """
    at = observed_at(dig(body, "dt"), fetched_at)
    if not isinstance(body, dict) or at is None or not has_temperature(body):
        message = "OpenWeather's answer is not the current weather: dt or main.temp is missing or wrong."
        raise origin.error(Transient, message)
    values, discarded = nested_values(body, 1)
    if (is_day := first_known(by_icon(body.get("weather")), by_sun(body.get("sys"), at))) is not None:
        values[Metric.IS_DAY] = is_day
    return Reading(place.id, origin.service, at, fetched_at, MappingProxyType(values), discarded)
