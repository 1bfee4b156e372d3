"""`automation-cli migrate`: brings the database up to date."""

import click

from services.automation_cli.connections import database_here
from services.automation_cli.output import say
from weathertrigger.storage import migrate as storage


@click.command()
def migrate() -> None:
    """Bring the database up to date."""
    applied = storage.migrate(database_here())
    for name in applied:
        click.echo(name)
    say(f"{len(applied)} migration(s) applied." if applied else "The database is up to date.")
