"""The sorted set of bells: rule id to the time of its next bell, or the end of the lease of whoever is at it.

Scores are whole milliseconds of PostgreSQL's clock. A score is only a bell: PostgreSQL says whether a check is due.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from redis import Redis
from redis.client import Pipeline

from weathertrigger.instants import from_ms, to_ms
from weathertrigger.lua import script
from weathertrigger.redis_clock import redis_clock_ms
from weathertrigger.schedule.lateness import Lateness, Way
from weathertrigger.schedule.starts import Starts, Unreported, unreported_of

CLAIM_LEASE = timedelta(seconds=3)
"""S2: how long a scheduler has from claiming to handing on."""
STEP_LEASE = timedelta(seconds=15)
"""S4, S5: how long a step has before the check rings again."""
ALONE_SPREAD = timedelta(seconds=15)
"""S4: checks that travel alone spread their leases over so much more."""
LONGEST_WAIT = timedelta(seconds=5)
"""S2: nothing more is claimed while the first message of a queue has waited longer."""
_LONGEST_LEASE = timedelta(seconds=31)

_MILLISECOND = timedelta(milliseconds=1)
_CHUNK = 1000  # ids a script call, far below Lua's limits


@dataclass(frozen=True, slots=True)
class Claim:
    """Bells that rang: the deciding time of the claim, the lease's end, the bell after them, the rules, and those of
    their starts that nobody has reported."""

    now: datetime
    token: int
    next_bell: datetime | None
    rule_ids: list[str]
    unreported: Mapping[str, Unreported] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BellCounts:
    """Bells in all, those that ring and are not claimed, and how long the first of them has rung."""

    scheduled: int
    ringing: int
    longest: timedelta


class Bells:
    """The schedule's side of Redis."""

    def __init__(self, redis: Redis, namespace: str) -> None:
        self._redis = redis
        self._namespace = namespace
        self.key = f"{namespace}:due"
        self.starts = Starts(redis, namespace)
        self._claim = redis.register_script(script("schedule", "claim"))
        self._move = redis.register_script(script("schedule", "move"))
        self._restore = redis.register_script(script("schedule", "restore"))

    def claim(self, *, offset_ms: int, most: int, queues: Sequence[str] = (), most_waiting: int = 1) -> Claim:
        """S2: claims the oldest bells that ring, unless `most_waiting` messages already wait in the queues, or the
        first of one waits for too long."""
        answer = self._claim(
            keys=[self.key, *self.starts.keys, *queues],
            args=[offset_ms, CLAIM_LEASE // _MILLISECOND, most, most_waiting, LONGEST_WAIT // _MILLISECOND],
        )
        now, token, following, count, *rest = cast("tuple[bytes, bytes, bytes, int, *tuple[bytes, ...]]", answer)
        rule_ids = [one.decode() for one in rest[:count]]
        unreported = {
            one.decode(): unreported_of(two) for one, two in zip(rest[count::2], rest[count + 1 :: 2], strict=True)
        }
        next_bell = from_ms(int(float(following))) if following else None
        return Claim(from_ms(int(now)), int(token), next_bell, rule_ids, unreported)

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
            if pipeline is None:
                answer = self._move(keys=[self.key], args=arguments)
                left = {part.decode() for part in cast("list[bytes]", answer)}
                moved += [rule_id for rule_id in ids[start : start + _CHUNK] if rule_id not in left]
            else:  # by its text: a script that is forgotten before the MULTI runs would be missing in the middle of it
                pipeline.eval(script("schedule", "move"), 1, self.key, *arguments)
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

    def of(self, rule_ids: Sequence[str]) -> dict[str, int]:
        """When the bells of these rules ring, in ms; a rule without a bell is left out."""
        scores = self._redis.zmscore(self.key, list(rule_ids)) if rule_ids else []
        return {one: int(score) for one, score in zip(rule_ids, scores, strict=True) if score is not None}

    def standing(self, now: datetime) -> BellCounts:
        """How many bells there are and how many ring at this moment of PostgreSQL's clock."""
        with self._redis.pipeline(transaction=False) as pipeline:
            pipeline.zcard(self.key)
            pipeline.zcount(self.key, "-inf", to_ms(now))
            pipeline.zrange(self.key, 0, 0, withscores=True)
            scheduled, ringing, first = cast("tuple[int, int, list[tuple[bytes, float]]]", pipeline.execute())
        late = max(to_ms(now) - int(first[0][1]), 0) if first else 0
        return BellCounts(scheduled, ringing, timedelta(milliseconds=late))

    def lateness(self, way: Way) -> Lateness:
        """How late checks are on this way."""
        return Lateness(self._redis, self._namespace, way)

    def clock_ms(self) -> int:
        """S1: this Redis's clock."""
        return redis_clock_ms(self._redis)


def _score(at: datetime | int | None) -> str | int:
    if at is None:
        return ""
    return at if isinstance(at, int) else to_ms(at)
