"""Which workers there are, what they do, and what is asked of them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from weathertrigger.storage.database import Row, Transaction
from weathertrigger.storage.queries import load_queries
from weathertrigger.storage.session import Session

_SQL = "worker_registry"

SERVICES = ("scheduler", "weather-fetcher", "rule-evaluator", "ad-action")
"""Of each an installation needs a live worker at least."""


class WorkerStatus(StrEnum):
    """The life of a worker, in its order."""

    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who a worker is; `broker_id` is what Dramatiq calls it, None for one that takes no messages."""

    worker_id: str
    service: str
    host: str
    process_id: int
    broker_id: str | None
    heartbeat_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCounts:
    """Jobs (messages) since the worker started; the expired ones are among the succeeded."""

    succeeded: int = 0
    failed: int = 0
    expired: int = 0
    current: int = 0


def take_name(session: Session, worker_id: str) -> bool:
    """Takes the worker's name for as long as the session lasts; False when a live twin has it."""
    row = session.row(load_queries(_SQL)["take_name"], {"worker_id": worker_id})
    return bool(row and row.taken)


def end_session(session: Session, worker_id: str, backend: int) -> None:
    """Ends the session that this worker had before, where PostgreSQL believes that it is still there."""
    session.execute(load_queries(_SQL)["end_session"], {"worker_id": worker_id, "backend": backend})


def listen(session: Session) -> None:
    """From now on the session is told of requests to stop."""
    session.execute(load_queries(_SQL)["listen"])


def enter(session: Session, identity: Identity) -> bool:
    """The worker begins. Gives whether the one before it under its name ended without a word, which nobody has noticed
    yet."""
    row = session.row(load_queries(_SQL)["enter"], asdict(identity))
    return bool(row and row.follows_a_death)


def beat(session: Session, identity: Identity, status: WorkerStatus, counts: JobCounts) -> tuple[bool, bool]:
    """A sign of life. Gives whether the worker is still known, and whether it is asked to stop."""
    parameters = {**asdict(identity), "status": status, **asdict(counts)}
    row = session.row(load_queries(_SQL)["beat"], parameters)
    return row is not None, row is not None and row.requested_status == WorkerStatus.STOPPED


def ask_to_stop(tx: Transaction, name: str) -> list[str]:
    """Asks the workers of this name, and those whose names begin with it and a slash; gives their names."""
    return [row.worker_id for row in tx.rows(load_queries(_SQL)["ask_to_stop"], {"name": name})]


def listed(tx: Transaction, name: str | None = None) -> list[Row]:
    """Every worker with `alive` and the `clock` of the moment, or those of a name."""
    return tx.rows(load_queries(_SQL)["listed"], {"name": name})


def at_work(listed: Iterable[Row]) -> Counter[str]:
    """By service how many of the listed workers are alive and not about to stop."""
    return Counter(
        row.service for row in listed if row.alive and row.status in {WorkerStatus.STARTING, WorkerStatus.RUNNING}
    )


def retire(tx: Transaction) -> list[str]:
    """Writes down as stopped who ended without a word; gives the names."""
    return [row.worker_id for row in tx.rows(load_queries(_SQL)["retire"])]


def forget(tx: Transaction, kept: timedelta) -> int:
    """Takes those out that stopped longer ago; gives how many."""
    return tx.execute(load_queries(_SQL)["forget"], {"kept": kept})


def is_late(row: Row) -> bool:
    """Whether a listed worker has missed its heartbeat twice."""
    last: datetime = row.last_heartbeat
    clock: datetime = row.clock
    return clock - last > 2 * timedelta(milliseconds=row.heartbeat_ms)
