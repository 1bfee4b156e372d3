"""What every worker process stands on: settings, logs, PostgreSQL, Redis, the broker and a name.

`start_worker` is called by the `start` of each service's `worker.py`, in the worker process, and by nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from redis import Redis

from weathertrigger import settings as declared
from weathertrigger.broker import connect_redis, make_broker
from weathertrigger.environment import read_settings, secret_values
from weathertrigger.logs import configure_logs
from weathertrigger.parent_death import die_with_parent
from weathertrigger.schedule.bells import Bells
from weathertrigger.storage.database import Database
from weathertrigger.worker_name import worker_name


@dataclass(frozen=True, kw_only=True)
class WorkerSettings:
    """What every worker needs to know."""

    database_url: str = declared.DATABASE_URL.field()
    redis_url: str = declared.REDIS_URL.field()
    redis_namespace: str = declared.REDIS_NAMESPACE.field()
    worker_id: str | None = declared.WORKER_ID.field()
    log_level: str = declared.LOG_LEVEL.field()
    log_format: str = declared.LOG_FORMAT.field()

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
    broker: RedisBroker


def start_worker(service: str, settings: WorkerSettings) -> Worker:
    """Prepares this process; connects to nothing yet. The broker becomes Dramatiq's global one, for its command line.

    The process ends with Dramatiq's main process, also when that is killed.
    """
    die_with_parent()
    secrets = secret_values(settings)
    configure_logs(service, level=settings.log_level, form=settings.log_format, secrets=secrets)
    database = Database(settings.database_url, application_name=f"weathertrigger {service}", size=12)
    redis = connect_redis(settings.redis_url)
    broker = make_broker(redis, settings.redis_namespace)
    dramatiq.set_broker(broker)
    bells = Bells(redis, settings.redis_namespace)
    return Worker(worker_name(service, settings.worker_id), database, redis, bells, broker)
