"""Which rule a command is about: an argument or an option, completed by the shell from the rules that there are."""

import contextlib
import threading

import click

from services.automation_cli.connections import read_cli_settings
from weathertrigger.storage import rules
from weathertrigger.storage.database import Database

_PATIENCE_SECONDS = 1.0
_MOST = 100


def _complete(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """The ids of rules that begin so; none when the database does not answer at once. Never a word about why."""
    found: list[str] = []

    def ask() -> None:
        with contextlib.suppress(Exception):  # a person who pressed the tab key has asked for nothing else
            database = Database(
                read_cli_settings().database_url,
                application_name="weathertrigger completion",
                statement_timeout_seconds=_PATIENCE_SECONDS,
            )
            with database.transaction() as tx:
                found.extend(rules.beginning_with(tx, incomplete, limit=_MOST))

    asking = threading.Thread(target=ask, daemon=True)  # connecting can take longer than anybody waits
    asking.start()
    asking.join(_PATIENCE_SECONDS)
    return found


rule_argument = click.argument("rule", shell_complete=_complete)
"""RULE, as the parameter `rule`."""

rule_option = click.option("--rule", metavar="ID", shell_complete=_complete, help="Only those of this rule.")
"""`--rule ID`, as the parameter `rule`."""
