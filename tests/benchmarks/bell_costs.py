"""What the bells take: Redis memory per rule, and the cost of a claim with few and with many rules scheduled.

A claim among many rules waits for memory, and what else runs on the machine empties the caches: medians then tell of
that. So the aim is held against the tenth of the claims that was disturbed least; the medians stand beside it.
"""

import random
import time
from contextlib import closing
from dataclasses import dataclass
from statistics import median, quantiles
from typing import cast

from redis import Redis

from tests.benchmarks.aim import Aim
from tests.benchmarks.fleet import rule_id
from tests.benchmarks.ground import Ground
from tests.benchmarks.section import Section
from tests.benchmarks.waiting import wait_for
from weathertrigger.broker import connect_redis
from weathertrigger.clock import utc_now
from weathertrigger.instants import to_ms
from weathertrigger.schedule.bells import Bells

_WEIGHED = 100_000
_FEW = 1000
_MANY = 1_000_000
_DUE = (1, 100, 500)
_REPETITIONS = 300
_CHUNK = 5000
_random = random.Random(3)  # noqa: S311  which rules are due is no secret
_HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class ClaimCost:
    """Microseconds of a claim: the first tenth ends there, and the median."""

    tenth: float
    median: float

    def document(self) -> dict[str, float]:
        """As JSON."""
        return {"p10": self.tenth, "p50": self.median}


def measure_bell_costs(ground: Ground) -> Section:
    """In a Redis that holds nothing else."""
    with closing(connect_redis(ground.redis.url)) as client:
        client.flushall()
        used, counted = _bytes_per_rule(client)
        claims = _claim_us(client)
        client.flushall()
    ratios = {due: many.tenth / few.tenth for due, (few, many) in claims.items()}
    return Section(
        title=f"what the bells take of Redis; of {_REPETITIONS} claims in turn the first tenth (and the median)",
        lines=[
            f"memory per rule with {_WEIGHED:,} rules: used_memory {used:.1f} bytes, MEMORY USAGE {counted:.1f} bytes",
            *[
                f"claim of {due:>4} of {_FEW:,} rules {_told(few)}, of {_MANY:,} {_told(many)}: {ratios[due]:.2f}"
                for due, (few, many) in claims.items()
            ],
        ],
        aims=[
            Aim("Redis memory per scheduled rule", used, 200, "bytes"),
            *[
                Aim(f"cost of claiming {due} at {_MANY:,} rules to that at {_FEW:,}", ratio, 1.2)
                for due, ratio in ratios.items()
            ],
        ],
        numbers={
            "redis_bytes_per_rule": {"used_memory": used, "memory_usage": counted},
            "claim_us": {
                str(due): {str(_FEW): few.document(), str(_MANY): many.document()}
                for due, (few, many) in claims.items()
            },
            "claim_ratios": {str(due): ratio for due, ratio in ratios.items()},
        },
    )


def _told(cost: ClaimCost) -> str:
    return f"{cost.tenth:>6.0f} us ({cost.median:>6.0f})"


def _bytes_per_rule(client: Redis) -> tuple[float, float]:
    """By the server's own account of its memory, and by its account of the key."""
    before = client.info("memory")["used_memory"]
    bells = _schedule(client, "bench-weighed", _WEIGHED)
    used = client.info("memory")["used_memory"] - before
    counted = cast("int", client.memory_usage(bells.key, samples=0))
    return used / _WEIGHED, counted / _WEIGHED


def _claim_us(client: Redis) -> dict[int, tuple[ClaimCost, ClaimCost]]:
    """What a claim costs with few and with many rules, by the number of rules that are due."""
    sides = {size: _schedule(client, f"bench-{size}", size) for size in (_FEW, _MANY)}
    wait_for("the append-only file", lambda: not client.info("persistence")["aof_rewrite_in_progress"])
    costs = {}
    for due in _DUE:
        seconds: dict[int, list[float]] = {size: [] for size in sides}
        for _ in range(_REPETITIONS):
            for size, bells in sides.items():
                seconds[size].append(_claim(client, bells, _random.sample(range(size), due)))
        costs[due] = (_cost(seconds[_FEW]), _cost(seconds[_MANY]))
    return costs


def _cost(seconds: list[float]) -> ClaimCost:
    return ClaimCost(quantiles(seconds, n=10)[0] * 1e6, median(seconds) * 1e6)


def _claim(client: Redis, bells: Bells, due: list[int]) -> float:
    """Seconds of a claim of exactly these rules, whichever they are; afterwards they are scheduled again."""
    now = to_ms(utc_now())
    client.zadd(bells.key, {rule_id(number): now - _random.randrange(1, 1000) for number in due})
    started = time.perf_counter()
    claim = bells.claim(offset_ms=0, most=len(due) + 1)
    seconds = time.perf_counter() - started
    assert len(claim.rule_ids) == len(due)
    client.zadd(bells.key, {rule_id(number): _some_time(now) for number in due})
    return seconds


def _schedule(client: Redis, namespace: str, count: int) -> Bells:
    """So many rules, over the day that comes after the next hour."""
    bells = Bells(client, namespace)
    now = to_ms(utc_now())
    for start in range(0, count, _CHUNK):
        client.zadd(
            bells.key, {rule_id(number): _some_time(now) for number in range(start, min(start + _CHUNK, count))}
        )
    return bells


def _some_time(now: int) -> int:
    return now + _HOUR_MS + _random.randrange(24 * _HOUR_MS)
