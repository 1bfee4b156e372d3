"""The servers and the services that are measured: real processes, embedded servers, fsync on."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

import psycopg2

from services.automation_cli.up.supervisor import Command, Event, Happened, Supervisor
from weathertrigger.embedded import EmbeddedPostgreSQL, EmbeddedRedis

NAMESPACE = "bench"
_NOBODY = "http://127.0.0.1:9"  # readings are stored beforehand: whoever calls out fails at once
_SETTINGS = {
    "REDIS_NAMESPACE": NAMESPACE,
    "LOG_FORMAT": "json",
    "WEATHER_REFRESH": "86400",
    "OPENWEATHER_API_KEY": "stand-in",
    "OPENWEATHER_URL": _NOBODY,
    "dramatiq_queue_prefetch": "8",
    "dramatiq_worker_timeout": "100",
}
_WORKERS = {"weather-fetcher": (1, 2), "rule-evaluator": (2, 2)}  # processes and threads


class ServiceEnded(Exception):
    """A service that is measured has ended: what was measured is worth nothing."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Two running servers, and a folder for logs."""

    postgres: EmbeddedPostgreSQL
    redis: EmbeddedRedis
    logs: Path

    @property
    def server_pids(self) -> dict[str, int]:
        """The servers' processes by name."""
        return {"PostgreSQL": self.postgres.pid, "Redis": self.redis.pid}


@contextmanager
def servers(directory: Path) -> Iterator[Ground]:
    """Both servers. PostgreSQL keeps the time of every commit, so that the end of a run needs no polling of ours."""
    with EmbeddedPostgreSQL(directory, durable=True) as postgres:
        with closing(psycopg2.connect(postgres.url)) as connection:
            connection.autocommit = True
            connection.cursor().execute("ALTER SYSTEM SET track_commit_timestamp = on")
        postgres.stop()
        postgres.start()
        with EmbeddedRedis(directory) as redis:
            yield Ground(postgres, redis, directory / "logs")


@contextmanager
def scheduler(ground: Ground) -> Iterator[dict[str, int]]:
    """One scheduler; gives its pid by name."""
    yield from _run(ground, [("scheduler", ("-m", "services.scheduler"))])


@contextmanager
def workers(ground: Ground) -> Iterator[dict[str, int]]:
    """The weather-fetcher and the rule-evaluator; gives their pids by name."""
    commands = []
    for service, (processes, threads) in _WORKERS.items():
        start = f"services.{service.replace('-', '_')}.worker:start"
        options = ("--processes", str(processes), "--threads", str(threads))
        commands.append((service, ("-m", "weathertrigger.worker_process", service, start, *options)))
    yield from _run(ground, commands)


@contextmanager
def bare_workers(ground: Ground) -> Iterator[dict[str, int]]:
    """As many Dramatiq workers as the rule-evaluator has, with an actor that does nothing."""
    processes, threads = _WORKERS["rule-evaluator"]
    options = ("--processes", str(processes), "--threads", str(threads))
    yield from _run(ground, [("bare", ("-m", "dramatiq", "tests.benchmarks.bare_worker:start", *options))])


def _run(ground: Ground, commands: Sequence[tuple[str, Sequence[str]]]) -> Iterator[dict[str, int]]:
    environment = {**_SETTINGS, "DATABASE_URL": ground.postgres.url, "REDIS_URL": ground.redis.url}
    events: SimpleQueue[Event] = SimpleQueue()
    supervisor = Supervisor(
        [Command(name, [sys.executable, *words], ground.logs / f"{name}.log", environment) for name, words in commands],
        events.put,
    )
    with supervisor:
        pids: dict[str, int] = {}
        while len(pids) < len(commands):
            event = events.get(timeout=10)
            if event.happened is Happened.STARTED and event.pid is not None:
                pids[event.service] = event.pid
        yield pids
        if not events.empty():
            raise ServiceEnded(f"{events.get().service} has ended; see {ground.logs}")
