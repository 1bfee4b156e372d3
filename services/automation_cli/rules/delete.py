"""`automation-cli rules delete`: rules go, and what they set is put back (semantics 18)."""

import click

from services.automation_cli import by_whom
from services.automation_cli.asking import ask, yes_option
from services.automation_cli.connections import connect_database, connect_schedule, read_cli_settings, ringing
from services.automation_cli.output import say
from services.automation_cli.rule_advice import tell_day_plan
from services.automation_cli.rule_choice import several_rules_argument
from weathertrigger.doorbells import ring_accounts
from weathertrigger.errors import NotThere
from weathertrigger.operations import delete_rules
from weathertrigger.operations.delete_rules import Deleted
from weathertrigger.rules.rule_documents import rule_document
from weathertrigger.storage import rules
from weathertrigger.storage.database import Transaction
from weathertrigger.workers.name import worker_name


@click.command()
@several_rules_argument
@click.option("--leave", is_flag=True, help="Leave what they set as it is, instead of what `otherwise` says.")
@yes_option
def delete(rule_ids: tuple[str, ...], *, leave: bool, yes: bool) -> None:
    """Delete each RULE; either all of them or none.

    What a rule has set ends as its `otherwise` says, unless another rule wins; until that is done, the rule is only not
    shown any more. Its executions and changes stay. A check that was due is recorded as superseded.
    """
    settings = read_cli_settings()
    database = connect_database(settings)
    if not yes:
        with database.transaction() as tx:
            names = [_named(tx, rule_id) for rule_id in rule_ids]
        left = "What they set stays as it is. Where no other live rule is left, later rules count from it."
        ending = left if leave else "What they set ends as their `otherwise` says."
        ask(f"{ending} Delete {', '.join(names)}?", yes=yes)

    def in_one_transaction(tx: Transaction) -> Deleted:
        worker_id = worker_name("automation-cli", None)
        done = delete_rules.delete(tx, rule_ids, leave=leave, worker_id=worker_id, who=by_whom.who())
        for rule_id, kept in done.rules.items():
            by_whom.record(tx, "rules delete", f"rule {rule_id}", rule_document(kept.rule), None)
        return done

    done = database.run(in_one_transaction)
    for rule_id in done.rules:
        click.echo(f"deleted {rule_id}")
    if done.retiring:
        say(f"Still to be put back: what {', '.join(done.retiring)} set; `automation-cli changes` shows it.")
    with ringing():
        bells, broker = connect_schedule(settings)
        bells.set(done.next_checks)
        ring_accounts(broker, done.to_ring)
    tell_day_plan(database, settings)


def _named(tx: Transaction, rule_id: str) -> str:
    found = rules.get(tx, rule_id)
    if found is None:
        raise NotThere(f"There is no rule {rule_id!r}; `automation-cli rules` lists them. Nothing was deleted.")
    return f"{rule_id} ({found.state})"
