"""How the engine keeps up at one moment: what is due, what waits, what is late.

Nothing here reads more the more rules there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from redis import Redis

from weathertrigger.broker import broker_namespace
from weathertrigger.deliveries.all_queues import all_queues
from weathertrigger.deliveries.keys import QueueKeys
from weathertrigger.deliveries.listing import age_of
from weathertrigger.redis_clock import redis_clock_ms
from weathertrigger.schedule.bells import BellCounts, Bells
from weathertrigger.schedule.lateness import Spread, Way
from weathertrigger.storage import checks, dead_letters, worker_registry
from weathertrigger.storage.database import Database, Row

_HOUR = 60
_RECENT = 5


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """One queue: messages that nobody has taken, those that live workers have, and how long the first has waited."""

    queue: str
    waiting: int
    taken: int
    oldest: timedelta | None


@dataclass(frozen=True, slots=True)
class JobStats:
    """Everything; `started` and `recorded` are the lateness of the last hour, `per_minute` is of the last five minutes
    and the one that runs."""

    bells: BellCounts
    steps: int
    queues: Sequence[QueueCounts]
    dead_letters: int
    expired: int
    started: Spread
    recorded: Spread
    per_minute: float


def job_stats(database: Database, redis: Redis, namespace: str) -> JobStats:
    """Looks once, at PostgreSQL and Redis.

    Raises:
        StorageError, RedisError: one of them cannot be asked.
    """
    with database.transaction() as tx:
        clock = checks.clock(tx)
        dead = dead_letters.count(tx)
        workers = [row for row in worker_registry.listed(tx) if row.alive]
    bells = Bells(redis, namespace)
    recorded = bells.lateness(Way.RECORDED)
    return JobStats(
        bells=bells.standing(clock),
        steps=bells.starts.at_work_now(),
        queues=queue_counts(redis, namespace, workers),
        dead_letters=dead,
        expired=sum(row.jobs_expired for row in workers),
        started=bells.lateness(Way.STARTED).over(clock, _HOUR),
        recorded=recorded.over(clock, _HOUR),
        per_minute=round(recorded.over(clock, _RECENT).checks / (_RECENT + clock.second / 60), 1),
    )


def queue_counts(redis: Redis, namespace: str, workers: Sequence[Row] = ()) -> list[QueueCounts]:
    """Every queue, in the order of the flow; `taken` by those of these workers, as the registry lists them."""
    return [_queue(redis, QueueKeys(broker_namespace(namespace), queue), workers) for queue in all_queues()]


def _queue(redis: Redis, keys: QueueKeys, workers: Sequence[Row]) -> QueueCounts:
    with redis.pipeline(transaction=False) as pipeline:
        pipeline.llen(keys.waiting)
        pipeline.lindex(keys.waiting, 0)
        brokers = [row.broker_id for row in workers if row.broker_id]
        for broker_id in brokers:
            pipeline.scard(keys.taken_by(broker_id))
        waiting, first, *taken = cast("tuple[int, bytes | None, *tuple[int, ...]]", pipeline.execute())
    oldest = age_of(first, redis_clock_ms(redis)) if first else None
    return QueueCounts(keys.queue, waiting, sum(taken), oldest)
