"""`automation-cli migrate`: brings the database up to date."""

import click

from services.automation_cli.connections import connect_database, read_cli_settings
from services.automation_cli.output import say
from weathertrigger.storage import migrate as storage


@click.command()
def migrate() -> None:
    """Bring the database up to date."""
    applied = storage.migrate(connect_database(read_cli_settings()))
    for name in applied:
        click.echo(name)
    say(f"{len(applied)} migration(s) applied." if applied else "The database is up to date.")
