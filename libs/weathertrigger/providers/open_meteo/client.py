"""The weather provider `open_meteo`: one HTTP call for up to fifty places, with the present, the forecast or both."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from weathertrigger.clock import Clock, utc_now
from weathertrigger.domain.forecast import Horizon
from weathertrigger.domain.weather import Metric, Place
from weathertrigger.errors import ServiceError, SettingsError
from weathertrigger.http.client import Bounds, HttpClient, Origin
from weathertrigger.http.credential_text import optional_credential
from weathertrigger.providers.open_meteo.errors import error_of, error_under_200
from weathertrigger.providers.open_meteo.parse import parse_answer
from weathertrigger.providers.open_meteo.variables import FORECAST_DAYS, PAST_DAYS, VARIABLES, weight
from weathertrigger.providers.port import Weather

NAME = "open_meteo"
CUSTOMERS_URL = "https://customer-api.open-meteo.com"

_NAMES = ",".join(variable.name for variable in VARIABLES)
_AHEAD = {"hourly": _NAMES, "forecast_days": str(FORECAST_DAYS), "past_days": str(PAST_DAYS)}


class OpenMeteo:
    """Implements `WeatherProvider` over `/v1/forecast`.

    It promises seven days: of the eight that are asked for, nearly one may have passed already. Open-Meteo would take a
    thousand places; an answer about fifty has one megabyte.
    """

    name = NAME
    horizon = Horizon(hours=7 * 24, days=7, lost=1, never=frozenset({Metric.ALERT}))
    most_places = 50
    most_at_once = 4  # the free host takes up to five of one address
    both_in_one = True

    def __init__(
        self, base_url: str, *, api_key: str | None = None, clock: Clock = utc_now, bounds: Bounds | None = None
    ) -> None:
        self._headers = {"X-Api-Key": api_key} if api_key else {}
        self._clock = clock
        self._http = HttpClient(base_url, bounds)
        self._origin = Origin(NAME, secrets=(api_key,) if api_key else ())

    def cost(self, places: int, *, now: bool, ahead: bool) -> int:
        """The weight that Open-Meteo's limits are counted in: 1.7 for each place and each of present and forecast."""
        return weight(places, now + ahead)

    def ask(self, places: Sequence[Place], *, now: bool, ahead: bool) -> Mapping[str, Weather | ServiceError]:
        """The weather of these places; see `WeatherProvider.ask`.

        A place that no model covers has the whole question rejected, as Open-Meteo does not say which one it was.
        """
        query = _query(places, now=now, ahead=ahead)
        answer = self._http.get("/v1/forecast", self._origin, query=query, headers=self._headers)
        fetched_at = self._clock()
        if answer.status != HTTPStatus.OK:
            raise error_of(answer, fetched_at, self._origin)
        body = answer.json(self._origin)
        if (told := error_under_200(body, self._origin)) is not None:
            raise told
        answers = parse_answer(body, places, fetched_at, self._origin, now=now, ahead=ahead)
        errors = [each for each in answers.values() if isinstance(each, ServiceError)]
        if errors and len(errors) == len(answers):
            raise errors[0]
        return answers


def build(settings: Mapping[str, str]) -> OpenMeteo:
    """From `base_url` and `api_key`, of which one may be missing: customers have a host of their own.

    Raises:
        SettingsError: both are missing, or the key cannot be one.
    """
    api_key = optional_credential(settings, "api_key", NAME)
    base_url = settings.get("base_url") or (CUSTOMERS_URL if api_key else "")
    if not base_url:
        raise SettingsError([f"{NAME} needs base_url or api_key"])
    return OpenMeteo(base_url, api_key=api_key)


def _query(places: Sequence[Place], *, now: bool, ahead: bool) -> dict[str, str]:
    """UTC, since no figure of whole days is asked for: only for those would the place's zone matter."""
    return {
        "latitude": ",".join(f"{place.latitude:.2f}" for place in places),
        "longitude": ",".join(f"{place.longitude:.2f}" for place in places),
        **({"current": _NAMES} if now else {}),
        **(_AHEAD if ahead else {}),
        "wind_speed_unit": "ms",
        "timeformat": "unixtime",
        "timezone": "UTC",
    }
