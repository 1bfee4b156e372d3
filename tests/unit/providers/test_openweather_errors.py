"""What OpenWeather's statuses mean."""

from datetime import UTC, datetime, timedelta

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
from weathertrigger.providers.openweather.errors import error_of, error_under_200

KEY = "0123456789abcdef0123456789abcdef"
ORIGIN = Origin("openweather", None, (KEY,))
NOW = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)


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


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "0"}, timedelta()),
        ({"retry-after": "17"}, timedelta(seconds=17)),
        ({"retry-after": "60"}, timedelta(seconds=60)),
    ],
)
def test_too_many_calls_are_a_burst(headers: dict[str, str], wait: timedelta | None) -> None:
    """Unless they are more than that: neither the status nor the body tells the minute's limit from the day's. Also
    where the status says success."""
    for told in both(headers):
        assert isinstance(told, RateLimited)
        assert told.retry_after == wait


@pytest.mark.parametrize("seconds", [61, 7200])
def test_a_long_wait_is_that_of_a_quota(seconds: int) -> None:
    """OpenWeather documents no Retry-After; if one ever comes, it counts."""
    for told in both({"retry-after": str(seconds)}):
        assert isinstance(told, QuotaExhausted)
        assert told.until == NOW + timedelta(seconds=seconds)


def both(headers: dict[str, str]) -> list[ServiceError | None]:
    """429 as the status, and in the body of a success."""
    return [
        error_of(HttpAnswer(429, headers, b'{"cod":429}'), ORIGIN, NOW),
        error_under_200({"cod": 429}, HttpAnswer(200, headers, b""), ORIGIN, NOW),
    ]


def test_a_message_that_repeats_the_key_is_masked() -> None:
    """Nothing that the vendor says brings the key into a log, nor a line break."""
    body = b'{"message":"bad request\\nfor appid ' + KEY.encode() + b'"}'
    assert (
        str(error_of(HttpAnswer(400, {}, body), ORIGIN, NOW)) == "OpenWeather answered 400: bad request for appid ***."
    )
