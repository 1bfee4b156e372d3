"""The ground of a fault run: servers of its own, the services two processes of each, and the count at the end."""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from signal import Signals

from redis import Redis

from tests.acceptance.fault_fleet import Fleet
from tests.acceptance.fault_rules import frequent_rules, prepare, promise
from tests.acceptance.recorded_slots import settled
from tests.acceptance.slot_checker import Account, Span
from tests.processes import wait_until
from weathertrigger.domain.rule import Rule
from weathertrigger.embedded import EmbeddedPostgreSQL, EmbeddedRedis, EmbeddedServerError
from weathertrigger.embedded.server import EmbeddedServer
from weathertrigger.instants import to_ms
from weathertrigger.schedule.bells import Bells
from weathertrigger.storage import checks
from weathertrigger.storage.database import Database

NAMESPACE = "faults"
_SETTINGS = {
    "REDIS_NAMESPACE": NAMESPACE,
    "LOG_FORMAT": "json",
    "WEATHER_REFRESH": "86400",  # the readings are stored beforehand: whoever calls out fails at once
    "OPENWEATHER_API_KEY": "stand-in",
    "OPENWEATHER_URL": "http://127.0.0.1:9",
    "WORKER_MAX_CONCURRENT_JOBS": "2",
    "WORKER_GRACEFUL_SHUTDOWN_TIMEOUT": "3000",
    "dramatiq_restart_delay": "500",
}
_RULES = 60
_RUNNING = """
SELECT process_id FROM worker_registry WHERE status = 'running' AND starts_with(worker_id, %(name)s)
"""


@dataclass(frozen=True, slots=True)
class FaultGround:
    """What a scenario may do, and the slots that it has been promised."""

    postgres: EmbeddedPostgreSQL
    redis: EmbeddedRedis
    fleet: Fleet
    database: Database
    client: Redis
    spans: list[Span] = field(default_factory=list)

    @property
    def bells(self) -> Bells:
        """The schedule's side of Redis."""
        return Bells(self.client, NAMESPACE)

    def add_rules(self, made: Sequence[Rule] = (), daily: int = 4) -> None:
        """Adds these rules (60 of 2 to 10 s where none are given) and some of 24 h, and notes what they promise."""
        self.spans.extend(promise(self.database, self.bells, made or frequent_rules(_RULES), daily))

    def now(self) -> int:
        """PostgreSQL's time."""
        return to_ms(self.database.run(checks.clock))

    def runs(self, name: str) -> bool:
        """Whether that process has come so far that it works."""
        pids = [row.process_id for row in self.database.run(lambda tx: tx.rows(_RUNNING, {"name": name}))]
        return self.fleet.pid(name) in pids

    def crash(self, server: EmbeddedServer, number: Signals) -> None:
        """Sends the server a signal that it does not survive, and waits for its end."""
        os.kill(server.pid, number)
        wait_until(lambda: not server.is_running())

    def start(self, server: EmbeddedServer) -> None:
        """Starts it where it was. What is left of a killed PostgreSQL needs a moment to go."""
        wait_until(lambda: _starts(server), patience_s=60)

    def settled(self, what: str, patience_s: float = 90.0) -> Account:
        """Waits until everything that is due by now has been recorded, and counts; prints a line for people."""
        return settled(self.database, self.spans, what, patience_s)


@contextmanager
def fault_ground(
    directory: Path,
    *,
    apart: Mapping[str, Mapping[str, str]] | None = None,
    starts: Mapping[str, str] | None = None,
) -> Iterator[FaultGround]:
    """Everything runs and waits for rules. See `Fleet` for `apart` and `starts`."""
    with EmbeddedPostgreSQL(directory) as postgres, EmbeddedRedis(directory) as redis_server:
        environment = {**_SETTINGS, "DATABASE_URL": postgres.url, "REDIS_URL": redis_server.url}
        fleet = Fleet(environment, directory / "logs", apart or {}, starts or {})
        with (
            closing(Database(postgres.url, application_name="fault run")) as database,
            closing(Redis.from_url(redis_server.url)) as client,
        ):
            prepare(database)
            try:
                fleet.start()
                wait_until(
                    lambda: len(database.run(lambda tx: tx.rows(_RUNNING, {"name": ""}))) == fleet.size, patience_s=60
                )
                yield FaultGround(postgres, redis_server, fleet, database, client)
            finally:
                fleet.stop()


def every_second(seconds: int) -> Iterator[int]:
    """Gives the numbers of the seconds, each when it has come."""
    begun = time.monotonic()
    for number in range(seconds):
        wait_until(lambda due=begun + number: time.monotonic() >= due, patience_s=60)  # type: ignore[misc]  # bound at once
        yield number


def pass_seconds(seconds: int) -> None:
    """Lets so much time pass."""
    for _ in every_second(seconds + 1):
        pass


def _starts(server: EmbeddedServer) -> bool:
    try:
        server.start()
    except EmbeddedServerError:
        return False
    return True
