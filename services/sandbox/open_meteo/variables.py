"""The variables that the sandbox knows, with the unit, the decimals and the time of the real ones.

Wind has the unit that was asked for. All rain is large-scale rain, so that showers are always 0.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from services.sandbox.weather import derived
from services.sandbox.weather.scene import Scene

WIND = "wind"
_SNOW_RATIO = 0.7  # cm of snow for a millimetre of water, as at the real server

# WMO's codes have no sleet; the real server tells any snow as snow.
_CODES = MappingProxyType({500: 61, 501: 63, 502: 65, 503: 65, 600: 71, 601: 73, 602: 75, 611: 71, 616: 71, 741: 45})
_CLOUDS = ((20, 0), (50, 1), (80, 2), (math.inf, 3))  # percent below which the sky has the code


@dataclass(frozen=True, slots=True)
class Variable:
    """`value` reads it off a scene: that of the entry's time or, if it `looks_back`, the interval that ends then.

    `adds_up`: the value of an hour, of which a shorter interval has its part. None is null.
    """

    unit: str
    decimals: int
    value: Callable[[Scene], float | None]
    looks_back: bool = False
    adds_up: bool = False


def _sum(unit: str, value: Callable[[Scene], float]) -> Variable:
    return Variable(unit, 2, value, looks_back=True, adds_up=True)


def weather_code(scene: Scene) -> int:
    """The WMO code of the sky that the imitation of OpenWeather tells; mist and haze are told as clouds."""
    clouds = derived.clouds(scene.observation)
    return _CODES.get(scene.sky.code) or next(code for below, code in _CLOUDS if clouds < below)


def _rain(scene: Scene) -> float:
    return derived.rain_and_snow(scene.observation)[0]


def _snow(scene: Scene) -> float:
    return derived.rain_and_snow(scene.observation)[1]


VARIABLES: Mapping[str, Variable] = MappingProxyType(
    {
        "temperature_2m": Variable("°C", 1, lambda scene: scene.observation.temperature),
        "relative_humidity_2m": Variable("%", 0, lambda scene: scene.observation.humidity),
        "dew_point_2m": Variable("°C", 1, lambda scene: scene.observation.dew_point),
        "apparent_temperature": Variable("°C", 1, lambda scene: derived.feels_like(scene.observation)),
        "precipitation_probability": Variable(
            "%", 0, lambda scene: 100 if scene.observation.precipitation > 0 else 0, looks_back=True
        ),
        "precipitation": _sum("mm", lambda scene: scene.observation.precipitation),
        "rain": _sum("mm", _rain),
        "showers": _sum("mm", lambda _: 0.0),
        "snowfall": _sum("cm", lambda scene: _snow(scene) * _SNOW_RATIO),
        "weather_code": Variable("wmo code", 0, weather_code, looks_back=True),
        "pressure_msl": Variable("hPa", 1, lambda scene: scene.observation.pressure),
        "cloud_cover": Variable("%", 0, lambda scene: derived.clouds(scene.observation)),
        "visibility": Variable("m", 2, lambda scene: scene.observation.visibility),
        "wind_speed_10m": Variable(WIND, 0, lambda scene: scene.observation.wind_speed),
        "wind_direction_10m": Variable("°", 0, lambda scene: scene.observation.wind_direction),
        "wind_gusts_10m": Variable(WIND, 0, lambda scene: scene.observation.wind_gust, looks_back=True),
        "uv_index": Variable("", 2, Scene.uv_index),
        "is_day": Variable("", 0, lambda scene: int(scene.is_day())),
    }
)
