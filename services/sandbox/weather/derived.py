"""What OpenWeather says and ASOS did not record, derived here by rules of our own. Nothing in here was measured.

- all rain from 2 C, rain and snow in halves from 1 C, sleet (counted as snow) above 0 C, snow at 0 C and below;
- clouds: 100 % while anything falls, otherwise a straight line over relative humidity, 0 % at 40 % to 100 % at 95 %;
- feels like: the US National Weather Service's wind chill and heat index in their ranges, otherwise the temperature;
- UV index: a half sine from sunrise to sunset, 9 at noon, damped by clouds.
"""

import math
from dataclasses import dataclass
from datetime import datetime

from services.sandbox.weather.recorded import Observation


@dataclass(frozen=True, slots=True)
class Sky:
    """OpenWeather's condition code with its words."""

    code: int
    group: str
    description: str
    icon: str


_RAIN = (
    (2.5, Sky(500, "Rain", "light rain", "10")),
    (10.0, Sky(501, "Rain", "moderate rain", "10")),
    (50.0, Sky(502, "Rain", "heavy intensity rain", "10")),
    (math.inf, Sky(503, "Rain", "very heavy rain", "10")),
)
_SNOW = (
    (1.0, Sky(600, "Snow", "light snow", "13")),
    (2.5, Sky(601, "Snow", "snow", "13")),
    (math.inf, Sky(602, "Snow", "heavy snow", "13")),
)
_SLEET = Sky(611, "Snow", "sleet", "13")
_MIXED = Sky(616, "Snow", "rain and snow", "13")
_MIST = Sky(701, "Mist", "mist", "50")
_HAZE = Sky(721, "Haze", "haze", "50")
_FOG = Sky(741, "Fog", "fog", "50")
_CLOUDS = (
    (10, Sky(800, "Clear", "clear sky", "01")),
    (25, Sky(801, "Clouds", "few clouds", "02")),
    (50, Sky(802, "Clouds", "scattered clouds", "03")),
    (84, Sky(803, "Clouds", "broken clouds", "04")),
    (100, Sky(804, "Clouds", "overcast clouds", "04")),
)
_RAIN_FROM, _MIXED_FROM, _SNOW_UP_TO = 2.0, 1.0, 0.0
_FOG_BELOW, _MIST_BELOW, _MIST_HUMIDITY = 1000.0, 5000.0, 80.0


def rain_and_snow(observation: Observation) -> tuple[float, float]:
    """The hour's precipitation in mm of water as rain and as snow; together they are what was recorded."""
    amount, temperature = observation.precipitation, _as_shown(observation)
    if temperature >= _RAIN_FROM:
        return amount, 0.0
    return (amount / 2, amount / 2) if temperature >= _MIXED_FROM else (0.0, amount)


def sky(observation: Observation) -> Sky:
    """The condition of the hour."""
    if observation.precipitation > 0:
        return _falling(observation.precipitation, _as_shown(observation))
    if observation.visibility < _FOG_BELOW:
        return _FOG
    if observation.visibility < _MIST_BELOW:
        return _MIST if observation.humidity >= _MIST_HUMIDITY else _HAZE
    return next(sky for up_to, sky in _CLOUDS if clouds(observation) <= up_to)


def _as_shown(observation: Observation) -> float:
    """The temperature in C as answers show it, so that 35.6 F is 2 C and not a hair less."""
    return round(observation.temperature, 2)


def _falling(amount: float, temperature: float) -> Sky:
    if temperature >= _RAIN_FROM:
        return next(sky for below, sky in _RAIN if amount < below)
    if temperature >= _MIXED_FROM:
        return _MIXED
    return _SLEET if temperature > _SNOW_UP_TO else next(sky for below, sky in _SNOW if amount < below)


def clouds(observation: Observation) -> int:
    """Percent of the sky."""
    if observation.precipitation > 0:
        return 100
    return round(min(max((observation.humidity - 40) / 55, 0.0), 1.0) * 100)


def feels_like(observation: Observation) -> float:
    """In C."""
    celsius, km_per_hour = observation.temperature, observation.wind_speed * 3.6
    if celsius <= 10 and km_per_hour > 4.8:  # noqa: PLR2004  # the range of the wind chill formula
        factor = math.pow(km_per_hour, 0.16)
        return 13.12 + 0.6215 * celsius - 11.37 * factor + 0.3965 * celsius * factor
    if celsius >= 27 and observation.humidity >= 40:  # noqa: PLR2004  # the range of the heat index formula
        return _heat_index(celsius * 9 / 5 + 32, observation.humidity)
    return celsius


def _heat_index(t: float, r: float) -> float:
    fahrenheit = (
        -42.379
        + 2.04901523 * t
        + 10.14333127 * r
        - 0.22475541 * t * r
        - 6.83783e-3 * t * t
        - 5.481717e-2 * r * r
        + 1.22874e-3 * t * t * r
        + 8.5282e-4 * t * r * r
        - 1.99e-6 * t * t * r * r
    )
    return (fahrenheit - 32) * 5 / 9


def uv_index(at: datetime, sunrise: datetime, sunset: datetime, clouds_percent: int) -> float:
    """0 at night."""
    if not sunrise < at < sunset:
        return 0.0
    return 9 * math.sin(math.pi * ((at - sunrise) / (sunset - sunrise))) * (1 - 0.6 * clouds_percent / 100)
