"""Real servers for every test that asks for one: started once per run, a database of its own for each asker."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
import redis
from hypothesis import settings

from weathertrigger.embedded import EmbeddedPostgreSQL, EmbeddedRedis
from weathertrigger.storage.database import Database
from weathertrigger.storage.migrate import migrate

# An example may take as long as a busy machine makes it. The rest is that of the profile that Hypothesis has chosen: in
# CI its examples are always the same ones.
settings.register_profile("patient", settings(deadline=None))
settings.load_profile("patient")

_database_number = count(1)


def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are cores, because many tests wait; each has servers of its own, so not too many."""
    return min((os.cpu_count() or 1) + 1, 6)


def pytest_xdist_setupnodes() -> None:
    """The processes of one run have one order of sets, so that they find the same tests; every run has another."""
    os.environ.setdefault("PYTHONHASHSEED", str(secrets.randbelow(2**32)))


@pytest.fixture(scope="session")
def embedded_directory() -> Iterator[Path]:
    """Where the servers of this run keep their data; gone with the run."""
    directory = Path(tempfile.mkdtemp(prefix="weathertrigger-tests-"))
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server(embedded_directory: Path) -> Iterator[EmbeddedPostgreSQL]:
    """One PostgreSQL for the whole run, without fsync: crash tests start one of their own."""
    with EmbeddedPostgreSQL(embedded_directory, durable=False) as server:
        yield server


@pytest.fixture(scope="module")
def postgres_url(postgres_server: EmbeddedPostgreSQL) -> Iterator[str]:
    """An empty database that the tests of one module share."""
    with _fresh_database(postgres_server.url) as url:
        yield url


@pytest.fixture
def database_url(postgres_server: EmbeddedPostgreSQL) -> Iterator[str]:
    """An empty database for one test."""
    with _fresh_database(postgres_server.url) as url:
        yield url


@pytest.fixture(scope="session")
def migrated_template(postgres_server: EmbeddedPostgreSQL) -> str:
    """The name of a database that was migrated once, to be copied by every test that wants one like it."""
    name = "migrated_template"
    _execute(postgres_server.url, f"CREATE DATABASE {name}")
    database = Database(_on_server(postgres_server.url, name), application_name="weathertrigger tests", size=1)
    migrate(database)
    database.close()  # PostgreSQL copies only what nobody is connected to
    return name


@pytest.fixture
def migrated_url(postgres_server: EmbeddedPostgreSQL, migrated_template: str) -> Iterator[str]:
    """A migrated database for one test."""
    with _fresh_database(postgres_server.url, template=migrated_template) as url:
        yield url


@pytest.fixture(scope="session")
def redis_url(embedded_directory: Path) -> Iterator[str]:
    """One Redis for the whole run."""
    with EmbeddedRedis(embedded_directory) as server:
        yield server.url


@pytest.fixture
def redis_client(redis_url: str) -> Iterator[redis.Redis]:
    """A client of an empty Redis; answers are bytes."""
    with closing(redis.Redis.from_url(redis_url)) as client:
        client.flushall()
        yield client


@contextmanager
def _fresh_database(server_url: str, template: str = "template1") -> Iterator[str]:
    name = f"test_{next(_database_number)}"
    _execute(server_url, f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield _on_server(server_url, name)
    finally:
        _execute(server_url, f"DROP DATABASE {name} WITH (FORCE)")


def _on_server(server_url: str, database: str) -> str:
    return urlunsplit(urlsplit(server_url)._replace(path=f"/{database}"))


def _execute(url: str, statement: str) -> None:
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        connection.cursor().execute(statement)
