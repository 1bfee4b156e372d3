"""Asks before something goes that does not come back by itself."""

import sys

import click

from weathertrigger.errors import UsageError


def ask(question: str) -> None:
    """Goes on if a person says yes.

    Raises:
        click.Abort: the person says no.
        UsageError: nobody is there to be asked.
    """
    if not sys.stdin.isatty():
        raise UsageError(f"{question} Nobody can be asked here: say --yes.")
    click.confirm(question, abort=True, err=True)
