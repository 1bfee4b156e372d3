"""The calls that were made to outside services, by the hour. `storage/changes.py` counts them (`count`)."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from weathertrigger.storage.database import Row, Transaction
from weathertrigger.storage.queries import load_queries


def used(tx: Transaction, windows: Mapping[str, Sequence[timedelta]]) -> list[Row]:
    """By service, account ('': of none) and window: `used` in the window, `oldest_out_at`; `waiting` of the account."""
    pairs = [(service, window) for service, several in windows.items() for window in several]
    parameters = {"services": [service for service, _ in pairs], "windows": [window for _, window in pairs]}
    return tx.rows(load_queries("api_calls")["used"], parameters)


def by_age(tx: Transaction, service: str, account_id: str | None, window: timedelta) -> list[Row]:
    """The calls of each hour that reaches into the window, of all accounts if none is named; the youngest hour first:
    `age`, how long ago the hour ended (not at all: 0), and `calls`."""
    parameters = {"service": service, "account_id": account_id, "window": window}
    return tx.rows(load_queries("api_calls")["by_age"], parameters)
