"""The pool over psycopg2: what people and steps see when PostgreSQL is slow, away, or at odds with itself."""

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier, Event
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests.processes import wait_until
from weathertrigger.errors import (
    ConstraintViolated,
    PoolTimeout,
    SerialisationFailure,
    StatementTimeout,
    StorageError,
    StorageUnavailable,
)
from weathertrigger.storage.database import Database, Transaction

KILL_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'pooled'
"""


@pytest.fixture
def pool(database_url: str) -> Iterator[Database]:
    opened = Database(database_url, application_name="pooled", size=4, wait_seconds=0.2)
    with opened.transaction() as tx:
        tx.execute("CREATE TABLE counters (name text CONSTRAINT counters_key PRIMARY KEY, count int NOT NULL)")
        tx.execute("INSERT INTO counters VALUES ('a', 0), ('b', 0)")
    yield opened
    opened.close()


@pytest.fixture
def other(database_url: str) -> Iterator[Database]:
    opened = Database(database_url, application_name="other", size=1)
    yield opened
    opened.close()


def counts(database: Database) -> dict[str, int]:
    with database.transaction() as tx:
        return {row.name: row.count for row in tx.rows("SELECT * FROM counters")}


def add_one(tx: Transaction, name: str) -> None:
    tx.execute("UPDATE counters SET count = count + 1 WHERE name = %(name)s", {"name": name})


def _is_free(database_url: str) -> bool:
    """Whether nobody holds advisory lock 1."""
    with closing(Database(database_url, application_name="other", size=1)) as other, other.transaction() as tx:
        return not tx.rows("SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 1")


def fill(pool: Database) -> None:
    """Makes the pool hold as many idle connections as it may."""
    together = Barrier(4)

    def use(_: int) -> None:
        with pool.transaction() as tx:
            tx.execute("SELECT 1")
            together.wait()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(use, range(4)))


def test_a_block_commits_at_its_end_and_only_there(pool: Database) -> None:
    """Any exception rolls back, of whatever kind."""

    def interrupted() -> None:
        with pool.transaction() as tx:
            add_one(tx, "a")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert counts(pool) == {"a": 0, "b": 0}
    with pool.transaction() as tx:
        add_one(tx, "a")
    assert counts(pool) == {"a": 1, "b": 0}


def test_a_full_pool_says_so_in_time(pool: Database) -> None:
    """Nobody waits for ever, and the connections that come back are used again."""
    done, in_use = Event(), Barrier(5)

    def hold(_: int) -> None:
        with pool.transaction():
            in_use.wait()
            done.wait()

    with ThreadPoolExecutor(4) as threads:
        holding = threads.map(hold, range(4))
        in_use.wait()
        with pytest.raises(PoolTimeout, match="No database connection became free"), pool.transaction():
            pass
        done.set()
        list(holding)
    assert counts(pool) == {"a": 0, "b": 0}


def test_dead_connections_are_replaced(pool: Database, other: Database) -> None:
    """PostgreSQL was restarted: every connection of the pool is dead, and the work is done all the same."""
    fill(pool)
    with other.transaction() as tx:
        assert len(tx.rows(KILL_OTHERS)) == 4
    pool.run(lambda tx: add_one(tx, "a"))
    assert counts(pool) == {"a": 1, "b": 0}


def test_a_connection_that_dies_in_the_middle(pool: Database, other: Database) -> None:
    """The whole work is repeated; nothing of the first try is left."""
    tries = []

    def work(tx: Transaction) -> None:
        add_one(tx, "a")
        tries.append(1)
        if len(tries) == 1:
            with other.transaction() as killer:
                killer.rows(KILL_OTHERS)
        add_one(tx, "b")

    pool.run(work)
    assert (len(tries), counts(pool)) == (2, {"a": 1, "b": 1})


def test_a_single_transaction_is_not_repeated(pool: Database, other: Database) -> None:
    """Outside of `run` the caller learns of the loss, and the next transaction works."""
    fill(pool)
    with other.transaction() as tx:
        tx.rows(KILL_OTHERS)
    with pytest.raises(StorageUnavailable), pool.transaction() as tx:
        add_one(tx, "a")
    assert counts(pool) == {"a": 0, "b": 0}


def crossing(pool: Database, isolation: str) -> Callable[[str], int]:
    """Work that conflicts when it is done twice at once; gives how often it was tried."""
    together = Barrier(2)

    def work(order: str) -> int:
        tries = 0

        def crossed(tx: Transaction) -> None:
            nonlocal tries
            tries += 1
            tx.execute(f"SET TRANSACTION ISOLATION LEVEL {isolation}")
            tx.rows("SELECT * FROM counters")
            if isolation == "READ COMMITTED":
                add_one(tx, order[0])
            if tries == 1:
                together.wait()
            add_one(tx, order[1])

        pool.run(crossed)
        return tries

    return work


@pytest.mark.parametrize(
    ("isolation", "orders", "left"),
    [("READ COMMITTED", ["ab", "ba"], {"a": 2, "b": 2}), ("SERIALIZABLE", ["aa", "aa"], {"a": 2, "b": 0})],
    ids=["deadlock", "serialisation failure"],
)
def test_conflicts_are_repeated(pool: Database, isolation: str, orders: list[str], left: dict[str, int]) -> None:
    """One of the two is thrown out and repeated as a whole; both are done in the end."""
    work = crossing(pool, isolation)
    with ThreadPoolExecutor(2) as threads:
        tries = sum(threads.map(work, orders))
    assert (tries, counts(pool)) == (3, left)


def test_what_is_done_after_the_commit(pool: Database, other: Database) -> None:
    """Once, and by then everybody sees what was written; never for a transaction that comes to nothing."""
    seen: list[dict[str, int]] = []
    attempts: list[int] = []

    def work(tx: Transaction) -> None:
        attempts.append(1)
        tx.execute("UPDATE counters SET count = count + 1 WHERE name = 'a'")
        tx.after_commit(lambda: seen.append(counts(other)))
        if len(attempts) < 3:
            raise SerialisationFailure("somebody else was quicker")

    pool.run(work)
    assert (len(attempts), seen) == (3, [{"a": 1, "b": 0}])
    attempts.clear()
    with pytest.raises(SerialisationFailure), pool.transaction() as tx:
        work(tx)
    assert len(seen) == 1


def test_a_conflict_that_does_not_end(pool: Database) -> None:
    """Three tries, then the conflict is the caller's; the connection is kept, for nothing is wrong with it."""
    tries = []

    def work(tx: Transaction) -> None:
        tries.append(tx.rows("SELECT pg_backend_pid()")[0][0])
        tx.execute("DO $$ BEGIN RAISE EXCEPTION 'in the way' USING ERRCODE = 'serialization_failure'; END $$")

    with pytest.raises(SerialisationFailure, match="in the way"):
        pool.run(work)
    assert len(tries) == 3
    assert len(set(tries)) == 1


def test_a_constraint_is_named(pool: Database) -> None:
    """The caller translates by the constraint's name; it is not repeated."""
    tries = []

    def work(tx: Transaction) -> None:
        tries.append(1)
        tx.execute("INSERT INTO counters VALUES ('a', 0)")

    with pytest.raises(ConstraintViolated) as violated:
        pool.run(work)
    assert (violated.value.constraint, len(tries)) == ("counters_key", 1)


def test_a_transaction_that_stands_still(database_url: str) -> None:
    """PostgreSQL ends it and lets its locks go: whoever stopped in the middle holds nobody up for long. The work is
    done again, as after any lost connection."""
    begun: list[Transaction] = []
    database = Database(database_url, application_name="pooled", size=1, idle_timeout_seconds=0.1)

    def work(tx: Transaction) -> int:
        begun.append(tx)
        tx.execute("SELECT pg_advisory_xact_lock(1)")
        if len(begun) == 1:
            wait_until(lambda: _is_free(database_url))
        return tx.execute("SELECT 1")

    assert database.run(work) == 1
    assert len(begun) == 2
    database.close()


def test_a_statement_that_takes_too_long(database_url: str) -> None:
    """The statement time-out ends it. It would take as long again, so it is not repeated; the connection is kept."""
    hasty = Database(database_url, application_name="hasty", statement_timeout_seconds=0.1)
    backends = []

    def work(tx: Transaction) -> None:
        backends.append(tx.rows("SELECT pg_backend_pid() AS pid")[0].pid)
        tx.rows("SELECT pg_sleep(30)")

    for _ in range(2):
        with pytest.raises(StatementTimeout, match="statement timeout"):
            hasty.run(work)
    assert len(backends) == 2
    assert len(set(backends)) == 1
    hasty.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("case", ["wrong password", "no server", "no database", "not an address", "broken password"])
def test_a_database_that_cannot_be_had(database_url: str, case: str) -> None:
    """One clear sentence, of our own kind, and no password in it or in what it came from."""
    parts = urlsplit(database_url)
    port, password = parts.port or 0, parts.password or ""
    secret = {"wrong password": "topsecret", "broken password": "top%zzsecret"}.get(case, password)
    if case == "no server":
        port = free_port()
    path = "/nowhere" if case == "no database" else parts.path
    url = urlunsplit((parts.scheme, f"postgres:{secret}@127.0.0.1:{port}", path, "", ""))
    if case == "not an address":
        url = f"host=127.0.0.1 password={secret} nonsense"
    with pytest.raises(StorageError) as refused, Database(url, application_name="lost").transaction():
        pass
    said = str(refused.value)
    assert "\n" not in said
    assert said.startswith(("PostgreSQL: ", "DATABASE_URL "))
    error: BaseException | None = refused.value
    while error is not None:
        assert secret not in str(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
