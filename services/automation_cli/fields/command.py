"""`automation-cli fields`."""

import click

from services.automation_cli.command_group import CommandGroup
from services.automation_cli.fields.listing import list_fields
from services.automation_cli.fields.rebaseline import rebaseline
from services.automation_cli.fields.release import release
from services.automation_cli.fields.showing import show_field


@click.group(cls=CommandGroup)
def fields() -> None:
    """Fields of ads, one for each thing that rules set: list, show, release, rebaseline."""


for _command in (list_fields, show_field, release, rebaseline):
    fields.add_command(_command)
