"""`automation-cli validate FILE`: everything that is wrong with a rules file, without taking it in."""

import os
from dataclasses import dataclass
from datetime import timedelta
from typing import BinaryIO

import click

from services.automation_cli.connections import Settings, connect_database, read_cli_settings
from services.automation_cli.output import say
from services.automation_cli.rule_advice import foretell_day_plan, read_rule_file
from weathertrigger.environment import read_settings
from weathertrigger.errors import UsageError
from weathertrigger.outside.settings import WeatherSettings
from weathertrigger.settings import MINIMUM_INTERVAL
from weathertrigger.storage.database import Database


@dataclass(frozen=True, kw_only=True)
class _Alone(WeatherSettings):
    """What is needed where there is no installation."""

    minimum_interval: timedelta = MINIMUM_INTERVAL.field()


@click.command()
@click.argument("file", type=click.File("rb"))
def validate(file: BinaryIO) -> None:
    """Say what is wrong with the rules of FILE ("-": standard input), and what they need. Changes nothing.

    With an installation at hand its other rules are counted too; without one FILE is looked at alone.
    """
    settings, database = _installation()
    rule_file = read_rule_file(
        file.read(), name=file.name, minimum_interval=settings.minimum_interval, settings=settings
    )
    say(f"{len(rule_file.rules)} rule(s) of {rule_file.owner} are well.")
    foretell_day_plan(rule_file.rules, database, settings)


def _installation() -> tuple[Settings | _Alone, Database | None]:
    """The installation that is meant here, if there is one."""
    try:
        settings = read_cli_settings()
    except UsageError:
        return read_settings(_Alone, os.environ), None
    return settings, connect_database(settings)
