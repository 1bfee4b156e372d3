"""What OpenWeather's statuses mean: https://openweathermap.org/api/one-call-3#errorstructure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from weathertrigger.errors import (
    NotFound,
    QuotaExhausted,
    RateLimited,
    Rejected,
    ServiceError,
    Transient,
    Unauthorised,
)
from weathertrigger.http import strict_json
from weathertrigger.http.client import HttpAnswer, Origin
from weathertrigger.http.strict_json import Json

STATUSES: Mapping[int, type[ServiceError]] = MappingProxyType(
    {
        400: Rejected,  # coordinates that are none
        401: Unauthorised,  # wrong key, a key younger than about two hours, or no subscription
        403: Unauthorised,
        404: NotFound,
        408: Transient,
        429: RateLimited,  # of the minute or of the day: OpenWeather does not say which, and sends no rate headers
    }
)
"""Every other 4xx is `Rejected`, everything else `Transient`."""

_LONGEST_MINUTE = timedelta(seconds=60)
"""A wait up to this is the minute's, a longer one that of a quota."""


def error_of(answer: HttpAnswer, origin: Origin, now: datetime) -> ServiceError:
    """The error that an answer with an error status stands for."""
    return _error(answer.status, answer.json_or_none(), answer, origin=origin, now=now)


def error_under_200(body: Json, answer: HttpAnswer, origin: Origin, now: datetime) -> ServiceError | None:
    """The error that a body tells in `cod` although the status says success; None if it tells none.

    `cod` is a number in some answers and text in others.
    """
    cod = strict_json.whole(strict_json.dig(body, "cod"))
    if cod is None or cod == answer.status:
        return None
    return _error(cod, body, answer, origin=origin, now=now)


def _error(status: int, body: Json, answer: HttpAnswer, *, origin: Origin, now: datetime) -> ServiceError:
    kind = STATUSES.get(status, Rejected if status // 100 == 4 else Transient)  # noqa: PLR2004 - the 4xx
    message = f"OpenWeather answered {status}{_reason(kind, body, origin)}."
    wait = answer.retry_after()
    if kind is not RateLimited:
        return origin.error(kind, message)
    if wait is not None and wait > _LONGEST_MINUTE:
        return QuotaExhausted(message, service=origin.service, account=origin.account, until=now + wait)
    return RateLimited(message, service=origin.service, account=origin.account, retry_after=wait)


def _reason(kind: type[ServiceError], body: Json, origin: Origin) -> str:
    if kind is Unauthorised:
        return ": the API key is wrong, not active yet (a new one takes up to two hours), or lacks the subscription"
    said = strict_json.text(strict_json.dig(body, "message"))
    return f": {origin.quote(said).rstrip('. ')}" if said else ""
