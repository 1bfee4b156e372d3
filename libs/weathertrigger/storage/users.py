"""The users: who owns rules and ad accounts."""

from weathertrigger.storage.database import Row, Transaction
from weathertrigger.storage.queries import load_queries

_SQL = "users"


def add(tx: Transaction, user_id: str) -> None:
    """A new user.

    Raises:
        ConstraintViolated: there is one of this id already.
    """
    tx.execute(load_queries(_SQL)["add"], {"id": user_id})


def listed(tx: Transaction) -> list[Row]:
    """Every user: `id`, the numbers of `rules` and `accounts`, `created_at`."""
    return tx.rows(load_queries(_SQL)["listed"])


def beginning_with(tx: Transaction, beginning: str, *, limit: int) -> list[str]:
    """The ids of users that begin so, in order."""
    rows = tx.rows(load_queries(_SQL)["beginning_with"], {"beginning": beginning, "limit": limit})
    return [row.id for row in rows]
