"""What is asked of Open-Meteo, the unit in which it has to come, and the time that a value speaks of.

Units and times are those of the tables at https://open-meteo.com/en/docs, with `wind_speed_unit=ms`; that `current`
takes every variable of `hourly` stands there too. `weather_code` is called instant there, but the server works it out
from the amounts that fell in the hour before it, and takes back a code of rain where those are 0 (`WeatherCode.swift`
in github.com/open-meteo/open-meteo): so it belongs to the same hour as the rain.
"""

from dataclasses import dataclass

from weathertrigger.domain.weather import Metric


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable. `metric` is None where a metric is made of several, or of something else than a number.

    `looks_back`: it speaks of the interval that ends at the entry's time (15 minutes in `current`, an hour in
    `hourly`), as its sum, its highest value or its chance; otherwise of that very time.
    """

    name: str
    unit: str
    metric: Metric | None = None
    looks_back: bool = False


TEMPERATURE = "temperature_2m"
RAIN, SHOWERS, SNOWFALL = "rain", "showers", "snowfall"
WEATHER_CODE, IS_DAY = "weather_code", "is_day"

VARIABLES = (
    Variable(TEMPERATURE, "°C", Metric.TEMPERATURE),
    Variable("apparent_temperature", "°C", Metric.FEELS_LIKE),
    Variable("dew_point_2m", "°C", Metric.DEW_POINT),
    Variable("relative_humidity_2m", "%", Metric.HUMIDITY),
    Variable("pressure_msl", "hPa", Metric.PRESSURE),
    Variable("wind_speed_10m", "m/s", Metric.WIND_SPEED),
    Variable("wind_gusts_10m", "m/s", Metric.WIND_GUST, looks_back=True),
    Variable("wind_direction_10m", "°", Metric.WIND_DIRECTION),
    Variable("cloud_cover", "%", Metric.CLOUDS),
    Variable("visibility", "m", Metric.VISIBILITY),
    Variable("uv_index", "", Metric.UV_INDEX),
    Variable("precipitation_probability", "%", Metric.PRECIPITATION_PROBABILITY, looks_back=True),
    Variable(RAIN, "mm", looks_back=True),  # of large weather systems only
    Variable(SHOWERS, "mm", looks_back=True),  # the rest of the rain
    Variable(SNOWFALL, "cm", looks_back=True),
    Variable(WEATHER_CODE, "wmo code", looks_back=True),
    Variable(IS_DAY, ""),
)
"""Asked for both in `current` and in `hourly`."""

FORECAST_DAYS = 8
"""Days of UTC from today's 0 o'clock on: at 23:59 there are still seven times 24 hours to come."""
PAST_DAYS = 1
"""Days of UTC before: the local day that has begun anywhere began no earlier than yesterday's 0 o'clock."""

_VARIABLES_OF_ONE_CALL = 10


def weight(places: int, sections: int) -> int:
    """How many calls Open-Meteo counts for a question about so many places with all variables in so many sections.

    A place counts as one call for each ten variables, at least as one (`calculateQueryWeight` in
    `ForecastApiResult.swift`); more than 14 days would count more. Rounded up.
    """
    tenths = places * max(_VARIABLES_OF_ONE_CALL, sections * len(VARIABLES))
    return -(-tenths // _VARIABLES_OF_ONE_CALL)
