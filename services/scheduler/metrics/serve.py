"""The page that Prometheus scrapes: it asks PostgreSQL and Redis while the scrape waits, and keeps nothing.

It stands apart from the rest of the scheduler, with threads, connections and time-outs of its own, so that a scrape
never holds up a check.
"""

import logging
from collections.abc import Callable, Iterator
from typing import TypeVar
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import Metric
from prometheus_client.registry import Collector
from redis import Redis, RedisError

from services.scheduler.metrics.families import families
from services.scheduler.metrics.look import look_into_postgresql, look_into_redis
from services.scheduler.settings import Settings
from weathertrigger.broker import connect_redis
from weathertrigger.call_limits import call_limits
from weathertrigger.errors import SettingsError, StorageError
from weathertrigger.operations.limit_stats import Limits
from weathertrigger.storage.database import Database

log = logging.getLogger(__name__)

T = TypeVar("T")

_PATIENCE_SECONDS = 2.0
"""For one statement, one answer of Redis, or a connection that is in use."""


class Scrape(Collector):
    """Looks once for each scrape. A server that is away is told as such, and never an error of the page."""

    def __init__(self, database: Database, redis: Redis, namespace: str, limits: Limits) -> None:
        self._database = database
        self._redis = redis
        self._namespace = namespace
        self._limits = limits

    def collect(self) -> Iterator[Metric]:
        """Everything that can be said now."""
        known = _asked("postgresql", lambda: look_into_postgresql(self._database, self._limits))
        shared = _asked("redis", lambda: look_into_redis(self._redis, self._namespace, self._limits, known))
        yield from families(self._limits, known, shared)

    def describe(self) -> list[Metric]:
        """Nothing: to register asks nobody."""
        return []


def serve_metrics(settings: Settings) -> WSGIServer | None:
    """Serves from now on, in a thread that ends with the process, if the settings name a port. Nothing connects before
    the first scrape.

    Raises:
        SettingsError: the port cannot be listened on, or an address is none.
    """
    if not settings.metrics_port:
        return None
    registry = CollectorRegistry()
    registry.register(_scrape(settings))
    try:
        server, _ = start_http_server(settings.metrics_port, settings.metrics_host, registry)
    except OSError as error:
        where = f"METRICS_PORT {settings.metrics_port} of METRICS_HOST {settings.metrics_host}"
        raise SettingsError([f"{where} cannot be listened on: {error.strerror}"]) from error
    return server


def _scrape(settings: Settings) -> Scrape:
    try:
        database = Database(
            settings.database_url,
            application_name="weathertrigger metrics",
            wait_seconds=_PATIENCE_SECONDS,
            statement_timeout_seconds=_PATIENCE_SECONDS,
        )
        redis = connect_redis(settings.redis_url, patience_seconds=_PATIENCE_SECONDS)
    except StorageError as error:
        raise SettingsError([str(error)]) from error
    except ValueError as error:
        raise SettingsError([f"REDIS_URL cannot be used: {error}"]) from None
    return Scrape(database, redis, settings.redis_namespace, call_limits(settings))


def _asked(part: str, look: Callable[[], T]) -> T | None:
    try:
        return look()
    except (StorageError, RedisError) as error:
        log.warning("metrics are incomplete", extra={"part": part, "error": str(error)})
        return None
