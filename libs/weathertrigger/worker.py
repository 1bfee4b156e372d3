"""What every worker process stands on: settings, logs, PostgreSQL, Redis, the broker, a name and a life in the list.

`start_worker` is called by the `start` of each service's `worker.py`, in the worker process, and by nothing else.
"""

import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from types import FrameType
from typing import Self

import dramatiq
from redis import Redis

from weathertrigger import settings as declared
from weathertrigger.alerts import flush_alerts, start_alerts
from weathertrigger.broker import connect_redis, make_broker
from weathertrigger.deliveries.queue_broker import QueueBroker
from weathertrigger.environment import read_settings, secret_values
from weathertrigger.errors import SettingsError, StorageError, UsageError
from weathertrigger.logs import configure_logs
from weathertrigger.parent_death import die_with_parent
from weathertrigger.schedule.bells import Bells
from weathertrigger.storage import installation
from weathertrigger.storage.database import Database
from weathertrigger.storage.worker_registry import Identity
from weathertrigger.workers.life import WorkerLife
from weathertrigger.workers.lifecycle import Lifecycle
from weathertrigger.workers.name import worker_name
from weathertrigger.workers.redis_safety import refuse_eviction

log = logging.getLogger(__name__)

USAGE, CONFLICT = 2, 5
"""Exit codes of a worker that does not start: its settings are wrong; its name is taken, or its Redis evicts keys."""
NAME_LOST = 5
_OBJECTS_OF_A_FEW_MESSAGES = 50_000
_LONGEST_STANDSTILL_SECONDS = 5.0
"""Our transactions never wait for anything but PostgreSQL: a worker that says nothing for so long in one has stopped in
its tracks, and others wait for its locks."""


@dataclass(frozen=True, kw_only=True)
class WorkerSettings:
    """What every worker needs to know."""

    database_url: str = declared.DATABASE_URL.field()
    redis_url: str = declared.REDIS_URL.field()
    redis_namespace: str = declared.REDIS_NAMESPACE.field()
    worker_id: str | None = declared.WORKER_ID.field()
    health_check_interval: timedelta = declared.WORKER_HEALTH_CHECK_INTERVAL.field()
    max_concurrent_jobs: int = declared.WORKER_MAX_CONCURRENT_JOBS.field()
    log_level: str = declared.LOG_LEVEL.field()
    log_format: str = declared.LOG_FORMAT.field()
    sentry_dsn: str | None = declared.SENTRY_DSN.field()

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Reads them all.

        Raises:
            SettingsError: with everything that is missing or wrong.
        """
        return read_settings(cls, environ)


@dataclass(frozen=True, slots=True)
class Worker:
    """The ground that a service's step stands on."""

    name: str
    database: Database
    redis: Redis
    bells: Bells
    broker: QueueBroker
    life: WorkerLife


def start_worker(service: str, settings: WorkerSettings, stop: Callable[[], None] | None = None) -> Worker:
    """Prepares this process and enters it in the registry; what it stands on may be away for the moment. The broker
    becomes Dramatiq's global one, for its command line. `stop` is called when somebody asks the worker to stop; a
    worker of Dramatiq's asks its main process.

    A worker of Dramatiq's ends with its main process. When that is killed it is killed too: whoever starts it anew
    under the same name need not wait for a job to end, and what it did rings again.

    Raises:
        WorkerNameTaken: a live worker has this one's name.
        UnsafeRedis: Redis would evict keys.
        SettingsError: an address is none.
    """
    if stop is None:
        die_with_parent(signal.SIGKILL)
        _hear_once(signal.SIGTERM)
    configure_logs(service, level=settings.log_level, form=settings.log_format, secrets=secret_values(settings))
    database, redis = _connections(service, settings)
    refuse_eviction(redis)
    broker = make_broker(redis, settings.redis_namespace)
    name = worker_name(service, settings.worker_id)
    life = WorkerLife(
        database,
        Identity(
            worker_id=name,
            service=service,
            host=socket.gethostname(),
            process_id=os.getpid(),
            broker_id=None if stop else broker.broker_id,
            heartbeat_ms=settings.health_check_interval // timedelta(milliseconds=1),
        ),
        counts=lambda: broker.jobs.counts,
        stop=stop or _stop_main_process,
        lost=lambda: _end_at_once(NAME_LOST),
    )
    life.start()
    if settings.sentry_dsn:
        secrets, world = secret_values(settings), _outside_world(database)
        start_alerts(settings.sentry_dsn, service=service, worker_id=name, environment=world, secrets=secrets)
    if life.follows_a_death:
        log.error("the worker before this one ended without a word", extra={"worker": name})
    broker.add_middleware(Lifecycle(life, broker, _end_at_once))
    dramatiq.set_broker(broker)
    _keep_out_of_garbage_collection()
    return Worker(name, database, redis, Bells(redis, settings.redis_namespace), broker, life)


def _connections(service: str, settings: WorkerSettings) -> tuple[Database, Redis]:
    try:
        database = Database(
            settings.database_url,
            application_name=f"weathertrigger {service}",
            size=settings.max_concurrent_jobs + 8,  # a job, or one of the calls that a job makes at the same time
            idle_timeout_seconds=_LONGEST_STANDSTILL_SECONDS,
        )
    except StorageError as error:
        raise SettingsError([str(error)]) from error
    try:
        return database, connect_redis(settings.redis_url)
    except ValueError as error:
        raise SettingsError([f"REDIS_URL cannot be used: {error}"]) from None


def _outside_world(database: Database) -> str:
    try:
        with database.transaction() as tx:
            there = installation.get(tx)
    except StorageError:
        there = None
    return there.outside_world if there else "unknown"


def _end_at_once(code: int) -> None:
    flush_alerts()
    os._exit(code)


def _keep_out_of_garbage_collection() -> None:
    """What is loaded by now stays; and the many small objects of a message, which end with it, are not to be looked
    through a dozen times meanwhile."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_OF_A_FEW_MESSAGES)


def refusing(start: Callable[[], None]) -> Callable[[], None]:
    """A `start` that ends the process with one clear sentence when it is refused, instead of a traceback."""

    @wraps(start)
    def run() -> None:
        try:
            start()
        except UsageError as error:
            sys.exit(say_refusal(error))

    return run


def say_refusal(error: UsageError) -> int:
    """Says why a worker does not start; gives the exit code."""
    log.critical("%s", error)
    return USAGE if isinstance(error, SettingsError) else CONFLICT


def _hear_once(number: signal.Signals) -> None:
    """Two who ask a worker to stop (a person and the supervisor, say) ask for the same: told twice, Dramatiq would drop
    what it does."""
    first = signal.getsignal(number)

    def hear(signum: int, frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_IGN)
        if callable(first):
            first(signum, frame)

    signal.signal(number, hear)


def _stop_main_process() -> None:
    os.kill(os.getppid(), signal.SIGTERM)
