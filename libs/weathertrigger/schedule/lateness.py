"""How late checks are, as counts by minute in Redis: cheap to add to, cheap to read, and no loss if they are lost.

Lateness falls into buckets that are 5 % wide, so a percentile of an hour is one look at 60 small hashes, however many
checks there were.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import cast

from redis import Redis

from weathertrigger.instants import to_ms

_WIDTH = 1.05
_MINUTE_MS = 60_000
_KEPT = timedelta(hours=2)
_MILLISECOND = timedelta(milliseconds=1)


class Way(StrEnum):
    """From the time at which a check is due to the one at which it is ..."""

    STARTED = "started"  # handed on by the scheduler
    RECORDED = "recorded"  # written down with its verdict


@dataclass(frozen=True, slots=True)
class Spread:
    """The checks of some minutes, and their lateness in milliseconds; None where there were none."""

    checks: int
    p50: float | None
    p99: float | None


class Lateness:
    """One way of every check."""

    def __init__(self, redis: Redis, namespace: str, way: Way) -> None:
        self._redis = redis
        self._prefix = f"{namespace}:lateness:{way}"

    def add(self, late: Iterable[timedelta], at: datetime) -> None:
        """Counts checks at a moment of PostgreSQL's clock. One that is early by a skew of clocks is not late."""
        counts = Counter(_bucket(one / _MILLISECOND) for one in late)
        if not counts:
            return
        key = self._key(to_ms(at) // _MINUTE_MS)
        with self._redis.pipeline(transaction=False) as pipeline:
            for bucket, count in counts.items():
                pipeline.hincrby(key, str(bucket), count)
            pipeline.expire(key, _KEPT)
            pipeline.execute()

    def over(self, at: datetime, minutes: int) -> Spread:
        """The last so many whole minutes and the one that runs."""
        now = to_ms(at) // _MINUTE_MS
        with self._redis.pipeline(transaction=False) as pipeline:
            for minute in range(now - minutes, now + 1):
                pipeline.hgetall(self._key(minute))
            found = cast("list[Mapping[bytes, bytes]]", pipeline.execute())
        counts: Counter[int] = Counter()
        for one in found:
            counts.update({int(bucket): int(count) for bucket, count in one.items()})
        return Spread(counts.total(), _percentile(counts, 0.5), _percentile(counts, 0.99))

    def _key(self, minute: int) -> str:
        return f"{self._prefix}:{minute}"


def _bucket(late_ms: float) -> int:
    return math.ceil(math.log(late_ms, _WIDTH)) if late_ms > 1 else 0


def _percentile(counts: Counter[int], share: float) -> float | None:
    """The upper edge of the bucket in which it lies, in ms."""
    wanted, seen = share * counts.total(), 0
    for bucket in sorted(counts):
        seen += counts[bucket]
        if seen >= wanted:
            return round(_WIDTH**bucket, 1)
    return None
