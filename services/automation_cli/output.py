"""Data on standard output, as a table for people or JSON for scripts; messages on standard error."""

import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any as Decorated  # click's decorators keep the signature only of what they do not know

import click
import orjson
from rich import box
from rich.console import Console
from rich.table import Table

Row = Mapping[str, object]


def output_option(command: Callable[..., Decorated]) -> Callable[..., Decorated]:
    """`--output table|json`, as the parameter `output`."""
    return click.option(
        "--output",
        type=click.Choice(["table", "json"]),
        default="table",
        show_default=True,
        help="A table for people, or JSON for scripts.",
    )(command)


def show(rows: Sequence[Row], *, output: str, columns: Sequence[str], empty: str) -> None:
    """Prints the rows; the table shows the named columns, JSON shows everything."""
    if output == "json":
        sys.stdout.write(
            orjson.dumps([dict(row) for row in rows], default=str, option=orjson.OPT_INDENT_2).decode() + "\n"
        )
        return
    if not rows:
        say(empty)
        return
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*[cell(row[column]) for column in columns])
    console().print(table)


def cell(value: object) -> str:
    """A value as a person reads it; nothing for None."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
        case _:
            return str(value)


def console() -> Console:
    """Standard output; as wide as it must be where it is not a terminal."""
    return Console() if sys.stdout.isatty() else Console(width=200)


def say(message: str) -> None:
    """A message for a person, on standard error."""
    click.echo(message, err=True)
