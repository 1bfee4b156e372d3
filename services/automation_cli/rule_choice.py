"""Which rule a command is about: an argument or an option, completed by the shell from the rules that there are."""

import click

from services.automation_cli.completing import completed_by
from weathertrigger.storage import rules

rule_argument = click.argument("rule", shell_complete=completed_by(rules.beginning_with))
"""RULE, as the parameter `rule`."""

rule_option = click.option(
    "--rule", metavar="ID", shell_complete=completed_by(rules.beginning_with), help="Only those of this rule."
)
"""`--rule ID`, as the parameter `rule`."""
