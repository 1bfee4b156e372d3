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
from rich.text import Text

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
        _write_json([dict(row) for row in rows])
        return
    if not rows:
        say(empty)
        return
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*[Text(cell(row[column])) for column in columns])
    console().print(table)


def show_one(row: Row, *, output: str) -> None:
    """Prints everything of one row: a line for each column, or a JSON object."""
    if output == "json":
        _write_json(dict(row))
        return
    table = Table.grid(padding=(0, 2))
    for name, value in row.items():
        table.add_row(Text(name.replace("_", " "), style="bold"), Text(cell(value), overflow="fold"))
    console().print(table)


def _write_json(document: object) -> None:
    sys.stdout.write(orjson.dumps(document, default=str, option=orjson.OPT_INDENT_2).decode() + "\n")


def cell(value: object) -> str:
    """A value as a person reads it; nothing for None. What would move the cursor of a terminal is spelled out."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
        case _:
            return "".join(one if one.isprintable() or one == "\n" else ascii(one)[1:-1] for one in str(value))


def console() -> Console:
    """Standard output; as wide as it must be where it is not a terminal."""
    return Console() if sys.stdout.isatty() else Console(width=200)


def say(message: str) -> None:
    """A message for a person, on standard error."""
    click.echo(message, err=True)
