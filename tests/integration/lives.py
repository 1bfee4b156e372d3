"""Workers' lives in the registry, as threads of the test's own, and what a test sees of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from weathertrigger.storage import worker_registry
from weathertrigger.storage.database import Database, Row
from weathertrigger.storage.session import Session, open_session
from weathertrigger.storage.worker_registry import Identity, JobCounts
from weathertrigger.workers.life import Pace, WorkerLife

NAME = "shop-1/ad-action/1"
LOCK = "SELECT pg_advisory_lock(worker_lock(%(name)s))"
HOLDER = """
SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (classid::bigint << 32 | objid::bigint) = worker_lock(%(name)s)
"""


@dataclass
class Living:
    """A life, what it was told, and what it counts."""

    name: str = NAME
    broker_id: str | None = None
    heartbeat_ms: int = 30_000
    pace: Pace = Pace(look=0.05, name_patience=0.5)
    counts: JobCounts = field(default_factory=JobCounts)
    stopped: int = 0
    lost: int = 0

    def on(self, database: Database) -> WorkerLife:
        identity = Identity(
            worker_id=self.name,
            service="ad-action",
            host="here",
            process_id=17,
            broker_id=self.broker_id,
            heartbeat_ms=self.heartbeat_ms,
        )
        return WorkerLife(
            database, identity, counts=lambda: self.counts, stop=self._stop, lost=self._lose, pace=self.pace
        )

    def _stop(self) -> None:
        self.stopped += 1

    def _lose(self) -> None:
        self.lost += 1


@contextmanager
def living(database: Database, one: Living | None = None) -> Iterator[WorkerLife]:
    """From the start of a life to its end."""
    life = (one or Living()).on(database)
    life.start()
    try:
        yield life
    finally:
        life.end()


def listed(database: Database, name: str = NAME) -> Row:
    """The worker as it stands in the registry."""
    with database.transaction() as tx:
        (row,) = worker_registry.listed(tx, name)
    return row


def holder(database: Database, name: str = NAME) -> int | None:
    """The backend that holds the worker's name."""
    with database.transaction() as tx:
        row = tx.row(HOLDER, {"name": name})
    return row.pid if row else None


def kill(database: Database, backend: int | None) -> None:
    """Ends a session at PostgreSQL."""
    with database.transaction() as tx:
        assert tx.row("SELECT pg_terminate_backend(%(pid)s) AS ended", {"pid": backend})


@contextmanager
def name_taken(database: Database, name: str = NAME) -> Iterator[Session]:
    """Somebody else holds the name; waits for it."""
    with open_session(database) as session:
        session.execute(LOCK, {"name": name})
        yield session
