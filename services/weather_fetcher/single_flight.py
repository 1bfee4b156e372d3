"""One call for a place at a time, over all workers: marks in Redis. Losing them costs a call, never a check."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from secrets import token_hex
from typing import cast

from redis import Redis

MARK = timedelta(seconds=25)
"""A mark ends so long after it was made or kept: a round of calls takes ten seconds at most, and what comes of it is
stored."""
_FAILURES_COUNT_FOR = timedelta(days=2)

_KEEP = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0"
_GIVE_BACK = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


class SingleFlight:
    """The marks of one worker thread. Whoever has marked a place asks for it; the others wait for the reading, or for
    the reason why there is none."""

    def __init__(self, redis: Redis, namespace: str) -> None:
        self._redis = redis
        self._prefix = f"{namespace}:fetching"
        self._token = token_hex(8)
        self._keep = redis.register_script(_KEEP)
        self._give_back = redis.register_script(_GIVE_BACK)

    def mark(self, place_ids: Collection[str]) -> set[str]:
        """Marks those of the places that nobody else has marked, and gives them."""
        with self._redis.pipeline(transaction=False) as pipeline:
            for place_id in place_ids:
                pipeline.set(self._mark(place_id), self._token, nx=True, px=MARK)
            marked = pipeline.execute() if place_ids else []
        return {place_id for place_id, ours in zip(place_ids, marked, strict=True) if ours}

    def keep(self, place_ids: Collection[str]) -> None:
        """Our marks last as long as if they were made now; one that ended meanwhile is somebody else's."""
        for place_id in place_ids:
            self._keep(keys=[self._mark(place_id)], args=[self._token, MARK // timedelta(milliseconds=1)])

    def end(self, place_ids: Collection[str]) -> None:
        """Takes our marks away."""
        for place_id in place_ids:
            self._give_back(keys=[self._mark(place_id)], args=[self._token])

    def tell_failures(self, reasons: Mapping[str, str], first: timedelta, longest: timedelta) -> None:
        """Each part (the present or the forecast of a place) was asked for in vain. For so long the reason answers
        whoever asks next; twice as long with each failure in a row."""
        with self._redis.pipeline(transaction=False) as pipeline:
            for part in reasons:
                pipeline.incr(self._count(part))
                pipeline.pexpire(self._count(part), _FAILURES_COUNT_FOR)
            counts = pipeline.execute()[::2]
            for (part, reason), count in zip(reasons.items(), counts, strict=True):
                pipeline.set(self._failure(part), reason, px=min(first * 2 ** min(count - 1, 20), longest))
            pipeline.execute()

    def forget_failures(self, parts: Collection[str]) -> None:
        """These were had."""
        if keys := [self._count(part) for part in parts]:
            self._redis.delete(*keys)

    def failures(self, parts: Collection[str]) -> dict[str, str]:
        """Which of these were asked for in vain a moment ago, and why."""
        told = cast("list[bytes | None]", self._redis.mget([self._failure(part) for part in parts]) if parts else [])
        return {part: reason.decode() for part, reason in zip(parts, told, strict=True) if reason is not None}

    def _mark(self, place_id: str) -> str:
        return f"{self._prefix}:{place_id}"

    def _failure(self, part: str) -> str:
        return f"{self._prefix}.failed:{part}"

    def _count(self, part: str) -> str:
        return f"{self._prefix}.failures:{part}"
