"""One look at the installation, at the moment at which somebody scrapes. Each server is asked by itself."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from redis import Redis

from weathertrigger.domain.change import ChangeState
from weathertrigger.instants import from_ms
from weathertrigger.operations.job_stats import QueueCounts, queue_counts
from weathertrigger.operations.limit_stats import Counted, Gates, Limits, count_calls, read_gates
from weathertrigger.schedule.bells import BellCounts, Bells
from weathertrigger.schedule.lateness import Spread, Way
from weathertrigger.storage import changes, checks, dead_letters, incidents, worker_registry
from weathertrigger.storage.database import Database

_RECENT_MINUTES = 5


@dataclass(frozen=True, slots=True)
class InPostgreSQL:
    """What PostgreSQL knows: workers by service, open changes by state, open incidents by kind."""

    clock: datetime
    counted: Counted
    workers: Counter[str]
    changes: Mapping[ChangeState, int]
    incidents: Counter[str]
    dead_letters: int


@dataclass(frozen=True, slots=True)
class InRedis:
    """What Redis knows; the lateness of the last five minutes and the one that runs, by way."""

    clock: datetime
    gates: Gates
    bells: BellCounts
    lateness: Mapping[Way, Spread]
    queues: Sequence[QueueCounts]


def look_into_postgresql(database: Database, limits: Limits) -> InPostgreSQL:
    """In one transaction.

    Raises:
        StorageError: it cannot be asked, or takes too long.
    """
    with database.transaction() as tx:
        return InPostgreSQL(
            clock=checks.clock(tx),
            counted=count_calls(tx, limits),
            workers=worker_registry.at_work(worker_registry.listed(tx)),
            changes=changes.open_by_state(tx),
            incidents=Counter(row.kind for row in incidents.listed(tx)),
            dead_letters=dead_letters.count(tx),
        )


def look_into_redis(redis: Redis, namespace: str, limits: Limits, known: InPostgreSQL | None) -> InRedis:
    """The gates of the services, and before each account if PostgreSQL says which there are.

    Raises:
        RedisError: it cannot be asked, or takes too long.
    """
    bells = Bells(redis, namespace)
    own_clock = from_ms(bells.clock_ms())
    clock = known.clock if known else own_clock
    return InRedis(
        clock=own_clock,
        gates=read_gates(redis, namespace, limits, known.counted if known else Counted()),
        bells=bells.standing(clock),
        lateness={way: bells.lateness(way).over(clock, _RECENT_MINUTES) for way in Way},
        queues=queue_counts(redis, namespace),
    )
