"""The Open-Meteo adapter's request bytes, and its handling of whole answers."""

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.contract.secrecy import everything_said_by
from tests.contract.wire import Reply, Wire, hangs, patience_for, resets, says, sends
from tests.unit.providers.open_meteo_bodies import NOW, RAINY, UNITS
from weathertrigger.domain.forecast import Horizon
from weathertrigger.domain.weather import Metric, place_at
from weathertrigger.errors import (
    QuotaExhausted,
    RateLimited,
    Rejected,
    ServiceError,
    SettingsError,
    Transient,
    Unauthorised,
)
from weathertrigger.http.client import Bounds
from weathertrigger.providers.open_meteo.client import OpenMeteo, build
from weathertrigger.providers.port import Weather, WeatherProvider
from weathertrigger.providers.registry import PROVIDERS

KEY = "0123456789abcdef"
BERLIN, SYDNEY = place_at(52.517, 13.389), place_at(-33.868, 151.2)


def provider(wire: Wire, bounds: Bounds | None = None, api_key: str | None = KEY) -> WeatherProvider:
    return OpenMeteo(wire.url, api_key=api_key, clock=lambda: NOW, bounds=bounds)


def test_a_question_about_the_present_is_as_documented(wire: Wire) -> None:
    """One GET in m/s, unixtime and UTC with the key in a header; several places are lists in the same order."""
    wire.script(says([RAINY, RAINY]))
    answers = provider(wire).ask([BERLIN, SYDNEY], now=True, ahead=False)
    assert list(answers) == ["52.52,13.39", "-33.87,151.20"]
    (seen,) = wire.seen
    assert (seen.method, seen.path, seen.headers["x-api-key"]) == ("GET", "/v1/forecast", KEY)
    assert seen.query == {
        "latitude": "52.52,-33.87",
        "longitude": "13.39,151.20",
        "current": ",".join(UNITS),
        "wind_speed_unit": "ms",
        "timeformat": "unixtime",
        "timezone": "UTC",
    }


def test_a_question_about_the_forecast_is_as_documented(wire: Wire) -> None:
    """Eight days of hours, and nothing of the present."""
    wire.script(says(RAINY))
    answer = provider(wire).ask([BERLIN], now=False, ahead=True)[BERLIN.id]
    assert isinstance(answer, Weather)
    assert answer.reading is None
    assert answer.forecast
    query = wire.seen[0].query
    assert (query["hourly"], query["forecast_days"], query["past_days"]) == (",".join(UNITS), "8", "1")
    assert "current" not in query


def test_without_a_key_none_is_sent(wire: Wire) -> None:
    """The free host takes none."""
    wire.script(says(RAINY))
    provider(wire, api_key=None).ask([BERLIN], now=True, ahead=True)
    assert "x-api-key" not in wire.seen[0].headers
    assert "apikey" not in wire.seen[0].query


def refusal(status: int, reason: str) -> Reply:
    return says({"error": True, "reason": reason}, status)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (refusal(400, f"Cannot initialize Float from invalid String value {KEY}."), Rejected),
        (refusal(400, "The supplied API key is invalid."), Unauthorised),
        (refusal(401, "API key required. Please add &apikey= to the URL."), Unauthorised),
        (refusal(429, "Minutely API request limit exceeded. Please try again in one minute."), RateLimited),
        (refusal(429, "Daily API request limit exceeded. Please try again tomorrow."), QuotaExhausted),
        (refusal(500, "Something went wrong."), Transient),
        (refusal(200, f"Something went wrong with {KEY}."), Transient),
        (sends(b"<html>busy</html>", 503), Transient),
        (sends(b"<html>welcome</html>", 200), Transient),
        (sends(b"Unexpected error while streaming data: timeoutReached", 200), Transient),
        (sends(b'{"latitude":1,"curUnexpected error while streaming data: timeoutReached', 200), Transient),
        (sends(b'{"latitude":nan,"longitude":nan}', 200), Transient),
        (sends(json.dumps(RAINY).replace("1.3", "NaN").encode()), Transient),
        (says([RAINY], 200), Transient),
        (says([], 200), Transient),
        (says({}, 200), Transient),
        (sends(b"", 302, location="https://customer-api.open-meteo.com/v1/forecast"), Transient),
        (hangs, Transient),
        (resets, Transient),
    ],
)
def test_every_bad_answer_is_an_error_without_the_key(wire: Wire, reply: Reply, kind: type[ServiceError]) -> None:
    """One request, one error, and the key nowhere in it."""
    wire.script(reply)
    with pytest.raises(ServiceError) as caught:
        provider(wire, patience_for(reply)).ask([BERLIN], now=True, ahead=True)
    assert type(caught.value) is kind
    assert caught.value.service == "open_meteo"
    assert len(wire.seen) == 1
    assert KEY not in everything_said_by(caught.value)


def test_the_free_host_with_a_key_says_what_to_look_at(wire: Wire) -> None:
    """It redirects to the customers' host, and a redirect is not followed: the key would go along."""
    wire.script(sends(b"", 303, location="https://customer-api.open-meteo.com/v1/forecast"))
    with pytest.raises(Transient, match=r"redirect \(303\), which is never followed; check its base URL"):
        provider(wire).ask([BERLIN], now=True, ahead=False)


@pytest.mark.parametrize("body", [RAINY, [RAINY], [RAINY] * 3])
def test_an_array_of_the_wrong_length_is_nobodys_weather(wire: Wire, body: Any) -> None:  # Any: JSON
    """Two places were asked about."""
    wire.script(says(body))
    with pytest.raises(Transient, match="2 places"):
        provider(wire).ask([BERLIN, SYDNEY], now=True, ahead=False)


def test_a_place_without_weather_leaves_the_others_theirs(wire: Wire) -> None:
    """Only where no place at all was answered is it an error of the whole question."""
    wire.script(says([RAINY, {}]), says([{}, {}]))
    answers = provider(wire).ask([BERLIN, SYDNEY], now=True, ahead=False)
    assert isinstance(answers[BERLIN.id], Weather)
    assert isinstance(answers[SYDNEY.id], Transient)
    with pytest.raises(Transient):
        provider(wire).ask([BERLIN, SYDNEY], now=True, ahead=False)


@pytest.mark.parametrize(
    ("places", "now", "ahead", "calls"),
    [
        (1, True, False, 2),  # 17 variables are 1.7
        (1, False, True, 2),
        (1, True, True, 4),  # 3.4
        (10, True, False, 17),
        (50, True, True, 170),
        (3, True, True, 11),  # 10.2
    ],
)
def test_the_cost_is_what_open_meteo_counts(wire: Wire, places: int, now: bool, ahead: bool, calls: int) -> None:
    """Ten variables of a place are one call, rounded up; eight days cost no more than one."""
    assert provider(wire).cost(places, now=now, ahead=ahead) == calls


def test_what_it_promises(wire: Wire) -> None:
    """Seven days are there at any time of the day."""
    made = provider(wire)
    horizon = Horizon(hours=168, days=7, lost=1, never=frozenset({Metric.ALERT}))
    assert (made.name, made.most_places, made.horizon) == ("open_meteo", 50, horizon)


def test_it_is_built_from_an_address_or_a_key(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a key alone it asks the customers' host; with neither it would be the free one by accident."""
    wire.script(says(RAINY))
    PROVIDERS["open_meteo"]({"base_url": wire.url}).ask([BERLIN], now=False, ahead=False)
    assert len(wire.seen) == 1
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    with pytest.raises(Transient, match="could not be reached"):
        build({"api_key": KEY, "base_url": ""}).ask([BERLIN], now=True, ahead=False)
    with pytest.raises(SettingsError, match="base_url or api_key"):
        build({})
    with pytest.raises(SettingsError, match="api_key"):
        build({"api_key": "two words"})


def test_waits_are_told_from_the_clock_of_the_answer(wire: Wire) -> None:
    """15:52:00 is the beginning of a minute, and eight before the hour."""
    wire.script(
        refusal(429, "Minutely API request limit exceeded. Please try again in one minute."),
        refusal(429, "Hourly API request limit exceeded. Please try again in the next hour."),
    )
    for wait in (timedelta(minutes=1), timedelta(minutes=8)):
        with pytest.raises(RateLimited) as caught:
            provider(wire).ask([BERLIN], now=True, ahead=False)
        assert caught.value.retry_after == wait
