"""The places of the installation: the grid points whose weather rules look at."""

from weathertrigger.storage.database import Row, Transaction
from weathertrigger.storage.queries import load_queries


def listed(tx: Transaction) -> list[Row]:
    """Every place from north to south: what is known of it, `starved`, the numbers of its `rules` and of those that are
    `enabled`, `provider`, `observed_at` and `fetched_at` of its newest reading (None: there is none), `clock`."""
    return tx.rows(load_queries("places")["listed"])
