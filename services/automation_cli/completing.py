"""What a shell completes from the database: ids that begin so; none when it does not answer at once."""

import contextlib
import threading
from collections.abc import Callable
from typing import Protocol

import click

from services.automation_cli.connections import read_cli_settings
from weathertrigger.storage.database import Database, Transaction

_PATIENCE_SECONDS = 1.0
_MOST = 100

Complete = Callable[[click.Context, click.Parameter, str], list[str]]


class Find(Protocol):
    """A query of storage."""

    def __call__(self, tx: Transaction, beginning: str, *, limit: int) -> list[str]:
        """The ids that begin so."""


def completed_by(find: Find) -> Complete:
    """As click's `shell_complete` takes it. Never a word about why there is nothing."""

    def complete(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
        found: list[str] = []

        def ask() -> None:
            with contextlib.suppress(Exception):  # a person who pressed the tab key has asked for nothing else
                database = Database(
                    read_cli_settings().database_url,
                    application_name="weathertrigger completion",
                    statement_timeout_seconds=_PATIENCE_SECONDS,
                )
                with database.transaction() as tx:
                    found.extend(find(tx, incomplete, limit=_MOST))

        asking = threading.Thread(target=ask, daemon=True)  # connecting can take longer than anybody waits
        asking.start()
        asking.join(_PATIENCE_SECONDS)
        return found

    return complete
