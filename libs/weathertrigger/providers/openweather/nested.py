"""The entries of version 2.5, whose numbers stand in groups (`main`, `wind`, `clouds`). Pure."""

from collections.abc import Mapping
from types import MappingProxyType

from weathertrigger.domain.weather import Metric
from weathertrigger.http.strict_json import Json, dig, number
from weathertrigger.providers.dew_point import dew_point
from weathertrigger.providers.openweather.conditions import condition_of
from weathertrigger.providers.openweather.values import Judged, Path, fallen, judge, numbers_at, probability
from weathertrigger.providers.plausibility import sift

_PATHS: Mapping[Metric, Path] = MappingProxyType(
    {
        Metric.TEMPERATURE: ("main", "temp"),
        Metric.FEELS_LIKE: ("main", "feels_like"),
        Metric.HUMIDITY: ("main", "humidity"),
        Metric.PRESSURE: ("main", "pressure"),
        Metric.WIND_SPEED: ("wind", "speed"),
        Metric.WIND_GUST: ("wind", "gust"),
        Metric.WIND_DIRECTION: ("wind", "deg"),
        Metric.CLOUDS: ("clouds", "all"),
        Metric.VISIBILITY: ("visibility",),
    }
)


def has_temperature(entry: Json) -> bool:
    """Whether it is an entry about the weather at all: then a key that is absent may say something."""
    return number(dig(entry, "main", "temp")) is not None


def nested_values(entry: dict[str, Json], hours: int) -> Judged:
    """Everything but whether it is day. `rain` and `snow` hold the amount of so many hours (`1h`, `3h`).

    Version 2.5 tells neither UV index nor alerts; its dew point follows from temperature and humidity.
    """
    told = numbers_at(entry, _PATHS) | fallen(entry, f"{hours}h", hours=hours) | probability(entry.get("pop"))
    values, discarded = judge(told)
    temperature, humidity = values.get(Metric.TEMPERATURE), values.get(Metric.HUMIDITY)
    if isinstance(temperature, float) and isinstance(humidity, float):
        dew = dew_point(temperature, humidity)
        values |= sift({} if dew is None else {Metric.DEW_POINT: dew})[0]
    if kinds := condition_of(entry.get("weather")):
        values[Metric.CONDITION] = kinds
    return values, discarded
