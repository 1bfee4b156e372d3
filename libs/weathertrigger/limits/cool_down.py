"""A time in which a service is not asked: it said so itself, or refused our credentials. All workers obey it."""

from datetime import datetime, timedelta
from typing import cast

from redis import Redis

from weathertrigger.errors import QuotaExhausted, RateLimited, ServiceError, Unauthorised
from weathertrigger.instants import from_ms
from weathertrigger.limits.keys import GateKeys
from weathertrigger.lua import script
from weathertrigger.redis_clock import redis_clock_ms

_UNAUTHORISED = timedelta(minutes=15)
_SHORTEST = timedelta(seconds=1)
_LONGEST = timedelta(days=1)
"""No quota is for longer than a day, and a hint may be nonsense."""
_MILLISECOND = timedelta(milliseconds=1)


class CoolDown:
    """Sets the cool-downs of one service. `default` is how long a limit lasts that does not say so."""

    def __init__(self, redis: Redis, *, default: timedelta) -> None:
        self._redis = redis
        self._default = default
        self._lengthen = redis.register_script(script("limits", "lengthen"))

    def after(self, keys: GateKeys, error: ServiceError) -> timedelta | None:
        """How long the service is not asked because of this answer, if that is longer than it was already."""
        match error:
            case RateLimited(retry_after=timedelta() as hint):
                length, why = hint, "it has had too many calls"
            case QuotaExhausted(until=datetime() as until):
                length, why = until - from_ms(redis_clock_ms(self._redis)), "its quota is used up"
            case RateLimited():
                length, why = self._default, "it has had too many calls"
            case QuotaExhausted():
                length, why = self._default, "its quota is used up"
            case Unauthorised():
                length, why = _UNAUTHORISED, "it does not accept the credentials"
            case _:
                return None
        length = min(max(length, _SHORTEST), _LONGEST)
        longer = self._lengthen(keys=[keys.cool_down], args=[length // _MILLISECOND, why])
        return length if cast("int", longer) else None
