"""The weather provider `openweather`: one HTTP call, one reading."""

from collections.abc import Mapping
from http import HTTPStatus

from weathertrigger.clock import Clock, utc_now
from weathertrigger.domain.weather import Place, Reading
from weathertrigger.http.client import Bounds, HttpClient, Origin
from weathertrigger.http.credential_text import credential
from weathertrigger.providers.openweather.errors import error_of, error_under_200
from weathertrigger.providers.openweather.parse import parse_current

NAME = "openweather"
DEFAULT_URL = "https://api.openweathermap.org"


class OpenWeather:
    """Implements `WeatherProvider` over `/data/2.5/weather`."""

    def __init__(
        self, api_key: str, *, base_url: str = DEFAULT_URL, clock: Clock = utc_now, bounds: Bounds | None = None
    ) -> None:
        self._api_key = api_key
        self._clock = clock
        self._http = HttpClient(base_url, bounds)
        self._origin = Origin(NAME, secrets=(api_key,))

    @property
    def name(self) -> str:
        """The word used in readings, logs, limits and metrics."""
        return NAME

    def current(self, place: Place) -> Reading:
        """The present weather; see `WeatherProvider.current`."""
        query = {
            "lat": f"{place.latitude:.2f}",
            "lon": f"{place.longitude:.2f}",
            "units": "metric",
            # The only place that OpenWeather takes its key in, which is why no URL is ever logged.
            "appid": self._api_key,
        }
        answer = self._http.get("/data/2.5/weather", self._origin, query=query)
        if answer.status != HTTPStatus.OK:
            raise error_of(answer, self._origin)
        body = answer.json(self._origin)
        if (told := error_under_200(body, answer, self._origin)) is not None:
            raise told
        return parse_current(body, place, self._clock(), self._origin)


def build(settings: Mapping[str, str]) -> OpenWeather:
    """From `api_key` and, optionally, `base_url`.

    Raises:
        SettingsError: the key is missing or cannot be one.
    """
    return OpenWeather(credential(settings, "api_key", NAME), base_url=settings.get("base_url") or DEFAULT_URL)
