"""`automation-cli validate FILE`: everything that is wrong with a rules file, without taking it in."""

from typing import BinaryIO

import click

from services.automation_cli.connections import Settings, installation_if_any
from services.automation_cli.output import say
from services.automation_cli.outside_world import connect_ad_gates
from services.automation_cli.refusals import WorthAWarning
from services.automation_cli.rule_advice import foretell_day_plan, read_rule_file
from weathertrigger.operations.apply_rules import foresee_rules
from weathertrigger.operations.look_at_targets import look_at_targets
from weathertrigger.outside.ads import ad_platforms
from weathertrigger.rule_files.load import RuleFile
from weathertrigger.storage.database import Database


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option("--strict", is_flag=True, help="Warnings count as faults: exit code 2.")
@click.option("--offline", is_flag=True, help="Do not ask the ad platforms about the targets.")
def validate(file: BinaryIO, *, strict: bool, offline: bool) -> None:
    """Say what is wrong with the rules of FILE ("-": standard input), and what they need. Changes nothing.

    Faults end it with exit code 2. Warnings tell of what is taken and may be meant otherwise: thresholds that no
    weather reaches, cases that never win, gaps between bands, rules that are at odds over a field, windows of which the
    forecast tells too little, targets that are paused. With an installation at hand its other rules are counted too,
    and the ad platforms are asked; without one FILE is looked at alone.
    """
    settings, database = installation_if_any()
    rule_file = read_rule_file(
        file.read(), name=file.name, minimum_interval=settings.minimum_interval, settings=settings
    )
    warnings = len(rule_file.warnings)
    if isinstance(settings, Settings) and database and not offline:
        warnings += _tell_of_targets(rule_file, database, settings)
    say(f"{len(rule_file.rules)} rule(s) of {rule_file.owner} are well.")
    plan = foretell_day_plan(rule_file.rules, database, settings)
    warnings += bool(plan and plan.starved)
    if strict and warnings:
        raise WorthAWarning(f"{warnings} warning(s), and --strict takes them for faults.")


def _tell_of_targets(file: RuleFile, database: Database, settings: Settings) -> int:
    """Says what is worth knowing of the targets as they are now; gives the number of warnings.

    Raises:
        InvalidRules: with every target that is not there or cannot be.
    """
    platforms, admissions = ad_platforms(settings), connect_ad_gates(settings, database)
    foresee_rules(database, file, platforms, admissions=admissions)
    look = look_at_targets(database, file, platforms, admissions)
    for warning in look.warnings:
        say(f"Warning: {warning}")
    if look.to_enable:
        say(f"Paused now, and enabled by these rules: {', '.join(map(str, look.to_enable))}.")
    return len(look.warnings)
