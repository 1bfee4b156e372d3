"""A worker process among all workers: its name, its heartbeat, and being asked to stop from anywhere.

A thread holds one session of PostgreSQL. The session holds the worker's name, so a live twin is refused and a restart
after `kill -9` is not; on it a request to stop arrives at once. While PostgreSQL is away the worker goes on.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from weathertrigger.errors import StorageError, WorkerNameTaken
from weathertrigger.jitter import full_jitter
from weathertrigger.storage import worker_registry
from weathertrigger.storage.database import Database
from weathertrigger.storage.session import Session, open_session
from weathertrigger.storage.worker_registry import Identity, JobCounts, WorkerStatus

log = logging.getLogger(__name__)

_END_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Seconds. Between two looks at what is to be written; how long the name may still be held by a process that was
    killed a moment ago; how long `start` waits for PostgreSQL."""

    look: float = 1.0
    name_patience: float = 5.0
    enter: float = 10.0


_PACE = Pace()


class WorkerLife:
    """From `start` to `end`, in a thread.

    Args:
        counts: the jobs so far.
        stop: called once when somebody asks this worker to stop.
        lost: called when another worker has the name, which is known only when PostgreSQL is back.

    Attributes:
        follows_a_death: whether the worker that had this name before ended without a word; known after `start`.
    """

    def __init__(
        self,
        database: Database,
        identity: Identity,
        *,
        counts: Callable[[], JobCounts],
        stop: Callable[[], None],
        lost: Callable[[], None],
        pace: Pace = _PACE,
    ) -> None:
        self._pace = pace
        self._database = database
        self._identity = identity
        self._counts = counts
        self._stop = stop
        self._lost = lost
        self._status = WorkerStatus.STARTING
        self._written: tuple[WorkerStatus, JobCounts] | None = None
        self._written_at = 0.0
        self._asked = False
        self._refused = False
        self._is_up = False
        self._backend: int | None = None
        self._entered = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._live, name="worker life", daemon=True)
        self.follows_a_death = False

    def start(self) -> None:
        """Enters the registry; when PostgreSQL does not answer soon, as soon as it does.

        Raises:
            WorkerNameTaken: a live worker has this name.
        """
        self._thread.start()
        if not self._entered.wait(self._pace.enter):
            log.warning("PostgreSQL does not answer; the worker enters the registry when it does")
        self._is_up = True  # before the look: who refuses from now on sees it
        if self._refused:
            raise WorkerNameTaken(
                f"A worker named {self._identity.worker_id} is alive: stop it, or give this one another WORKER_ID."
            )

    def is_now(self, status: WorkerStatus) -> None:
        """The worker has come so far; written down within a second."""
        self._status = status

    def end(self) -> None:
        """The worker stops now: writes that down, and lets the name go."""
        self._status = WorkerStatus.STOPPED
        self._over.set()
        if self._thread.ident is not None:
            self._thread.join(_END_SECONDS)

    def _live(self) -> None:
        failures = 0
        while not self._over.is_set():
            try:
                with open_session(self._database) as session:
                    if not self._take_name(session):
                        return
                    failures = 0
                    self._hold(session)
            except StorageError as error:
                failures += 1
                log.warning("no heartbeat", extra={"error": str(error)})
                self._over.wait(0.2 + full_jitter(failures, base=0.2, cap=5.0))

    def _take_name(self, session: Session) -> bool:
        if self._backend:
            worker_registry.end_session(session, self._identity.worker_id, self._backend)
        deadline = time.monotonic() + self._pace.name_patience
        while not worker_registry.take_name(session, self._identity.worker_id):
            if time.monotonic() > deadline or self._over.wait(0.1):
                self._give_in()
                return False
        self._backend = session.backend
        return True

    def _give_in(self) -> None:
        self._refused = True
        self._entered.set()
        if self._is_up and not self._over.is_set():  # otherwise `start` says so
            log.critical("another worker has this one's name", extra={"worker": self._identity.worker_id})
            self._lost()

    def _hold(self, session: Session) -> None:
        """After a time without PostgreSQL the worker is still the same: what was asked of it meanwhile is heard."""
        worker_registry.listen(session)
        self._written = None
        if not self._entered.is_set():
            self.follows_a_death = worker_registry.enter(session, self._identity)
        self._entered.set()
        told: list[str] = []
        while not self._over.is_set():
            has_news = self._written != (self._status, self._counts())
            if has_news or self._due_in() <= 0 or self._identity.worker_id in told:
                self._beat(session)
            told = session.wait(min(self._pace.look, max(self._due_in(), 0)))
        self._beat(session)

    def _due_in(self) -> float:
        """Seconds until the next heartbeat."""
        return self._written_at + self._identity.heartbeat_ms / 1000 - time.monotonic()

    def _beat(self, session: Session) -> None:
        status, counts = self._status, self._counts()
        known, asked = worker_registry.beat(session, self._identity, status, counts)
        self._written, self._written_at = (status, counts), time.monotonic()
        if not known:
            worker_registry.enter(session, self._identity)
            self._written = None
        if asked and not self._asked:
            self._asked = True
            log.info("somebody asks this worker to stop")
            self._stop()
