"""The sorted set of bells: rule id to the time of its next bell, or the end of the lease of whoever is at it.

Scores are whole milliseconds of PostgreSQL's clock. A score is only a bell: PostgreSQL says whether a check is due.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import cast

from redis import Redis
from redis.client import Pipeline

from weathertrigger.instants import from_ms, to_ms

CLAIM_LEASE = timedelta(seconds=3)
"""S2: how long a scheduler has from claiming to handing on."""
STEP_LEASE = timedelta(seconds=15)
"""S4, S5: how long a step has before the check rings again."""
_LONGEST_LEASE = timedelta(seconds=31)

_CHUNK = 1000  # ids a script call, far below Lua's limits


@dataclass(frozen=True, slots=True)
class Claim:
    """Bells that rang: the deciding time of the claim, the lease's end, the bell after them, and the rules."""

    now: datetime
    token: int
    next_bell: datetime | None
    rule_ids: list[str]


class Bells:
    """The schedule's side of Redis."""

    def __init__(self, redis: Redis, namespace: str) -> None:
        self._redis = redis
        self.key = f"{namespace}:due"
        self._claim = redis.register_script(_script("claim"))
        self._move = redis.register_script(_script("move"))
        self._restore = redis.register_script(_script("restore"))

    def claim(self, *, offset_ms: int, most: int, queues: Sequence[str] = (), most_waiting: int = 1) -> Claim:
        """S2: claims the oldest bells that ring, unless `most_waiting` messages already wait in the queues."""
        answer = self._claim(
            keys=[self.key, *queues],
            args=[offset_ms, CLAIM_LEASE // timedelta(milliseconds=1), most, most_waiting],
        )
        now, token, following, *rule_ids = (part.decode() for part in cast("list[bytes]", answer))
        next_bell = from_ms(int(float(following))) if following else None
        return Claim(from_ms(int(now)), int(token), next_bell, rule_ids)

    def move(
        self, expected: int, bells: Mapping[str, datetime | int | None], pipeline: Pipeline | None = None
    ) -> list[str]:
        """Moves each bell that still stands at the expected score; None removes it. Gives the ids that were moved, or
        nothing yet when it is queued in a pipeline."""
        moved: list[str] = []
        ids = list(bells)
        for start in range(0, len(ids), _CHUNK):
            arguments: list[str | int] = [expected]
            for rule_id in ids[start : start + _CHUNK]:
                arguments += [rule_id, _score(bells[rule_id])]
            answer = self._move(keys=[self.key], args=arguments, client=pipeline)
            if pipeline is None:
                moved += [part.decode() for part in cast("list[bytes]", answer)]
        return moved

    def set(self, bells: Mapping[str, datetime | None]) -> None:
        """S8: sets bells without comparing, after an edit was committed."""
        with self._redis.pipeline(transaction=False) as pipeline:
            for rule_id, at in bells.items():
                if at is None:
                    pipeline.zrem(self.key, rule_id)
                else:
                    pipeline.zadd(self.key, {rule_id: to_ms(at)})
            pipeline.execute()

    def restore(self, bells: Mapping[str, datetime], clock: datetime) -> int:
        """S7: adds what is missing and lowers what is too late; gives how many there were."""
        restored = 0
        ids = list(bells)
        for start in range(0, len(ids), _CHUNK):
            arguments: list[str | int] = [to_ms(clock + _LONGEST_LEASE)]
            for rule_id in ids[start : start + _CHUNK]:
                arguments += [rule_id, to_ms(bells[rule_id])]
            restored += cast("int", self._restore(keys=[self.key], args=arguments))
        return restored

    def clock_offset_ms(self, deciding: datetime) -> int:
        """S1: how far PostgreSQL's clock, read just now, is ahead of this Redis's."""
        seconds, micros = self._redis.time()
        return to_ms(deciding) - (seconds * 1000 + micros // 1000)


def _score(at: datetime | int | None) -> str | int:
    if at is None:
        return ""
    return at if isinstance(at, int) else to_ms(at)


@cache
def _script(name: str) -> str:
    return files("weathertrigger.schedule").joinpath(f"{name}.lua").read_text(encoding="utf-8")
