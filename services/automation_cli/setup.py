"""`automation-cli setup`: prepares a database for services that are started otherwise, such as containers."""

from pathlib import Path

import click

from services.automation_cli.connections import connect_database, read_cli_settings
from services.automation_cli.installation import add_demo_accounts, settle_kind, take_rules_in
from services.automation_cli.output import say
from services.automation_cli.rule_advice import read_rule_file, tell_day_plan
from weathertrigger.broker import connect_redis
from weathertrigger.outside.ads import ad_platforms
from weathertrigger.storage.migrate import migrate


@click.command()
@click.option("--sandbox", is_flag=True, help="The outside world is the sandbox, and changes are live.")
@click.option("--rules", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Rules to apply.")
def setup(*, sandbox: bool, rules: Path | None) -> None:
    """Bring the database up to date and say what the installation is: the sandbox's, or real and in dry run.

    May be run again; what is there stays.
    """
    settings = read_cli_settings()
    database = connect_database(settings)
    migrate(database)
    there = settle_kind(database, [] if sandbox else ["no --sandbox"])
    if sandbox:
        add_demo_accounts(database)
    if rules:
        file = read_rule_file(
            rules.read_bytes(), name=str(rules), minimum_interval=settings.minimum_interval, settings=settings
        )
        with connect_redis(settings.redis_url) as redis:
            take_rules_in(database, redis, settings.redis_namespace, file, ad_platforms(settings))
    tell_day_plan(database, settings)
    say(f"Ready: the outside world is {there.outside_world}, the mode is {there.mode}.")
