"""`automation-cli apply FILE`: takes a rules file in, all of it or nothing."""

from typing import BinaryIO

import click

from services.automation_cli.by_whom import who
from services.automation_cli.connections import connect_database, connect_schedule, read_cli_settings, ringing
from services.automation_cli.output import say
from services.automation_cli.outside_world import connect_ad_gates
from services.automation_cli.rule_advice import read_rule_file, tell_day_plan
from weathertrigger.apply_rules import apply_rules
from weathertrigger.doorbells import ring_accounts
from weathertrigger.outside.ads import ad_platforms
from weathertrigger.workers.name import worker_name


@click.command()
@click.argument("file", type=click.File("rb"))
def apply(file: BinaryIO) -> None:
    """Bring the rules to what FILE says ("-": standard input).

    Either the whole file is taken, or, with every fault named, nothing of it. Applying a file again changes nothing.
    """
    settings = read_cli_settings()
    rule_file = read_rule_file(
        file.read(), name=file.name, minimum_interval=settings.minimum_interval, settings=settings
    )
    database = connect_database(settings)
    platforms = ad_platforms(settings)
    applied = apply_rules(
        database,
        rule_file,
        platforms,
        worker_id=worker_name("automation-cli", None),
        who=who(),
        admissions=connect_ad_gates(settings, database),
    )
    for word, rule_ids in (("added", applied.added), ("changed", applied.changed)):
        for rule_id in rule_ids:
            click.echo(f"{word} {rule_id}")
    say(f"{len(applied.added)} added, {len(applied.changed)} changed, {len(applied.unchanged)} unchanged.")
    with ringing():
        bells, broker = connect_schedule(settings)
        bells.set(applied.next_checks)
        ring_accounts(broker, applied.to_ring)
    tell_day_plan(database, settings)
