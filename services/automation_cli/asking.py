"""Asks before something is done that is not easily taken back: every command in the same way."""

import sys

import click

from weathertrigger.errors import UsageError

yes_option = click.option("--yes", is_flag=True, help="Do not ask.")
"""`--yes`, as the parameter `yes`."""


def ask(question: str, *, yes: bool) -> None:
    """Goes on if a person says yes; `yes`: said already, on the command line.

    Raises:
        click.Abort: the person says no.
        UsageError: nobody is there to be asked.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(f"{question} Nobody can be asked here: say --yes.")
    click.confirm(question, abort=True, err=True)
