"""Which rule a command is about: an argument or an option, completed by the shell from the rules that there are."""

from collections.abc import Sequence

import click

from services.automation_cli.completing import completed_by
from weathertrigger.errors import NotThere
from weathertrigger.storage import rules
from weathertrigger.storage.database import Transaction

rule_argument = click.argument("rule", shell_complete=completed_by(rules.beginning_with))
"""RULE, as the parameter `rule`."""

several_rules_argument = click.argument(
    "rule_ids", metavar="RULE...", nargs=-1, required=True, shell_complete=completed_by(rules.beginning_with)
)
"""Any number of them, as the parameter `rule_ids`."""

any_rules_argument = click.argument(
    "rule_ids", metavar="[RULE]...", nargs=-1, shell_complete=completed_by(rules.beginning_with)
)
"""Any number of them or none, as the parameter `rule_ids`."""

rule_option = click.option(
    "--rule", metavar="ID", shell_complete=completed_by(rules.beginning_with), help="Only those of this rule."
)
"""`--rule ID`, as the parameter `rule`."""


def refuse_unknown(tx: Transaction, rule_id: str | None, rows: Sequence[object]) -> None:
    """Of a rule that has left no rows: that it is not known, if it is not. A deleted one may have left some.

    Raises:
        NotThere: there is no such rule, and there are no rows.
    """
    if rule_id and not rows and rules.get(tx, rule_id) is None:
        raise NotThere(f"There is no rule {rule_id!r}; `automation-cli rules` lists them.")
