"""Time that passes for the gates, which keep it by Redis's clock: every time in Redis moves back instead."""

from datetime import timedelta
from typing import cast

from redis import Redis

from weathertrigger.limits.keys import SEEDED

_MILLISECOND = timedelta(milliseconds=1)


def pass_time(redis: Redis, passed: timedelta) -> None:
    """As if cool-downs, breakers, calls in flight and calls that were counted were so much older."""
    by = -(passed // _MILLISECOND)
    if not by:
        return
    for key in (cast("bytes", one).decode() for one in redis.keys("*:gate:*")):
        if key.endswith((":cool_down", ":breaker")):
            for name in {b"until", b"since", b"opened_at"} & redis.hgetall(key).keys():
                redis.hincrby(key, name.decode(), by)
        elif key.endswith((":hits", ":in_flight")):
            held = cast("list[tuple[bytes, float]]", redis.zrange(key, 0, -1, withscores=True))
            # What `seeded` has is a length, and no time.
            if times := {one: at + by for one, at in held if one.decode() != SEEDED}:
                redis.zadd(key, times)
