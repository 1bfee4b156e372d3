"""`automation-cli validate FILE`: everything that is wrong with a rules file, without taking it in."""

from typing import BinaryIO

import click

from services.automation_cli.connections import installation_if_any
from services.automation_cli.output import say
from services.automation_cli.rule_advice import foretell_day_plan, read_rule_file


@click.command()
@click.argument("file", type=click.File("rb"))
def validate(file: BinaryIO) -> None:
    """Say what is wrong with the rules of FILE ("-": standard input), and what they need. Changes nothing.

    With an installation at hand its other rules are counted too; without one FILE is looked at alone.
    """
    settings, database = installation_if_any()
    rule_file = read_rule_file(
        file.read(), name=file.name, minimum_interval=settings.minimum_interval, settings=settings
    )
    say(f"{len(rule_file.rules)} rule(s) of {rule_file.owner} are well.")
    foretell_day_plan(rule_file.rules, database, settings)
