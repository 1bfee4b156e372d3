"""`automation-cli run-now RULE`: asks for a check at once; the rule's schedule is left alone (semantics 13)."""

import click

from services.automation_cli.by_whom import record
from services.automation_cli.connections import connect_database, connect_schedule, read_cli_settings, ringing
from services.automation_cli.output import say
from services.automation_cli.refusals import RuleDisabled
from services.automation_cli.rule_choice import rule_argument
from weathertrigger.errors import NotThere
from weathertrigger.storage import checks, rules


@click.command("run-now")
@rule_argument
def run_now(rule: str) -> None:
    """Check RULE now, beside its schedule."""
    settings = read_cli_settings()
    with connect_database(settings).transaction() as tx:
        request = checks.request_run(tx, rule)
        if request is None and rules.get(tx, rule) is not None:
            raise RuleDisabled(f"Rule {rule!r} is disabled and is not checked; apply it with `enabled: true` first.")
        if request is not None:
            record(tx, "run-now", f"rule {rule}", None, {"check": "at once"})
    if request is None:
        raise NotThere(f"There is no rule {rule!r}; `automation-cli rules` lists them.")
    say(f"Asked for a check of {rule}; `automation-cli executions --rule {rule}` shows what came of it.")
    if request.is_new:
        with ringing():
            bells, _ = connect_schedule(settings)
            bells.set({rule: request.next_check_at})
