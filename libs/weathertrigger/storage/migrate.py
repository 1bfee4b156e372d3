"""Applies `migrations/*.sql` in order, each in its own transaction without a time limit, under an advisory lock.

Every applied file is recorded with its checksum. A file that was changed after it had been applied is refused, and so
is a database that knows migrations which this version of the software does not have.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from weathertrigger.errors import StorageError
from weathertrigger.storage.database import Database, Transaction

MIGRATIONS = Path(__file__).resolve().parents[3] / "migrations"

_LOCK = 7_203_114_581  # any fixed number that nothing else locks

_CREATE = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    name text PRIMARY KEY,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
)
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: its name and what it says."""

    name: str
    statements: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the file's text."""
        return hashlib.sha256(self.statements.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Standing:
    """The migrations by name: still to be applied, changed after they had been, and not of this version."""

    pending: tuple[str, ...]
    changed: tuple[str, ...]
    strangers: tuple[str, ...]


def migrations_in(directory: Path = MIGRATIONS) -> list[Migration]:
    """Every migration of this version of the software, in order."""
    found = [Migration(path.stem, path.read_text(encoding="utf-8")) for path in sorted(directory.glob("*.sql"))]
    if not found:
        raise StorageError(f"There are no migrations in {directory}; run from a complete checkout.")
    return found


def migrate(database: Database, migrations: list[Migration] | None = None) -> list[str]:
    """Brings the database up to date and gives the names of what was applied now.

    Raises:
        StorageError: the database is newer than this software, or an applied migration was changed.
    """
    known = migrations_in() if migrations is None else migrations
    applied: list[str] = []
    while name := database.run(lambda tx: _apply_next(tx, known)):
        applied.append(name)
    return applied


def standing(tx: Transaction) -> Standing:
    """Where the database stands; changes nothing."""
    made = tx.row("SELECT to_regclass('schema_migrations') IS NOT NULL AS it")
    applied = _applied(tx) if made and made.it else {}
    known = {migration.name: migration.checksum for migration in migrations_in()}
    return Standing(
        pending=tuple(name for name in known if name not in applied),
        changed=tuple(name for name in known if applied.get(name, known[name]) != known[name]),
        strangers=tuple(sorted(set(applied) - set(known))),
    )


def _applied(tx: Transaction) -> dict[str, str]:
    return {row.name: row.checksum for row in tx.rows("SELECT name, checksum FROM schema_migrations")}


def _apply_next(tx: Transaction, known: list[Migration]) -> str | None:
    # To rewrite millions of rows takes as long as it takes, and so may the turn of somebody else.
    tx.execute("SET LOCAL statement_timeout = 0")
    tx.execute("SELECT pg_advisory_xact_lock(%(lock)s)", {"lock": _LOCK})
    tx.execute(_CREATE)
    applied = _applied(tx)
    _refuse_strangers(applied, known)
    for migration in known:
        if migration.name not in applied:
            tx.execute(migration.statements)
            tx.execute(
                "INSERT INTO schema_migrations (name, checksum) VALUES (%(name)s, %(checksum)s)",
                {"name": migration.name, "checksum": migration.checksum},
            )
            return migration.name
    return None


def _refuse_strangers(applied: dict[str, str], known: list[Migration]) -> None:
    checksums = {migration.name: migration.checksum for migration in known}
    if strangers := sorted(set(applied) - set(checksums)):
        raise StorageError(
            f"This database was made by a newer version of WeatherTrigger (it has the migration {strangers[-1]}); "
            "update the software, nothing was changed."
        )
    for name, checksum in applied.items():
        if checksums[name] != checksum:
            raise StorageError(
                f"The migration {name} was changed after it had been applied to this database; "
                "restore the file and put the change into a new migration."
            )
