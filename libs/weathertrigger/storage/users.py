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
