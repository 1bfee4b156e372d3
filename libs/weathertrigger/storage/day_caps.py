"""What caps the raises of an ad account's day, and what was raised."""

from decimal import Decimal

from weathertrigger.storage.database import Row, Transaction
from weathertrigger.storage.queries import load_queries

_SQL = "day_caps"


def cap_of(tx: Transaction, account_id: str) -> Decimal | None:
    """By how much the account's budgets may be raised on a day, in major units; None: by anything."""
    row = tx.row(load_queries(_SQL)["cap_of"], {"account_id": account_id})
    return row.largest_raise_a_day if row else None


def set_cap(tx: Transaction, account_id: str, cap: Decimal | None) -> bool:
    """Sets it; False: there is no such account."""
    return tx.execute(load_queries(_SQL)["set_cap"], {"account_id": account_id, "cap": cap}) == 1


def values_of_today(tx: Transaction, account_id: str) -> list[Row]:
    """`field_id`, `value` and `baseline` of every budget of the account: what is in force, and what was sent today."""
    return tx.rows(load_queries(_SQL)["values_of_today"], {"account_id": account_id})
