"""What is measured of the weather, in which units, and one reading of it at one place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Metric(StrEnum):
    """Everything that a condition can look at. The canonical unit of each stands in `units.py`."""

    TEMPERATURE = "temperature"
    FEELS_LIKE = "feels_like"
    DEW_POINT = "dew_point"
    HUMIDITY = "humidity"
    PRESSURE = "pressure"
    WIND_SPEED = "wind_speed"
    WIND_GUST = "wind_gust"
    WIND_DIRECTION = "wind_direction"
    CLOUDS = "clouds"
    VISIBILITY = "visibility"
    UV_INDEX = "uv_index"
    RAIN = "rain"
    SNOW = "snow"
    SNOWFALL = "snowfall"
    PRECIPITATION = "precipitation"
    PRECIPITATION_PROBABILITY = "precipitation_probability"
    CONDITION = "condition"
    ALERT = "alert"
    IS_DAY = "is_day"


class WeatherKind(StrEnum):
    """The values of the metric `condition`. One provider code may be several: 616 is rain *and* snow."""

    CLEAR = "clear"
    CLOUDS = "clouds"
    FOG = "fog"
    MIST = "mist"
    HAZE = "haze"
    SMOKE = "smoke"
    DUST = "dust"
    SAND = "sand"
    ASH = "ash"
    SQUALL = "squall"
    TORNADO = "tornado"
    DRIZZLE = "drizzle"
    RAIN = "rain"
    FREEZING_RAIN = "freezing_rain"
    SLEET = "sleet"
    SNOW = "snow"
    THUNDERSTORM = "thunderstorm"


# A number in the metric's canonical unit, a yes/no, or the kinds of weather that hold at once.
Value = float | bool | tuple[WeatherKind, ...]


# Two decimals are about 1.1 km: finer than any provider's own grid, coarse enough that a street is one place.
_GRID_DECIMALS = 2


@dataclass(frozen=True, slots=True)
class Place:
    """A grid point. Places closer than the grid's step are one place and share every reading."""

    id: str
    latitude: float
    longitude: float
    name: str | None = None
    time_zone: str | None = None


def place_at(latitude: float, longitude: float, *, name: str | None = None, time_zone: str | None = None) -> Place:
    """The grid point nearest to the coordinates; its id reads like them: `40.69,-74.17`."""
    latitude = round(latitude, _GRID_DECIMALS) + 0.0
    longitude = round(longitude, _GRID_DECIMALS) + 0.0
    return Place(f"{latitude:.2f},{longitude:.2f}", latitude, longitude, name, time_zone)


@dataclass(frozen=True, slots=True)
class Reading:
    """One answer of one provider about the present weather of one place.

    `values` holds what is known, in canonical units; a metric that is not there is unknown. `discarded` names the
    metrics whose value was outside physical bounds, with the value as it came.
    """

    place_id: str
    provider: str
    observed_at: datetime
    fetched_at: datetime
    values: Mapping[Metric, Value]
    discarded: Mapping[Metric, float] = field(default_factory=dict)
    id: int | None = None
