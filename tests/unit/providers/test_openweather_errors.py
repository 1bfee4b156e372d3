"""What OpenWeather's statuses mean."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from weathertrigger.errors import (
    NotFound,
    QuotaExhausted,
    RateLimited,
    Rejected,
    ServiceError,
    Transient,
    Unauthorised,
)
from weathertrigger.http.client import HttpAnswer, Origin
from weathertrigger.providers.openweather.errors import ONE_CALL_STATUSES, STATUSES, error_of, error_under_200

KEY = "0123456789abcdef0123456789abcdef"
ORIGIN = Origin("openweather", None, (KEY,))
NOW = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, b'{"cod":"400","message":"wrong latitude"}', Rejected),
        (401, b'{"cod":401,"message":"Invalid API key."}', Unauthorised),
        (403, b"", Unauthorised),
        (404, b'{"cod":"404","message":"city not found"}', NotFound),
        (408, b"", Transient),
        (418, b"", Rejected),
        (429, b'{"cod":429,"message":"Your account is temporary blocked."}', RateLimited),
        (500, b'{"cod":500,"message":"Internal server error"}', Transient),
        (502, b"<html>Bad Gateway</html>", Transient),
        (503, b"", Transient),
        (504, b"", Transient),
        (204, b"", Transient),
    ],
)
def test_every_status_has_its_error(status: int, body: bytes, kind: type[ServiceError]) -> None:
    """The table decides, whatever the body looks like."""
    assert type(error_of(HttpAnswer(status, {}, body), ORIGIN, NOW)) is kind


@pytest.mark.parametrize(
    ("cod", "kind"), [("404", NotFound), (404, NotFound), (401, Unauthorised), (500, Transient), (0, Transient)]
)
def test_an_error_under_200_is_told_by_cod_in_any_type(cod: object, kind: type[ServiceError]) -> None:
    """`cod` comes as number or as text."""
    answer = HttpAnswer(200, {}, b"")
    assert type(error_under_200({"cod": cod}, answer, ORIGIN, NOW)) is kind  # type: ignore[dict-item]  # any JSON value


@pytest.mark.parametrize("cod", [200, "200"])
def test_a_good_cod_is_no_error(cod: int | str) -> None:
    """The forecast says "200" as text, the current weather as a number."""
    assert error_under_200({"cod": cod}, HttpAnswer(200, {}, b""), ORIGIN, NOW) is None


def test_a_wait_that_was_asked_for_is_kept() -> None:
    """OpenWeather documents no Retry-After; if one ever comes, it counts."""
    limited = error_of(HttpAnswer(429, {"retry-after": "17"}, b""), ORIGIN, NOW)
    assert isinstance(limited, RateLimited)
    assert limited.retry_after == timedelta(seconds=17)


@pytest.mark.parametrize("wait", ["0", "1", "60"])
def test_one_calls_bucket_of_a_minute_is_told_by_its_wait(wait: str) -> None:
    """A short Retry-After is not the day's limit."""
    limited = error_of(HttpAnswer(429, {"retry-after": wait}, b""), ORIGIN, NOW, ONE_CALL_STATUSES)
    assert isinstance(limited, RateLimited)
    assert limited.retry_after == timedelta(seconds=int(wait))


@pytest.mark.parametrize(
    ("headers", "until"),
    [
        ({}, MIDNIGHT),
        ({"retry-after": "soon"}, MIDNIGHT),
        ({"retry-after": "61"}, NOW + timedelta(seconds=61)),
        ({"retry-after": "7200"}, NOW + timedelta(hours=2)),
    ],
)
def test_one_calls_limit_of_a_day_lasts_to_midnight(headers: dict[str, str], until: datetime) -> None:
    """UTC, or as long as the answer says; also where the status says success."""
    answer = HttpAnswer(429, headers, b'{"cod":429}')
    for told in (
        error_of(answer, ORIGIN, NOW, ONE_CALL_STATUSES),
        error_under_200({"cod": 429}, HttpAnswer(200, headers, b""), ORIGIN, NOW, ONE_CALL_STATUSES),
    ):
        assert isinstance(told, QuotaExhausted)
        assert told.until == until


def test_a_day_in_another_zone_ends_at_the_same_time() -> None:
    """Whatever zone the clock is in."""
    east = NOW.astimezone(timezone(timedelta(hours=9)))
    told = error_of(HttpAnswer(429, {}, b""), ORIGIN, east, ONE_CALL_STATUSES)
    assert isinstance(told, QuotaExhausted)
    assert told.until == MIDNIGHT


def test_a_long_wait_of_version_25_is_only_a_wait() -> None:
    """It has no limit of a day."""
    limited = error_of(HttpAnswer(429, {"retry-after": "600"}, b""), ORIGIN, NOW)
    assert isinstance(limited, RateLimited)
    assert limited.retry_after == timedelta(minutes=10)


def test_the_rest_means_the_same_in_both() -> None:
    """One table is the other, but for 429."""
    assert {status for status in STATUSES if STATUSES[status] is not ONE_CALL_STATUSES[status]} == {429}
    assert STATUSES.keys() == ONE_CALL_STATUSES.keys()


def test_a_message_that_repeats_the_key_is_masked() -> None:
    """Nothing that the vendor says brings the key into a log, nor a line break."""
    body = b'{"message":"bad request\\nfor appid ' + KEY.encode() + b'"}'
    assert (
        str(error_of(HttpAnswer(400, {}, body), ORIGIN, NOW)) == "OpenWeather answered 400: bad request for appid ***."
    )
