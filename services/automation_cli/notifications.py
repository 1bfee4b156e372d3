"""`automation-cli notifications`: what people were told, when and about what."""

from datetime import datetime

import click

from services.automation_cli.completing import completed_by
from services.automation_cli.connections import database_here
from services.automation_cli.output import Row, output_option, show
from services.automation_cli.since import since_option
from services.automation_cli.watching import watch_option
from services.automation_cli.whole_number import WholeNumber
from weathertrigger.storage import notifications as storage

_COLUMNS = ("id", "at", "kind", "message")


@click.command()
@click.option(
    "--kind",
    metavar="KIND",
    shell_complete=completed_by(storage.kinds_beginning_with),
    help="Only those of this kind, such as field_held; the beginning is enough.",
)
@click.option(
    "--about",
    metavar="TEXT",
    help="Only those about this account, rule, field or service; a part of its name is enough.",
)
@since_option
@click.option("--limit", default=20, show_default=True, type=WholeNumber(1, 10_000), help="The newest so many.")
@watch_option
@output_option
def notifications(*, kind: str | None, about: str | None, since: datetime | None, limit: int, output: str) -> None:
    """List what people were told, the newest first: what the engine did not do by itself, each thing once.

    What is still so is shown by `doctor`, `pauses` and `fields list --state held`.
    """
    with database_here().transaction() as tx:
        found = storage.listed(tx, kind=kind, about=about, since=since, limit=limit)
    rows: list[Row] = [row._asdict() for row in found]
    asked = kind or about or since
    nothing = "Nobody was told anything of the kind." if asked else "There was nothing to tell anybody yet."
    show(rows, output=output, columns=_COLUMNS, empty=nothing)
