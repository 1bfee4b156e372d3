"""What `doctor` asks PostgreSQL."""

from weathertrigger.storage.database import Transaction
from weathertrigger.storage.queries import load_queries

_SQL = "diagnosis"


def server(tx: Transaction) -> tuple[str, int]:
    """The server's version as people and as programs read it: `("18.1", 180001)`."""
    row = tx.row(load_queries(_SQL)["server"])
    assert row is not None  # noqa: S101 - a SELECT without FROM has one row
    return row.version, row.number


def any_rule_enabled(tx: Transaction) -> bool:
    """Whether there is anything to check."""
    row = tx.row(load_queries(_SQL)["rules_enabled"])
    return row is not None and bool(row.any)
