"""The weather provider `openweather`, over either of OpenWeather's two APIs."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from weathertrigger.domain.forecast import Horizon
from weathertrigger.domain.weather import Metric, Place
from weathertrigger.errors import ServiceError, SettingsError
from weathertrigger.providers.openweather import connection
from weathertrigger.providers.openweather.connection import Connection
from weathertrigger.providers.openweather.parse_current import parse_current
from weathertrigger.providers.openweather.parse_days import DAY_FIGURES
from weathertrigger.providers.openweather.parse_forecast import parse_forecast
from weathertrigger.providers.openweather.parse_one_call import parse_one_call
from weathertrigger.providers.port import Weather, WeatherProvider

NAME = connection.NAME
MOST_AT_ONCE = 16
"""Enough for the 60 calls a minute of the free plan and for fifty times as many; a dead server is left alone soon."""


class Version25:
    """Implements `WeatherProvider` over version 2.5: the present and the forecast are a call each."""

    name = NAME
    # The first of 40 steps may end as it is asked for, and it is used for an hour and a tenth.
    horizon = Horizon(hours=120, days=5, lost=4, never=frozenset({Metric.UV_INDEX, Metric.ALERT}))
    most_places = 1
    most_at_once = MOST_AT_ONCE
    both_in_one = False

    def __init__(self, to: Connection) -> None:
        self._to = to

    def cost(self, places: int, *, now: bool, ahead: bool) -> int:
        """A call for each of the two; see `WeatherProvider.cost`."""
        return places * (now + ahead)

    def ask(self, places: Sequence[Place], *, now: bool, ahead: bool) -> Mapping[str, Weather | ServiceError]:
        """What was asked for and no more; see `WeatherProvider.ask`. A call that fails is an error of the whole."""
        return {place.id: self._weather(place, now=now, ahead=ahead) for place in places}

    def _weather(self, place: Place, *, now: bool, ahead: bool) -> Weather:
        reading = forecast = None
        if now:
            body = self._to.get("/data/2.5/weather", _query(place))
            reading = parse_current(body, place, self._to.clock(), self._to.origin)
        if ahead:
            body = self._to.get("/data/2.5/forecast", _query(place))
            forecast = parse_forecast(body, place, self._to.clock(), self._to.origin)
        return Weather(reading, forecast)


class OneCall:
    """Implements `WeatherProvider` over One Call 3.0: whatever is asked, one call has it all."""

    name = NAME
    # The hour that has begun is one of the 48, and today, which may be over in a minute, one of eight days.
    horizon = Horizon(hours=48, days=7, lost=2, day_figures=DAY_FIGURES)
    most_places = 1
    most_at_once = MOST_AT_ONCE
    both_in_one = True

    def __init__(self, to: Connection) -> None:
        self._to = to

    def cost(self, places: int, *, now: bool, ahead: bool) -> int:  # noqa: ARG002 - it makes no difference here
        """One call; see `WeatherProvider.cost`."""
        return places

    def ask(self, places: Sequence[Place], *, now: bool, ahead: bool) -> Mapping[str, Weather | ServiceError]:
        """Everything, as far as the answer holds what was not asked for; see `WeatherProvider.ask`."""
        return {place.id: self._weather(place, now=now, ahead=ahead) for place in places}

    def _weather(self, place: Place, *, now: bool, ahead: bool) -> Weather:
        query = {**_query(place), "exclude": "minutely"}
        body = self._to.get("/data/3.0/onecall", query)
        return parse_one_call(body, place, self._to.clock(), self._to.origin, now=now, ahead=ahead)


def _query(place: Place) -> dict[str, str]:
    return {"lat": f"{place.latitude:.2f}", "lon": f"{place.longitude:.2f}", "units": "metric"}


APIS: Mapping[str, Callable[[Connection], WeatherProvider]] = MappingProxyType({"2.5": Version25, "3.0": OneCall})
"""By the value of the setting OPENWEATHER_API."""


def build(settings: Mapping[str, str]) -> WeatherProvider:
    """From `api_key` and, optionally, `base_url` and `api` (2.5 or 3.0; 2.5 where it is left out).

    Raises:
        SettingsError: the key is missing or cannot be one; there is no such API.
    """
    api = settings.get("api") or "2.5"
    if api not in APIS:
        raise SettingsError([f"{NAME} has no API {api!r}; choose one of {', '.join(APIS)}"])
    return APIS[api](connection.connect(settings))
