"""What Open-Meteo's refusals mean. They are `{"error": true, "reason": "..."}`, and only the reason tells some apart.

The reasons are those of the server (`ApiKeyManager.swift`, `RateLimiter.swift`, `ForecastapiQuery.swift` in
github.com/open-meteo/open-meteo). Its counters start anew with each minute, hour and day of UTC; it sends no header
that says for how long to wait.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from weathertrigger.errors import QuotaExhausted, RateLimited, Rejected, ServiceError, Transient, Unauthorised
from weathertrigger.http.client import HttpAnswer, Origin
from weathertrigger.http.strict_json import Json, dig, text

STATUSES: Mapping[int, type[ServiceError]] = MappingProxyType(
    {
        400: Rejected,  # also for a batch in which one place is one that no model covers
        401: Unauthorised,  # the customers' host without a key
        403: Unauthorised,  # the plan does not cover this
        408: Transient,
        429: RateLimited,
    }
)
"""Every other 4xx is `Rejected`, everything else `Transient`."""

_INVALID_KEY = "API key is invalid"  # comes with 400
_DAILY = "Daily API request limit"
_UNTIL_THE_NEXT: Mapping[str, timedelta] = MappingProxyType(
    {"Minutely API request limit": timedelta(minutes=1), "Hourly API request limit": timedelta(hours=1)}
)
_AT_ONCE = "Too many concurrent requests"
_BREATH = timedelta(seconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def error_of(answer: HttpAnswer, now: datetime, origin: Origin) -> ServiceError:
    """The error that an answer with an error status stands for."""
    reason = text(dig(answer.json_or_none(), "reason")) or ""
    kind = STATUSES.get(answer.status, Rejected if answer.status // 100 == 4 else Transient)  # noqa: PLR2004 - the 4xx
    said = f": {origin.quote(reason).rstrip('. ')}" if reason else ""
    message = f"Open-Meteo answered {answer.status}{said}."
    if kind is RateLimited:
        return _limited(message, reason, answer, now, origin)
    return origin.error(Unauthorised if kind is Rejected and _INVALID_KEY in reason else kind, message)


def error_under_200(body: Json, origin: Origin) -> ServiceError | None:
    """The error that a body tells although the status says success; None if it tells none."""
    if dig(body, "error") is not True:
        return None
    reason = origin.quote(text(dig(body, "reason")) or "no reason")
    return origin.error(Transient, f"Open-Meteo answered 200 with an error: {reason.rstrip('. ')}.")


def _limited(message: str, reason: str, answer: HttpAnswer, now: datetime, origin: Origin) -> ServiceError:
    if _DAILY in reason:
        until = now + _left_of(timedelta(days=1), now)
        return QuotaExhausted(message, service=origin.service, account=origin.account, until=until)
    wait = answer.retry_after() or _wait(reason, now)
    return RateLimited(message, service=origin.service, account=origin.account, retry_after=wait)


def _wait(reason: str, now: datetime) -> timedelta | None:
    if _AT_ONCE in reason:
        return _BREATH
    return next((_left_of(step, now) for words, step in _UNTIL_THE_NEXT.items() if words in reason), None)


def _left_of(step: timedelta, now: datetime) -> timedelta:
    """Until the clock shows a whole minute, hour or day of UTC."""
    return step - (now - _EPOCH) % step
