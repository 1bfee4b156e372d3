"""What OpenWeather's statuses mean: https://openweathermap.org/api/one-call-3#errorstructure."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
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

Statuses = Mapping[int, type[ServiceError]]

STATUSES: Statuses = MappingProxyType(
    {
        400: Rejected,  # coordinates that are none
        401: Unauthorised,  # wrong key, a key younger than about two hours, or no subscription
        403: Unauthorised,
        404: NotFound,
        408: Transient,
        429: RateLimited,  # the minute's bucket; OpenWeather sends no rate headers
    }
)
"""Every other 4xx is `Rejected`, everything else `Transient`."""

# One Call has a limit of calls a day, which the user sets, and says of neither limit which one it was. Our own limit
# keeps the minute's; so a 429 without a word on how long is taken for the day's: asking on would not help, and where it
# was not the day's after all, another provider has the weather meanwhile.
ONE_CALL_STATUSES: Statuses = MappingProxyType({**STATUSES, 429: QuotaExhausted})
"""The same of One Call."""

# A wait up to this is the minute's bucket, whatever the status would mean otherwise.
_LONGEST_MINUTE = timedelta(seconds=60)


def error_of(answer: HttpAnswer, origin: Origin, now: datetime, statuses: Statuses = STATUSES) -> ServiceError:
    """The error that an answer with an error status stands for."""
    return _error(answer.status, answer.json_or_none(), answer, origin=origin, now=now, statuses=statuses)


def error_under_200(
    body: Json, answer: HttpAnswer, origin: Origin, now: datetime, statuses: Statuses = STATUSES
) -> ServiceError | None:
    """The error that a body tells in `cod` although the status says success; None if it tells none.

    `cod` is a number in some answers and text in others.
    """
    cod = strict_json.whole(strict_json.dig(body, "cod"))
    if cod is None or cod == answer.status:
        return None
    return _error(cod, body, answer, origin=origin, now=now, statuses=statuses)


def _error(
    status: int, body: Json, answer: HttpAnswer, *, origin: Origin, now: datetime, statuses: Statuses
) -> ServiceError:
    kind = statuses.get(status, Rejected if status // 100 == 4 else Transient)  # noqa: PLR2004 - the 4xx
    message = f"OpenWeather answered {status}{_reason(kind, body, origin)}."
    wait = answer.retry_after()
    if kind is QuotaExhausted and (wait is None or wait > _LONGEST_MINUTE):
        until = _next_midnight(now) if wait is None else now + wait
        return QuotaExhausted(message, service=origin.service, account=origin.account, until=until)
    if kind in {QuotaExhausted, RateLimited}:
        return RateLimited(message, service=origin.service, account=origin.account, retry_after=wait)
    return origin.error(kind, message)


def _next_midnight(now: datetime) -> datetime:
    """In UTC, when the day's calls begin anew."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def _reason(kind: type[ServiceError], body: Json, origin: Origin) -> str:
    if kind is Unauthorised:
        return ": the API key is wrong, not active yet (a new one takes up to two hours), or lacks the subscription"
    said = strict_json.text(strict_json.dig(body, "message"))
    return f": {origin.quote(said).rstrip('. ')}" if said else ""
