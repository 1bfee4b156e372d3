"""Every command is known as one that changes something, and is in the audit log, or as one that changes nothing."""

from collections.abc import Iterator

import click

from services.automation_cli.__main__ import cli
from tests.integration.audited_commands import AUDITED

CHANGE_NOTHING = {
    "export",
    "validate",
    "schema",
    "rules",
    "test-rule",
    "backtest",
    "list-workers",
    "list-jobs",
    "job-stats",
    "executions",
    "explain",
    "changes",
    "fields list",
    "fields show",
    "verify",
    "notifications",
    "audit",
    "pauses",
    "rate-limit-stats",
    "users list",
    "places search",
    "places list",
    "accounts list",
    "accounts check",
    "accounts new-key",
    "dead-letters list",
    "dead-letters show",
    "doctor",
    "completion",
    "help",
}
KEPT_ELSEWHERE = {
    "up": "it does what `setup` and `apply` do, by the same functions",
    "migrate": "the table of migrations says which and when; the audit log may not be there yet",
    "start-worker": "the registry of workers has each with its host and times",
}


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Every command that does something itself, by the words that call it."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from leaves(found, (*path, name))
        if not command.invoke_without_command:
            return
    if path:
        yield " ".join(path)


def test_every_command_is_audited_or_changes_nothing() -> None:
    """A new command has to be put into one of the lists; those of the first are run by a test of the audit log."""
    assert sorted(leaves(cli)) == sorted([*AUDITED, *CHANGE_NOTHING, *KEPT_ELSEWHERE])
