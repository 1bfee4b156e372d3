"""The plan of the day's calls in PostgreSQL: what it is made from, and which places go without."""

from collections.abc import Collection

from weathertrigger.storage.database import Row, Transaction
from weathertrigger.storage.queries import load_queries

_SQL = "day_plan"


def needs(tx: Transaction, *, besides: Collection[str] = ()) -> list[Row]:
    """What all rules but these need, by place: `place_id, checks, forecast_checks` (a day), `is_live, priority`."""
    return tx.rows(load_queries(_SQL)["needs"], {"besides": list(besides)})


def mark(tx: Transaction, starved: Collection[str]) -> list[str]:
    """Keeps which places go without; gives those that did not so far."""
    return [row.id for row in tx.rows(load_queries(_SQL)["mark"], {"starved": list(starved)})]
