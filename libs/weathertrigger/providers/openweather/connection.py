"""OpenWeather over HTTP: one key at one address."""

from collections.abc import Mapping
from http import HTTPStatus

from weathertrigger.clock import Clock, utc_now
from weathertrigger.http.client import Bounds, HttpClient, Origin
from weathertrigger.http.credential_text import credential
from weathertrigger.http.strict_json import Json
from weathertrigger.providers.openweather.errors import error_of, error_under_200

NAME = "openweather"
DEFAULT_URL = "https://api.openweathermap.org"


class Connection:
    """Asks questions and gives good answers. Safe to use from several threads."""

    def __init__(
        self, api_key: str, *, base_url: str = DEFAULT_URL, clock: Clock = utc_now, bounds: Bounds | None = None
    ) -> None:
        self._api_key = api_key
        self._http = HttpClient(base_url, bounds)
        self.clock = clock
        self.origin = Origin(NAME, secrets=(api_key,))

    def get(self, path: str, query: Mapping[str, str]) -> Json:
        """The body of a good answer.

        Raises:
            ServiceError: there was none.
        """
        # The query is the only place that OpenWeather takes its key in, which is why no URL is ever logged.
        answer = self._http.get(path, self.origin, query={**query, "appid": self._api_key})
        if answer.status != HTTPStatus.OK:
            raise error_of(answer, self.origin, self.clock())
        body = answer.json(self.origin)
        if (told := error_under_200(body, answer, self.origin, self.clock())) is not None:
            raise told
        return body


def connect(settings: Mapping[str, str]) -> Connection:
    """From `api_key` and, optionally, `base_url`.

    Raises:
        SettingsError: the key is missing or cannot be one.
    """
    return Connection(credential(settings, "api_key", NAME), base_url=settings.get("base_url") or DEFAULT_URL)
