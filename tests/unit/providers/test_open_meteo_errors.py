"""What Open-Meteo's refusals mean."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from weathertrigger.errors import QuotaExhausted, RateLimited, Rejected, ServiceError, Transient, Unauthorised
from weathertrigger.http.client import HttpAnswer, Origin
from weathertrigger.providers.open_meteo.errors import error_of, error_under_200

KEY = "0123456789abcdef"
ORIGIN = Origin("open_meteo", None, (KEY,))
NOW = datetime(2026, 11, 23, 12, 34, 56, 750_000, tzinfo=UTC)
MINUTELY = "Minutely API request limit exceeded. Please try again in one minute."
HOURLY = "Hourly API request limit exceeded. Please try again in the next hour."
DAILY = "Daily API request limit exceeded. Please try again tomorrow."


def refused(status: int, reason: str, **headers: str) -> ServiceError:
    body = json.dumps({"error": True, "reason": reason}).encode()
    return error_of(HttpAnswer(status, headers, body), NOW, ORIGIN)


@pytest.mark.parametrize(
    ("status", "reason", "kind"),
    [
        (400, "Latitude must be in range of -90 to 90°. Given: 300.0.", Rejected),
        (400, "Parameter 'latitude' and 'longitude' must have the same number of elements", Rejected),
        (400, "Cannot initialize WeatherVariable from invalid String value lksdfj for key hourly", Rejected),
        (400, "Forecast days is invalid. Allowed range 0 to 16. Given 16.", Rejected),
        (400, "Only up to 1000 locations can be requested at once", Rejected),
        (400, "No data is available for this location", Rejected),
        (400, "Your API call requests too much data. Please reduce the number of variables.", Rejected),
        (400, "The supplied API key is invalid.", Unauthorised),
        (401, "API key required. Please add &apikey= to the URL.", Unauthorised),
        (403, "This API endpoint requires the API Professional or Enterprise plan", Unauthorised),
        (404, "Not Found", Rejected),
        (408, "", Transient),
        (414, "", Rejected),
        (429, MINUTELY, RateLimited),
        (429, HOURLY, RateLimited),
        (429, DAILY, QuotaExhausted),
        (429, "Too many concurrent requests", RateLimited),
        (500, "Something went wrong.", Transient),
        (502, "", Transient),
        (503, "The service is overloaded", Transient),
        (204, "", Transient),
    ],
)
def test_every_refusal_has_its_error(status: int, reason: str, kind: type[ServiceError]) -> None:
    """The status decides, and where it does not tell, the reason does."""
    error = refused(status, reason)
    assert type(error) is kind
    assert error.service == "open_meteo"
    assert reason.rstrip(".") in str(error)


@pytest.mark.parametrize(
    ("reason", "wait"),
    [
        (MINUTELY, timedelta(seconds=3, milliseconds=250)),
        (HOURLY, timedelta(minutes=25, seconds=3, milliseconds=250)),
        ("Too many concurrent requests", timedelta(seconds=1)),
        ("You are asking too much of us.", None),
        ("", None),
    ],
)
def test_the_wait_lasts_until_the_limit_is_counted_anew(reason: str, wait: timedelta | None) -> None:
    """Counters begin anew with the minute and the hour; a reason that nobody knows says nothing of a wait."""
    limited = refused(429, reason)
    assert isinstance(limited, RateLimited)
    assert limited.retry_after == wait


def test_a_day_that_is_used_up_opens_again_at_midnight() -> None:
    """At 0 o'clock UTC, wherever this machine is."""
    exhausted = refused(429, DAILY)
    assert isinstance(exhausted, QuotaExhausted)
    assert exhausted.until == datetime(2026, 11, 24, tzinfo=UTC)


def test_at_the_turn_of_a_minute_a_whole_one_is_waited() -> None:
    """Never for no time at all."""
    body = json.dumps({"error": True, "reason": MINUTELY}).encode()
    limited = error_of(HttpAnswer(429, {}, body), datetime(2026, 11, 23, 12, 34, tzinfo=UTC), ORIGIN)
    assert isinstance(limited, RateLimited)
    assert limited.retry_after == timedelta(minutes=1)


def test_a_wait_that_was_asked_for_counts() -> None:
    """Open-Meteo sends no Retry-After today; a gateway before it may."""
    limited = refused(429, MINUTELY, **{"retry-after": "17"})
    assert isinstance(limited, RateLimited)
    assert limited.retry_after == timedelta(seconds=17)


@pytest.mark.parametrize("body", [b"", b"<html>Too many</html>", b"[]", b'{"reason": 5}'])
def test_a_refusal_without_a_reason_is_told_by_its_status(body: bytes) -> None:
    """A gateway's page says nothing, and is not quoted."""
    error = error_of(HttpAnswer(429, {}, body), NOW, ORIGIN)
    assert type(error) is RateLimited
    assert str(error) == "Open-Meteo answered 429."


def test_a_reason_that_repeats_the_key_is_masked() -> None:
    """Nothing that the vendor says brings the key into a log, nor a line break."""
    assert str(refused(400, f"bad\nkey {KEY}.")) == "Open-Meteo answered 400: bad key ***."


@pytest.mark.parametrize(
    ("body", "is_error"),
    [
        ({"error": True, "reason": "Something went wrong."}, True),
        ({"error": True}, True),
        ({"error": True, "reason": MINUTELY}, True),
        ({"error": False}, False),
        ({"latitude": 1.0}, False),
        ([{"error": True}], False),  # of one place among several, which is left without its weather
        (None, False),
    ],
)
def test_an_error_under_200_may_pass(body: object, is_error: bool) -> None:
    """Whatever it tells, success was said before it: worth another try later."""
    error = error_under_200(body, ORIGIN)  # type: ignore[arg-type]  # any JSON value
    assert (type(error) is Transient) == is_error
