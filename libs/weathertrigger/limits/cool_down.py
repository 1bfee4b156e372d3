"""A time in which nobody asks: the service said so itself, or refused our credentials. All workers obey it."""

import logging
from datetime import datetime, timedelta
from typing import cast

from redis import Redis

from weathertrigger.errors import QuotaExhausted, RateLimited, ServiceError, Unauthorised
from weathertrigger.instants import from_ms
from weathertrigger.limits.keys import GateKeys
from weathertrigger.limits.passage import Call
from weathertrigger.lua import script
from weathertrigger.redis_clock import redis_clock_ms

log = logging.getLogger(__name__)

_SHORTEST = timedelta(seconds=1)
_LONGEST = timedelta(days=1)
"""No quota is for longer than a day, and a hint may be nonsense."""
_LONGEST_GROWN = timedelta(hours=1)
"""Limits that are told one after the other, without a good answer in between, double the cool-down up to here: a burst
costs a minute, and a day that is used up costs a call an hour."""
_KEPT = timedelta(days=2)
_MILLISECOND = timedelta(milliseconds=1)


class CoolDown:
    """Sets the cool-downs of one service and of its accounts.

    `default` is how long a limit lasts at first that does not say so, `unauthorised` how long credentials that were
    refused are not tried again; None: that is for others to say.
    """

    def __init__(self, redis: Redis, *, default: timedelta, unauthorised: timedelta | None) -> None:
        self._redis = redis
        self._default = default
        self._unauthorised = unauthorised
        self._lengthen = redis.register_script(script("limits", "lengthen"))

    def after(self, call: Call, error: ServiceError) -> None:
        """Begins what this answer asks for; never shortens what has begun."""
        match error:
            case RateLimited() | QuotaExhausted():
                keys = call.keys.level(error.scope)
                seconds = 0.0 if keys is None else self._obey(call, keys, error)
            case Unauthorised() if self._unauthorised is not None:
                keys = call.keys
                seconds = self.begin(keys, self._unauthorised, "it does not accept the credentials")
            case _:
                return
        if keys and seconds:
            extra = {"service": keys.subject, "seconds": seconds, "error": str(error)}
            log.warning("service is not asked for a while", extra=extra)

    def begin(self, keys: GateKeys, length: timedelta, why: str) -> float:
        """Nobody asks for so long from now, a day at most. For how many seconds; 0 if that is so already."""
        return self._lengthened(keys, min(length, _LONGEST), why) if length > timedelta() else 0.0

    def _obey(self, call: Call, keys: GateKeys, error: RateLimited | QuotaExhausted) -> float:
        if isinstance(error, RateLimited):
            hint, why = error.retry_after, "it has had too many calls"
        else:
            hint, why = self._until(error.until), "its quota is used up"
        if hint is not None:  # obeyed as it is, however often it is said
            return self._lengthened(keys, min(max(hint, _SHORTEST), _LONGEST), why)
        return self._lengthened(keys, self._default, why, call.limits_in_a_row(keys), _LONGEST_GROWN // _MILLISECOND)

    def _lengthened(self, keys: GateKeys, length: timedelta, why: str, *growth: int) -> float:
        arguments: list[int | str] = [length // _MILLISECOND, why, _KEPT // _MILLISECOND, *growth]
        return cast("int", self._lengthen(keys=[keys.cool_down], args=arguments)) / 1000

    def _until(self, instant: datetime | None) -> timedelta | None:
        return None if instant is None else instant - from_ms(redis_clock_ms(self._redis))
