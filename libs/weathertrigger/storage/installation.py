"""What kind of installation a database belongs to: real and sandbox services are never mixed in one (semantics 27)."""

from dataclasses import dataclass
from enum import StrEnum

from weathertrigger.domain.rule import Mode
from weathertrigger.storage.database import Transaction
from weathertrigger.storage.queries import load_queries

_SQL = "installation"


class OutsideWorld(StrEnum):
    """Where the weather comes from and the ads are."""

    SANDBOX = "sandbox"
    REAL = "real"


@dataclass(frozen=True, slots=True)
class Installation:
    """The one row: its outside world, and the mode that no account and no rule can loosen."""

    outside_world: OutsideWorld
    mode: Mode


def found(tx: Transaction, installation: Installation) -> Installation:
    """Makes a new database one of this kind; gives what it is, which for an old one may be something else."""
    tx.execute(load_queries(_SQL)["found"], {"outside_world": installation.outside_world, "mode": installation.mode})
    there = get(tx)
    assert there is not None  # noqa: S101 - it was written above, or before
    return there


def get(tx: Transaction) -> Installation | None:
    """What the database is; None before it has been said."""
    row = tx.row(load_queries(_SQL)["get"])
    return Installation(OutsideWorld(row.outside_world), Mode(row.mode)) if row else None
