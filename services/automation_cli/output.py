"""Data on standard output, as a table for people or JSON for scripts; messages on standard error."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any as Decorated  # click's decorators keep the signature only of what they do not know

import click
import orjson
from rich.console import Console

from services.automation_cli.tables import Column, heading, lines, print_table

Row = Mapping[str, object]

_WATCHING = "services.automation_cli.watching"


@dataclass(frozen=True, slots=True)
class Part:
    """A table of several: its rows, the columns that are shown, and what is said where there is no row."""

    rows: Sequence[Row]
    columns: Sequence[str]
    empty: str = ""


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
    show_parts([dict(row) for row in rows], [Part(rows, columns, empty)], output=output)


def show_parts(document: object, parts: Sequence[Part], *, output: str) -> None:
    """Prints the document as JSON, or its parts as one table after the other."""
    if output == "json":
        _write_json(document)
        return
    if _is_watching():
        _clear()
    for part in parts:
        _print(part)


def _print(part: Part) -> None:
    if not part.rows:
        say(part.empty)
        return
    print_table(console(), [_column(name, [row[name] for row in part.rows]) for name in part.columns])


def _column(name: str, values: Sequence[object]) -> Column:
    is_time = any(isinstance(value, datetime) for value in values)
    return Column(heading(name, values), [cell(value) for value in values], is_time=is_time)


def show_one(row: Row, *, output: str) -> None:
    """Prints everything of one row: a line for each column, or a JSON object."""
    if output == "json":
        _write_json(dict(row))
        return
    console().print(lines({heading(name, [value]): cell(value) for name, value in row.items()}))


def show_document(document: object) -> None:
    """Prints JSON."""
    _write_json(document)


def _write_json(document: object) -> None:
    text = orjson.dumps(document, default=str, option=None if _is_watching() else orjson.OPT_INDENT_2)
    sys.stdout.write(text.decode() + "\n")


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
    if not sys.stdout.isatty():
        return Console(width=200)
    return Console() if _may_style() else Console(color_system=None)


def show_repeatedly() -> None:
    """From now on this command shows its rows again and again: JSON on a line each, tables on a screen of their own."""
    click.get_current_context().meta[_WATCHING] = True


def _is_watching() -> bool:
    context = click.get_current_context(silent=True)
    return context is not None and _WATCHING in context.meta


def _clear() -> None:
    if _may_style():
        click.clear()  # does nothing where there is no terminal


def _may_style() -> bool:
    """Whether a terminal may be sent more than text (no-color.org, and terminals that can no more)."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def say(message: str) -> None:
    """A message for a person, on standard error."""
    click.echo(message, err=True)
