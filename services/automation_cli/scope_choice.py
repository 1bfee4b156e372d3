"""What a command is about: everything, or what one user, account or rule has."""

import functools
from collections.abc import Callable
from typing import Any as Decorated  # click's decorators keep the signature only of what they do not know

import click

from services.automation_cli.completing import completed_by
from weathertrigger.errors import NotThere, UsageError
from weathertrigger.storage import accounts, rules, users
from weathertrigger.storage.database import Transaction
from weathertrigger.storage.pauses import Covered, Scope

_LISTS = {Scope.USER: "users list", Scope.ACCOUNT: "accounts list", Scope.RULE: "rules"}


def scope_options(command: Callable[..., Decorated]) -> Callable[..., Decorated]:
    """Exactly one of `--all`, `--user`, `--account` and `--rule`, as the parameter `covered`."""

    @functools.wraps(command)
    def chosen(
        *, all_: bool, user: str | None, account: str | None, rule: str | None, **parameters: object
    ) -> Decorated:
        named = [
            Covered(scope, subject)
            for scope, subject in ((Scope.USER, user), (Scope.ACCOUNT, account), (Scope.RULE, rule))
            if subject is not None
        ]
        if all_:
            named.append(Covered(Scope.ALL))
        if len(named) != 1:
            raise UsageError("Say what is meant: exactly one of --all, --user ID, --account ID and --rule ID.")
        return command(covered=named[0], **parameters)

    options = (
        click.option("--all", "all_", is_flag=True, help="Everything."),
        click.option(
            "--user", metavar="ID", shell_complete=completed_by(users.beginning_with), help="What is this user's."
        ),
        click.option(
            "--account", metavar="ID", shell_complete=completed_by(accounts.beginning_with), help="This ad account."
        ),
        click.option("--rule", metavar="ID", shell_complete=completed_by(rules.beginning_with), help="This rule."),
    )
    return functools.reduce(lambda decorated, option: option(decorated), reversed(options), chosen)


def require_there(tx: Transaction, covered: Covered) -> None:
    """
    Raises:
        NotThere: there is no such user, account or rule.
    """
    there = True
    match covered.scope:
        case Scope.USER:
            there = users.beginning_with(tx, covered.subject, limit=1) == [covered.subject]
        case Scope.ACCOUNT:
            account = accounts.get(tx, covered.subject)
            there = account is not None and account.removed_at is None
        case Scope.RULE:
            there = rules.get(tx, covered.subject) is not None
    if not there:
        kind = "ad account" if covered.scope is Scope.ACCOUNT else covered.scope
        listing = f"`automation-cli {_LISTS[covered.scope]}` shows those that there are."
        raise NotThere(f"There is no {kind} {covered.subject!r}; {listing}")
