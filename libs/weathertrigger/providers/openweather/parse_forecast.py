"""The forecast of version 2.5 (`units=metric`), five days in steps of three hours, as a Forecast. Pure.

A step says what falls in the three hours before its `dt`, and how probable that is; its code of weather is one of rain
where some falls, and so belongs to the same hours. All else is so at `dt`: an hour has it of the step that is nearest
to its beginning.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime

from weathertrigger.domain.forecast import Forecast, Values, hour_of
from weathertrigger.domain.weather import Metric, Place, Value
from weathertrigger.errors import Transient
from weathertrigger.http.client import Origin
from weathertrigger.http.strict_json import Json, dig, items
from weathertrigger.providers.openweather.daylight import by_icon, by_letter
from weathertrigger.providers.openweather.nested import has_temperature, nested_values
from weathertrigger.providers.openweather.times import expected_at, told_once
from weathertrigger.providers.openweather.values import first_known

_STEP_HOURS = 3
_OF_THE_STEP = frozenset(
    {
        Metric.RAIN,
        Metric.SNOW,
        Metric.SNOWFALL,
        Metric.PRECIPITATION,
        Metric.PRECIPITATION_PROBABILITY,
        Metric.CONDITION,
    }
)

_Step = tuple[int, dict[Metric, Value]]
"""The hour that `dt` lies in, and everything that the step says."""


def parse_forecast(body: Json, place: Place, fetched_at: datetime, origin: Origin) -> Forecast:
    """The hours that a body tells of; a step that cannot be read leaves its hours out.

    Raises:
        Transient: the body is not a forecast, or one of another time.
    """
    steps = [step for entry in items(dig(body, "list")) for step in _step(entry, fetched_at)]
    hours: dict[int, dict[Metric, Value]] = defaultdict(dict)
    for told in (told_once(_fallen(steps)), told_once(_nearest(steps))):
        for hour, values in told.items():
            hours[hour] |= values
    if not hours:
        message = "OpenWeather's answer is not a forecast: no entry of list has a usable dt and a main.temp."
        raise origin.error(Transient, message)
    return Forecast(place.id, origin.service, fetched_at, dict(hours))


def _step(entry: Json, fetched_at: datetime) -> Iterator[_Step]:
    at = expected_at(dig(entry, "dt"), fetched_at)
    if not isinstance(entry, dict) or at is None or not has_temperature(entry):
        return
    values, _ = nested_values(entry, _STEP_HOURS)
    if (is_day := first_known(by_icon(entry.get("weather")), by_letter(dig(entry, "sys", "pod")))) is not None:
        values[Metric.IS_DAY] = is_day
    yield hour_of(at), values


def _fallen(steps: Collection[_Step]) -> Iterator[tuple[int, Values]]:
    """What the three hours before `dt` share."""
    for at, values in steps:
        shared = {metric: value for metric, value in values.items() if metric in _OF_THE_STEP}
        yield from ((hour, shared) for hour in range(at - _STEP_HOURS, at))


def _nearest(steps: Collection[_Step]) -> Iterator[tuple[int, Values]]:
    """What is so at `dt` and in the hours around it. Before the first step nothing is nearer to its three hours."""
    first = min((at for at, _ in steps), default=0)
    for at, values in steps:
        instant = {metric: value for metric, value in values.items() if metric not in _OF_THE_STEP}
        begin = at - (_STEP_HOURS if at == first else 1)
        yield from ((hour, instant) for hour in range(begin, at + 2))
