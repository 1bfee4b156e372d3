"""One connection of its own, outside of the pool: for locks that last as long as it, and to be told of something."""

import select
from collections.abc import Iterator
from contextlib import closing, contextmanager

from psycopg2 import extensions
from psycopg2.extras import NamedTupleCursor

from weathertrigger.storage.database import Database, Parameters, Row, Transaction, translated


class Session:
    """Every statement is a transaction of its own. All methods raise StorageError: what PostgreSQL said, translated."""

    def __init__(self, connection: extensions.connection) -> None:
        self._connection = connection

    @property
    def backend(self) -> int:
        """The process that serves it at PostgreSQL."""
        return self._connection.info.backend_pid

    def row(self, statement: str, parameters: Parameters | None = None) -> Row | None:
        """Runs the statement and gives its first row, or None."""
        with translated(), self._connection.cursor(cursor_factory=NamedTupleCursor) as cursor:
            return Transaction(cursor).row(statement, parameters)

    def execute(self, statement: str, parameters: Parameters | None = None) -> None:
        """Runs a statement that gives no rows."""
        with translated(), self._connection.cursor(cursor_factory=NamedTupleCursor) as cursor:
            Transaction(cursor).execute(statement, parameters)

    def wait(self, seconds: float) -> list[str]:
        """Waits to be told of something (LISTEN); gives what was said, nothing when the time is over."""
        with translated():
            if select.select([self._connection], [], [], seconds)[0]:
                self._connection.poll()
            said = [one.payload for one in self._connection.notifies]
            self._connection.notifies.clear()
            return said


@contextmanager
def open_session(database: Database) -> Iterator[Session]:
    """A session to the end of the block.

    Raises:
        StorageUnavailable: no connection.
    """
    with translated():
        connection = database.connect()
    with closing(connection):
        connection.autocommit = True
        yield Session(connection)
