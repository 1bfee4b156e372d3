"""`automation-cli apply FILE`: takes a rules file in, all of it or nothing."""

from typing import BinaryIO

import click

from services.automation_cli.asking import ask, yes_option
from services.automation_cli.by_whom import who
from services.automation_cli.connections import connect_database, connect_schedule, read_cli_settings, ringing
from services.automation_cli.difference_view import comparison_document, show_comparison
from services.automation_cli.output import output_option, say, show_document
from services.automation_cli.outside_world import connect_ad_gates
from services.automation_cli.paused_targets import tell_paused_targets
from services.automation_cli.rule_advice import foretell_day_plan, read_rule_file, tell_day_plan
from weathertrigger.doorbells import ring_accounts
from weathertrigger.errors import ServiceError
from weathertrigger.operations.apply_rules import apply_rules, foresee_rules
from weathertrigger.operations.compare_rules import Comparison
from weathertrigger.outside.ads import ad_platforms
from weathertrigger.rule_files.load import RuleFile
from weathertrigger.storage import rules
from weathertrigger.storage.database import Database
from weathertrigger.workers.name import worker_name

_MOST_NAMED = 20


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Only show what would become of which rule; change nothing.")
@click.option("--prune", is_flag=True, help="Delete the owner's rules that are not in FILE; asks first.")
@yes_option
@output_option
def apply(file: BinaryIO, *, dry_run: bool, prune: bool, yes: bool, output: str) -> None:
    """Bring the rules to what FILE says ("-": standard input).

    Either the whole file is taken, or, with every fault named, nothing of it. Applying a file again changes nothing.
    With --dry-run the exit code is 0 too where something would change; a file that would be refused is refused (2).
    What a rule that is pruned has set ends as its `otherwise` says.
    """
    settings = read_cli_settings()
    rule_file = read_rule_file(
        file.read(), name=file.name, minimum_interval=settings.minimum_interval, settings=settings
    )
    database = connect_database(settings)
    platforms = ad_platforms(settings)
    admissions = connect_ad_gates(settings, database)
    missing = _missing(database, rule_file) if prune else []
    if dry_run:
        foreseen = foresee_rules(database, rule_file, platforms, admissions=admissions, prune=missing)
        _show(foreseen, output, dry_run=True)
        foretell_day_plan(rule_file.rules, database, settings)
        return
    if missing:
        ask(f"Not in {file.name}: {_names(missing)}. Delete {'them' if len(missing) > 1 else 'it'}?", yes=yes)
    try:
        applied = apply_rules(
            database,
            rule_file,
            platforms,
            worker_id=worker_name("automation-cli", None),
            who=who(),
            admissions=admissions,
            prune=missing,
        )
    except ServiceError as error:
        say(f"Nothing was changed: {error.account or error.service} could not be asked about its targets.")
        raise
    _show(applied, output, dry_run=False)
    with ringing():
        bells, broker = connect_schedule(settings)
        bells.set(applied.next_checks)
        ring_accounts(broker, applied.to_ring)
    tell_day_plan(database, settings)
    tell_paused_targets(database, [*applied.added, *applied.changed], platforms, admissions)


def _missing(database: Database, file: RuleFile) -> list[str]:
    """The rules of the file's owner that are not in it."""
    named = {rule.id for rule in file.rules}
    with database.transaction() as tx:
        return [rule.id for rule in rules.of_owner(tx, file.owner) if rule.id not in named]


def _names(rule_ids: list[str]) -> str:
    more = len(rule_ids) - _MOST_NAMED
    return ", ".join(rule_ids[:_MOST_NAMED]) + (f" and {more} more (--dry-run names them)" if more > 0 else "")


def _show(done: Comparison, output: str, *, dry_run: bool) -> None:
    if output == "json":
        show_document({"dry_run": dry_run, **comparison_document(done)})
    else:
        show_comparison(done)
    if dry_run:
        say("Nothing was changed: this was a dry run.")
