"""OpenWeather's current weather (2.5, `units=metric`) as a Reading. Pure.

The frame of an answer has to be right, or there is no reading at all. Inside it a metric that cannot be read is
unknown, never a default; only the *key* `rain` or `snow` being absent from a valid answer means 0 mm/h (semantics 3).
"""

from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from weathertrigger.domain.weather import Metric, Place, Reading, Value, WeatherKind
from weathertrigger.errors import Transient
from weathertrigger.http.client import Origin
from weathertrigger.http.strict_json import Json, dig, items, number, text, whole
from weathertrigger.providers.openweather.conditions import kinds_of
from weathertrigger.providers.plausibility import sift

# Further ahead than any clock is wrong: then `dt` is not a time in seconds.
_AHEAD = timedelta(hours=1)

_PATHS = MappingProxyType(
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


def parse_current(body: Json, place: Place, fetched_at: datetime, origin: Origin) -> Reading:
    """The reading that a body holds; `observed_at` is its `dt`, canonical units throughout.

    Raises:
        Transient: the body is not a current-weather answer.
    """
    observed_at = _observed_at(dig(body, "dt"), fetched_at)
    if not isinstance(body, dict) or observed_at is None or number(dig(body, "main", "temp")) is None:
        message = "OpenWeather's answer is not the current weather: dt or main.temp is missing or wrong."
        raise origin.error(Transient, message)
    kept, discarded = sift(_numbers(body))
    if isinstance(rain := kept.get(Metric.RAIN), float) and isinstance(snow := kept.get(Metric.SNOW), float):
        kept[Metric.PRECIPITATION] = round(rain + snow, 6)  # 0.17 + 0.14 is 0.31, not 0.31000000000000005
    if kinds := _kinds(items(dig(body, "weather"))):
        kept[Metric.CONDITION] = kinds
    if (is_day := _is_day(dig(body, "weather", 0, "icon"))) is not None:
        kept[Metric.IS_DAY] = is_day
    return Reading(place.id, origin.service, observed_at, fetched_at, MappingProxyType(kept), discarded)


def _numbers(body: dict[str, Json]) -> dict[Metric, Value]:
    found = {metric: number(dig(body, *path)) for metric, path in _PATHS.items()}
    for metric, key in ((Metric.RAIN, "rain"), (Metric.SNOW, "snow")):
        found[metric] = number(dig(body, key, "1h")) if key in body else 0.0
    return {metric: value for metric, value in found.items() if value is not None}


def _observed_at(dt: Json, fetched_at: datetime) -> datetime | None:
    seconds = None if isinstance(dt, str) else whole(dt)
    if seconds is None or not 0 < seconds <= (fetched_at + _AHEAD).timestamp():
        return None
    return datetime.fromtimestamp(seconds, UTC)


def _kinds(entries: list[Json]) -> tuple[WeatherKind, ...]:
    """The kinds of all entries, the primary's first; none at all if one entry cannot be read."""
    codes = [whole(dig(entry, "id")) for entry in entries]
    each = [kinds_of(code) if code is not None else () for code in codes]
    return tuple(dict.fromkeys(kind for kinds in each for kind in kinds)) if all(each) else ()


def _is_day(icon: Json) -> bool | None:
    return {"d": True, "n": False}.get((text(icon) or " ")[-1])
