"""The calls that were made to outside services, by the hour. `storage/changes.py` counts them (`count`)."""

from collections.abc import Mapping
from datetime import timedelta

from weathertrigger.storage.database import Row, Transaction
from weathertrigger.storage.queries import load_queries


def used(tx: Transaction, windows: Mapping[str, timedelta]) -> list[Row]:
    """By service and account ('': of none): `used` in the service's window, `oldest_out_at`, `waiting`."""
    parameters = {"services": list(windows), "windows": list(windows.values())}
    return tx.rows(load_queries("api_calls")["used"], parameters)
