"""Open-Meteo's answers as readings and forecasts. Pure.

One place is answered by an object, several by an array in the order of the question; the coordinates that come back are
those of a grid cell and identify nobody. A value that is null, that is no number, or whose unit is not the one of
`variables.py` is unknown. Unlike at OpenWeather no silence means 0: what did not fall is told as 0.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from weathertrigger.domain.forecast import Forecast
from weathertrigger.domain.weather import Place, Reading
from weathertrigger.errors import ServiceError, Transient
from weathertrigger.http.client import Origin
from weathertrigger.http.strict_json import Json, dig, items, number
from weathertrigger.providers.open_meteo.values import values_of
from weathertrigger.providers.open_meteo.variables import TEMPERATURE, VARIABLES, Variable
from weathertrigger.providers.port import Weather

_HOUR = 3600
_DAY = 24 * _HOUR

# Further ahead than any clock is wrong: then a time is not one in seconds.
_AHEAD = timedelta(hours=1)
# A forecast begins with yesterday's first hour and reaches at most 16 days; both with a day to spare.
_OLDEST_HOUR, _LATEST_HOUR = timedelta(days=3), timedelta(days=17)


def parse_answer(
    body: Json, places: Sequence[Place], fetched_at: datetime, origin: Origin, *, now: bool, ahead: bool
) -> dict[str, Weather | ServiceError]:
    """What an answer says of each place of the question, by the place's id; an error where a part that was asked for
    cannot be read.

    Raises:
        Transient: the answer is about another number of places.
    """
    documents = [body] if len(places) == 1 else items(body)
    if len(documents) != len(places):
        raise origin.error(Transient, f"Open-Meteo's answer is not a list of the {len(places)} places asked about.")
    answers: dict[str, Weather | ServiceError] = {}
    for place, document in zip(places, documents, strict=True):
        try:
            answers[place.id] = Weather(
                reading=parse_current(document, place, fetched_at, origin) if now else None,
                forecast=parse_hourly(document, place, fetched_at, origin) if ahead else None,
            )
        except Transient as unreadable:
            answers[place.id] = unreadable
    return answers


def parse_current(document: Json, place: Place, fetched_at: datetime, origin: Origin) -> Reading:
    """The reading in `current`; `observed_at` is its `time`, canonical units throughout.

    Raises:
        Transient: there is no such section, or it lacks its time or the temperature.
    """
    current, units = dig(document, "current"), dig(document, "current_units")
    observed_at = _observed_at(current, units, fetched_at)
    raw = {
        variable.name: value
        for variable in VARIABLES
        if _has_its_unit(variable, units) and (value := number(dig(current, variable.name))) is not None
    }
    if observed_at is None or TEMPERATURE not in raw:
        raise origin.error(Transient, "Open-Meteo's answer lacks the time or the temperature of the current weather.")
    values, discarded = values_of(raw, _interval(current, units))
    return Reading(place.id, origin.service, observed_at, fetched_at, MappingProxyType(values), discarded)


def parse_hourly(document: Json, place: Place, fetched_at: datetime, origin: Origin) -> Forecast:
    """The forecast in `hourly`, without days: the engine sums hours up itself.

    The entry of 15:00 says what it is like at 15:00, the beginning of that hour, and what fell from 14:00 on, which
    belongs to the hour before.

    Raises:
        Transient: there is no such section, or it lacks its times or every temperature.
    """
    hourly, units = dig(document, "hourly"), dig(document, "hourly_units")
    times = _times(hourly, units, fetched_at)
    raw: dict[int, dict[str, float]] = defaultdict(dict)
    for variable in VARIABLES:
        column = items(dig(hourly, variable.name))
        if len(column) == len(times) and _has_its_unit(variable, units):
            _take_in(raw, variable, times, column)
    if not any(TEMPERATURE in values for values in raw.values()):
        raise origin.error(Transient, "Open-Meteo's answer lacks the times or the temperatures of the forecast.")
    hours = {hour: MappingProxyType(values_of(raw[hour], _HOUR)[0]) for hour in sorted(raw)}
    return Forecast(place.id, origin.service, fetched_at, MappingProxyType(hours))


def _take_in(
    raw: Mapping[int, dict[str, float]], variable: Variable, times: Sequence[int], column: Sequence[Json]
) -> None:
    back = 1 if variable.looks_back else 0
    for seconds, value in zip(times, column, strict=True):
        if (known := number(value)) is not None:
            raw[seconds // _HOUR - back][variable.name] = known


def _has_its_unit(variable: Variable, units: Json) -> bool:
    return dig(units, variable.name) == variable.unit


def _observed_at(current: Json, units: Json, fetched_at: datetime) -> datetime | None:
    seconds = _seconds(dig(current, "time"))
    is_time = dig(units, "time") == "unixtime" and 0 < seconds <= (fetched_at + _AHEAD).timestamp()
    return datetime.fromtimestamp(seconds, UTC) if is_time else None


def _interval(current: Json, units: Json) -> int | None:
    """The seconds before `time` over which sums add up: 900 as far as is known."""
    seconds = _seconds(dig(current, "interval"))
    return seconds if dig(units, "interval") == "seconds" and 0 < seconds <= _DAY else None


def _times(hourly: Json, units: Json, fetched_at: datetime) -> list[int]:
    """The whole hours that the entries are for, one after another; empty if they are anything else."""
    times = [_seconds(each) for each in items(dig(hourly, "time"))]
    if not times or dig(units, "time") != "unixtime":
        return []
    oldest, latest = (fetched_at - _OLDEST_HOUR).timestamp(), (fetched_at + _LATEST_HOUR).timestamp()
    is_plausible = times[0] % _HOUR == 0 and oldest < times[0] and times[-1] < latest
    return times if is_plausible and times == list(range(times[0], times[-1] + 1, _HOUR)) else []


def _seconds(value: Json) -> int:
    """A whole number that is no text, else 0."""
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
