"""`automation-cli export [RULE...]`: the rules as a file that `apply` takes."""

import click

from services.automation_cli.completing import completed_by
from services.automation_cli.connections import database_here
from services.automation_cli.output import show_document
from services.automation_cli.rule_choice import any_rules_argument
from weathertrigger.domain.rule import Rule
from weathertrigger.errors import NotThere, UsageError
from weathertrigger.rule_files.write import file_document, file_text
from weathertrigger.storage import rules, users


@click.command()
@any_rules_argument
@click.option(
    "--owner",
    metavar="USER",
    shell_complete=completed_by(users.beginning_with),
    help="Whose rules; one file has one owner.",
)
@click.option(
    "--output",
    type=click.Choice(["yaml", "json"]),
    default="yaml",
    show_default=True,
    help="The language of the file.",
)
def export(rule_ids: tuple[str, ...], owner: str | None, output: str) -> None:
    """Print the rules, or those that are named, as a file that `apply` takes; applying it changes nothing.

    --owner is needed only where there are rules of several owners. Comments and templates of the file that the rules
    came from are not kept; a template comes back as the rules that it made.
    """
    with database_here().transaction() as tx:
        known = rules.whole(tx)
    chosen = _chosen(known, rule_ids, owner)
    if output == "json":
        show_document(file_document(chosen[0].owner, chosen))
    else:
        click.echo(file_text(chosen[0].owner, chosen), nl=False)


def _chosen(known: list[Rule], rule_ids: tuple[str, ...], owner: str | None) -> list[Rule]:
    """The rules, all of one owner.

    Raises:
        NotThere: one that is named is not there, or not this owner's; there are none at all.
        UsageError: they are of several owners.
    """
    own = {rule.id: rule for rule in known if owner in {None, rule.owner}}
    if missing := [rule_id for rule_id in rule_ids if rule_id not in own]:
        whose = f" of {owner}" if owner else ""
        raise NotThere(f"There is no rule {', '.join(map(repr, missing))}{whose}; `automation-cli rules` lists them.")
    chosen = [own[rule_id] for rule_id in dict.fromkeys(rule_ids)] if rule_ids else list(own.values())
    if not chosen:
        raise NotThere(f"{owner} has no rules." if owner else "There are no rules.")
    owners = sorted({rule.owner for rule in chosen})
    if len(owners) > 1:
        raise UsageError(f"These rules have several owners ({', '.join(owners)}); choose one with --owner.")
    return chosen
