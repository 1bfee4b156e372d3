"""The OpenWeather adapter's request bytes, and its handling of whole answers, over either API."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import pytest

from tests.contract.secrecy import everything_said_by
from tests.contract.wire import Reply, Wire, hangs, patience_for, resets, says, sends
from weathertrigger.domain.forecast import Horizon
from weathertrigger.domain.weather import Metric, place_at
from weathertrigger.errors import (
    NotFound,
    RateLimited,
    Rejected,
    ServiceError,
    SettingsError,
    Transient,
    Unauthorised,
)
from weathertrigger.http.client import Bounds
from weathertrigger.providers.openweather.client import OneCall, Version25, build
from weathertrigger.providers.openweather.connection import Connection
from weathertrigger.providers.openweather.geocode import find_places
from weathertrigger.providers.openweather.parse_days import DAY_FIGURES
from weathertrigger.providers.port import Weather, WeatherProvider

KEY = "0123456789abcdef0123456789abcdef"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
PLACE = place_at(-33.868, 0.0)
QUERY = {"lat": "-33.87", "lon": "0.00", "units": "metric", "appid": KEY}
SKY = [{"id": 800, "icon": "01n"}]
CURRENT = {"weather": SKY, "main": {"temp": -3.5}, "dt": SECONDS - 60, "cod": 200}
FORECAST = {"cod": "200", "list": [{"weather": SKY, "main": {"temp": -4.5}, "dt": SECONDS + 10_800}]}
ONE_CALL = {
    "timezone_offset": 0,
    "current": {"weather": SKY, "temp": -3.5, "dt": SECONDS - 60},
    "hourly": [{"weather": SKY, "temp": -4.5, "dt": SECONDS, "pop": 0.25}],
    "daily": [{"dt": SECONDS, "temp": {"min": -6.5, "max": 1.5}}],
}


def connection(wire: Wire, bounds: Bounds | None = None) -> Connection:
    return Connection(KEY, base_url=wire.url, clock=lambda: NOW, bounds=bounds)


def ask(provider: WeatherProvider, *, now: bool, ahead: bool) -> Weather:
    """The one place's weather."""
    answers: Mapping[str, Weather | ServiceError] = provider.ask([PLACE], now=now, ahead=ahead)
    assert answers.keys() == {PLACE.id}
    answer = answers[PLACE.id]
    assert isinstance(answer, Weather)
    return answer


@pytest.mark.parametrize(
    ("now", "ahead", "paths"),
    [
        (True, False, ["/data/2.5/weather"]),
        (False, True, ["/data/2.5/forecast"]),
        (True, True, ["/data/2.5/weather", "/data/2.5/forecast"]),
        (False, False, []),
    ],
)
def test_version_25_makes_a_call_for_each_of_the_two(wire: Wire, now: bool, ahead: bool, paths: list[str]) -> None:
    """As documented: GET in metric units, with the grid point's coordinates; as many as `cost` says."""
    wire.script(*[says({"/data/2.5/weather": CURRENT, "/data/2.5/forecast": FORECAST}[path]) for path in paths])
    provider = Version25(connection(wire))
    found = ask(provider, now=now, ahead=ahead)
    assert [(seen.method, seen.path, seen.query) for seen in wire.seen] == [("GET", path, QUERY) for path in paths]
    assert provider.cost(1, now=now, ahead=ahead) == len(paths)
    assert (found.reading is not None, found.forecast is not None) == (now, ahead)
    for part in (found.reading, found.forecast):
        assert part is None or (part.provider, part.fetched_at) == ("openweather", NOW)


@pytest.mark.parametrize(("now", "ahead"), [(True, False), (False, True), (True, True)])
def test_one_call_is_one_call(wire: Wire, now: bool, ahead: bool) -> None:
    """Whatever is asked, everything comes."""
    wire.script(says(ONE_CALL))
    provider = OneCall(connection(wire))
    found = ask(provider, now=now, ahead=ahead)
    (seen,) = wire.seen
    assert (seen.method, seen.path, seen.query) == ("GET", "/data/3.0/onecall", {**QUERY, "exclude": "minutely"})
    assert provider.cost(1, now=now, ahead=ahead) == 1
    assert found.reading is not None
    assert found.forecast is not None
    assert found.reading.values[Metric.PRECIPITATION_PROBABILITY] == 25.0
    assert (len(found.forecast.hours), len(found.forecast.days)) == (1, 1)


def test_the_two_reach_as_far_as_they_say() -> None:
    """Five days in hours, or two in hours and seven in days; one place a call."""
    never = frozenset({Metric.UV_INDEX, Metric.ALERT})
    assert Version25.horizon == Horizon(120, 5, lost=4, never=never)
    assert OneCall.horizon == Horizon(48, 7, lost=2, day_figures=DAY_FIGURES)
    assert Version25.most_places == OneCall.most_places == 1


@pytest.mark.parametrize(("api", "kind"), [("", Version25), ("2.5", Version25), ("3.0", OneCall)])
def test_the_settings_choose_the_api(api: str, kind: type[WeatherProvider]) -> None:
    """2.5 unless another is named."""
    provider = build({"api_key": KEY, "base_url": "http://127.0.0.1:1", "api": api})
    assert isinstance(provider, kind)
    assert provider.name == "openweather"
    assert isinstance(build({"api_key": KEY}), Version25)


@pytest.mark.parametrize("settings", [{"api_key": KEY, "api": "4.0"}, {"api": "2.5"}, {"api_key": "a b"}])
def test_settings_that_cannot_be(settings: dict[str, str]) -> None:
    """Told when it is built, without the key."""
    with pytest.raises(SettingsError) as caught:
        build(settings)
    assert KEY not in str(caught.value)


BAD_ANSWERS: list[tuple[Reply, type[ServiceError]]] = [
    (says({"cod": "400", "message": f"wrong latitude {KEY}"}, 400), Rejected),
    (says({"cod": 401, "message": f"Invalid API key {KEY}"}, 401), Unauthorised),
    (says({"cod": "404", "message": "city not found"}, 404), NotFound),
    (says({"cod": 429, "message": "blocked"}, 429, retry_after="9"), RateLimited),
    (says({"cod": 500, "message": "Internal server error"}, 500), Transient),
    (sends(b"<html>busy</html>", 503), Transient),
    (sends(b"<html>welcome</html>", 200), Transient),
    (says({"cod": "404", "message": "city not found"}, 200), NotFound),
    (says({}, 200), Transient),
    (says("text", 200), Transient),
    (sends(b'{"dt": 1795434000, "main": {"temp": NaN}, "cod": 200}'), Transient),
    (hangs, Transient),
    (resets, Transient),
]


QUESTIONS: dict[str, Callable[[Connection], object]] = {
    "current weather": lambda to: ask(Version25(to), now=True, ahead=True),
    "forecast": lambda to: ask(Version25(to), now=False, ahead=True),
    "One Call": lambda to: ask(OneCall(to), now=True, ahead=True),
    "geocoding": lambda to: find_places(to, "Newark"),
}


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize(("reply", "kind"), BAD_ANSWERS)
def test_every_bad_answer_is_an_error_without_the_key(
    wire: Wire, question: str, reply: Reply, kind: type[ServiceError]
) -> None:
    """One request, one error, and the key nowhere in it."""
    wire.script(reply)
    to = connection(wire, patience_for(reply))
    with pytest.raises(ServiceError) as caught:
        QUESTIONS[question](to)
    assert type(caught.value) is kind
    assert caught.value.service == "openweather"
    assert len(wire.seen) == 1
    assert KEY not in everything_said_by(caught.value)


@pytest.mark.parametrize("question", QUESTIONS)
def test_too_many_calls_without_a_wait_are_no_quota(wire: Wire, question: str) -> None:
    """Of One Call neither: a minute's burst must not cost a day. How long to wait is for the gate to say."""
    wire.script(says({"cod": 429, "message": "blocked"}, 429))
    with pytest.raises(RateLimited) as caught:
        QUESTIONS[question](connection(wire))
    assert caught.value.retry_after is None


def test_a_forecast_that_fails_is_an_error_of_both(wire: Wire) -> None:
    """What counts the calls and holds them back has to hear of it."""
    wire.script(says(CURRENT), says({"cod": 429}, 429))
    with pytest.raises(RateLimited):
        ask(Version25(connection(wire)), now=True, ahead=True)
    assert len(wire.seen) == 2


def test_a_place_is_asked_for_by_its_name(wire: Wire) -> None:
    """As documented: at most five; the parts without the blanks that people write."""
    wire.script(says([]))
    assert find_places(connection(wire), " São Paulo , SP,BR ") == []
    (seen,) = wire.seen
    assert (seen.method, seen.path) == ("GET", "/geo/1.0/direct")
    assert seen.query == {"q": "São Paulo,SP,BR", "limit": "5", "appid": KEY}
