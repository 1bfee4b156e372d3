"""Migrations: in order, once, all or nothing, and only by software that knows them all."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from weathertrigger.errors import StorageError
from weathertrigger.storage.database import Database
from weathertrigger.storage.migrate import Migration, migrate, migrations_in

FIRST = Migration("0001_first", "CREATE TABLE first (percent text DEFAULT '100 %s')")
SECOND = Migration("0002_second", "CREATE TABLE second (); INSERT INTO first DEFAULT VALUES")


@pytest.fixture
def empty(database_url: str) -> Iterator[Database]:
    opened = Database(database_url, application_name="migrating")
    yield opened
    opened.close()


def tables(database: Database) -> set[str]:
    with database.transaction() as tx:
        return {row.tablename for row in tx.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}


def test_the_migrations_of_this_version(empty: Database) -> None:
    """A fresh database gets all of them in order; the second time there is nothing to do."""
    assert migrate(empty) == [migration.name for migration in migrations_in()]
    assert {"automation_rules", "automation_executions", "ad_fields", "ad_changes", "installation"} <= tables(empty)
    assert migrate(empty) == []


def test_later_migrations_are_added(empty: Database) -> None:
    """Only what is new is applied."""
    assert migrate(empty, [FIRST]) == ["0001_first"]
    assert migrate(empty, [FIRST, SECOND]) == ["0002_second"]
    with empty.transaction() as tx:
        assert tx.rows("SELECT percent FROM first")[0].percent == "100 %s"


def test_several_at_once(database_url: str) -> None:
    """Containers that start together: each migration is applied by one of them, none fails."""

    def migrate_alone(_: int) -> list[str]:
        database = Database(database_url, application_name="migrating")
        try:
            return migrate(database)
        finally:
            database.close()

    with ThreadPoolExecutor(4) as threads:
        applied = [name for names in threads.map(migrate_alone, range(4)) for name in names]
    assert sorted(applied) == [migration.name for migration in migrations_in()]


def test_a_file_that_was_changed_afterwards_is_refused(empty: Database) -> None:
    """Named, with what to do; what is new is not applied either."""
    migrate(empty, [FIRST])
    changed = Migration(FIRST.name, "CREATE TABLE another ()")
    with pytest.raises(StorageError, match="0001_first was changed after it had been applied"):
        migrate(empty, [changed, SECOND])
    assert tables(empty) == {"schema_migrations", "first"}


def test_a_database_of_a_newer_version_is_refused(empty: Database) -> None:
    """Nothing is changed, and the sentence says to update the software."""
    migrate(empty, [FIRST, SECOND])
    with pytest.raises(StorageError, match=r"newer version of WeatherTrigger .*0002_second.*update the software"):
        migrate(empty, [FIRST])


def test_a_migration_that_fails_leaves_nothing(empty: Database) -> None:
    """The one before it stays; of the failed one neither its tables nor its record; mended, it is applied."""
    broken = Migration(SECOND.name, "CREATE TABLE second (); SELECT 1 / 0")
    with pytest.raises(StorageError, match="division by zero"):
        migrate(empty, [FIRST, broken])
    assert tables(empty) == {"schema_migrations", "first"}
    assert migrate(empty, [FIRST, SECOND]) == ["0002_second"]


def test_a_migration_takes_as_long_as_it_takes(database_url: str) -> None:
    """It may rewrite millions of rows. The limit of the statements of every day holds again afterwards."""
    database = Database(database_url, application_name="migrating", size=1, statement_timeout_seconds=0.2)
    seen = "CREATE TABLE seen AS SELECT current_setting('statement_timeout') AS it FROM pg_sleep(0.5)"
    assert migrate(database, [Migration("0001_slow", seen)]) == ["0001_slow"]
    with database.transaction() as tx:
        assert tx.rows("SELECT it FROM seen")[0].it == "0"
        assert tx.rows("SHOW statement_timeout")[0].statement_timeout == "200ms"
    database.close()


def test_a_checkout_without_migrations(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A wrong directory is not a database that is up to date."""
    with pytest.raises(StorageError, match="There are no migrations in"):
        migrations_in(tmp_path_factory.mktemp("empty"))
