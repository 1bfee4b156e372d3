"""A thin pool over psycopg2: bounded wait, dead connections replaced, driver errors translated at this border.

One message is one transaction, and no connection is held during an HTTP call.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import psycopg2
import psycopg2.errors
from psycopg2 import extensions
from psycopg2.extras import NamedTupleCursor

from weathertrigger.errors import (
    ConstraintViolated,
    PoolTimeout,
    SerialisationFailure,
    StatementTimeout,
    StorageError,
    StorageUnavailable,
)
from weathertrigger.jitter import full_jitter

log = logging.getLogger(__name__)

Parameters = Mapping[str, object]
Row = Any  # a named tuple whose shape the statement gives; psycopg2 cannot know it
T = TypeVar("T")

_IDLE_CHECK_SECONDS = 30.0
_MAX_AGE_SECONDS = 1800.0
_REPEATS = 3


class Transaction:
    """What a step may do inside one transaction."""

    def __init__(self, cursor: extensions.cursor) -> None:
        self._cursor = cursor
        self._afterwards: list[Callable[[], None]] = []

    def after_commit(self, deed: Callable[[], None]) -> None:
        """For what must not be done for a transaction that comes to nothing, or once more for one that is repeated."""
        self._afterwards.append(deed)

    def committed(self) -> None:
        """The transaction has been committed: does what was to be done afterwards."""
        for deed in self._afterwards:
            deed()

    def rows(self, statement: str, parameters: Parameters | None = None) -> list[Row]:
        """Runs the statement and gives every row it returns."""
        self._cursor.execute(statement, parameters)
        return self._cursor.fetchall()

    def row(self, statement: str, parameters: Parameters | None = None) -> Row | None:
        """Runs the statement and gives its first row, or None."""
        self._cursor.execute(statement, parameters)
        return self._cursor.fetchone()

    def execute(self, statement: str, parameters: Parameters | None = None) -> int:
        """Runs the statement and gives the number of rows it touched."""
        self._cursor.execute(statement, parameters)
        return int(self._cursor.rowcount)


@dataclass(slots=True)
class _Idle:
    connection: extensions.connection
    opened: float
    idle_since: float


class Database:
    """A pool of connections to one PostgreSQL database. Nothing connects before the first use."""

    def __init__(
        self,
        url: str,
        *,
        application_name: str,
        size: int = 4,
        wait_seconds: float = 10.0,
        statement_timeout_seconds: float = 30.0,
        idle_timeout_seconds: float = 60.0,
    ) -> None:
        try:
            extensions.parse_dsn(url)
        except psycopg2.ProgrammingError:
            # What psycopg2 says of it would repeat the password.
            raise StorageError("DATABASE_URL is not an address of a PostgreSQL database.") from None
        self._dsn = extensions.make_dsn(
            url,
            application_name=application_name,
            connect_timeout=5,
            keepalives_idle=30,
            keepalives_interval=10,
            keepalives_count=3,
            tcp_user_timeout=10_000,  # of a network that swallows what we send; where the system knows it
            options=(
                f"-c statement_timeout={int(statement_timeout_seconds * 1000)} "
                f"-c idle_in_transaction_session_timeout={int(idle_timeout_seconds * 1000)} -c timezone=UTC "
                # So that PostgreSQL too notices when a host is gone, and lets go of what its sessions held.
                "-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
            ),
        )
        self._slots = threading.BoundedSemaphore(size)
        self._wait_seconds = wait_seconds
        self._idle: list[_Idle] = []
        self._lock = threading.Lock()

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """One transaction: committed at the end of the block, rolled back on any exception.

        Raises:
            PoolTimeout: no connection became free in time.
            StorageError: what PostgreSQL said, translated.
        """
        if not self._slots.acquire(timeout=self._wait_seconds):
            raise PoolTimeout(f"No database connection became free within {self._wait_seconds:.0f} s.")
        try:
            with translated():
                held = self._take()
                try:
                    with held.connection, held.connection.cursor(cursor_factory=NamedTupleCursor) as cursor:
                        tx = Transaction(cursor)
                        yield tx
                except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
                    if not isinstance(error, extensions.TransactionRollbackError | extensions.QueryCanceledError):
                        held.connection.close()
                        self.close()  # what broke this connection broke the idle ones too, as a rule
                    raise
                finally:
                    self._give_back(held)
        finally:
            self._slots.release()
        tx.committed()

    def run(self, work: Callable[[Transaction], T]) -> T:
        """Runs the work in one transaction, and the whole of it again (at most twice) after a conflict or a lost
        connection. The work must not have effects outside of the transaction."""
        for attempt in range(1, _REPEATS):
            try:
                with self.transaction() as tx:
                    return work(tx)
            except (SerialisationFailure, StorageUnavailable) as error:
                log.info("transaction is repeated", extra={"attempt": attempt, "error": str(error)})
                time.sleep(full_jitter(attempt, base=0.05, cap=1.0))
        with self.transaction() as tx:
            return work(tx)

    def connect(self) -> extensions.connection:
        """A new connection, outside of the pool; psycopg2's errors are the caller's to translate."""
        return psycopg2.connect(self._dsn)

    def close(self) -> None:
        """Closes every idle connection."""
        with self._lock:
            idle, self._idle = self._idle, []
        for one in idle:
            one.connection.close()

    def _take(self) -> _Idle:
        now = time.monotonic()
        while True:
            with self._lock:
                one = self._idle.pop() if self._idle else None
            if one is None:
                return _Idle(self.connect(), now, now)
            if now - one.opened < _MAX_AGE_SECONDS and (now - one.idle_since < _IDLE_CHECK_SECONDS or _alive(one)):
                return one
            one.connection.close()

    def _give_back(self, one: _Idle) -> None:
        if not one.connection.closed:
            one.idle_since = time.monotonic()
            with self._lock:
                self._idle.append(one)


def _alive(one: _Idle) -> bool:
    try:
        with one.connection, one.connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except psycopg2.Error:
        return False
    return True


@contextmanager
def translated() -> Iterator[None]:
    """Turns psycopg2's errors into our own."""
    try:
        yield
    except (psycopg2.errors.SerializationFailure, psycopg2.errors.DeadlockDetected) as error:
        raise SerialisationFailure(_sentence(error)) from error
    except extensions.QueryCanceledError as error:
        raise StatementTimeout(_sentence(error)) from error
    except psycopg2.IntegrityError as error:
        raise ConstraintViolated(_sentence(error), error.diag.constraint_name) from error
    except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
        raise StorageUnavailable(_sentence(error)) from error
    except psycopg2.errors.UndefinedTable as error:
        raise StorageError(f"{_sentence(error)}; `automation-cli migrate` makes the tables.") from error
    except psycopg2.Error as error:
        raise StorageError(_sentence(error)) from error


def _sentence(error: psycopg2.Error) -> str:
    said = error.diag.message_primary or str(error) or type(error).__name__
    return "PostgreSQL: " + " ".join(said.split())
