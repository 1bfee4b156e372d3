"""Rows as a table that breaks no word, or, where the terminal is too narrow for that, each row by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

_DATE = len("2026-11-26")
_NARROWEST_PROSE = 20
_BETWEEN = 3
"""The room between two columns, and what both edges take together."""


class _Kind(Enum):
    """How a column may be narrowed: not at all, with the time under the date, as a sentence."""

    WORD = "word"
    TIME = "time"
    PROSE = "prose"


@dataclass(frozen=True, slots=True)
class Column:
    """A heading and what stands under it, as a person reads it; `is_time`: the cells are instants."""

    heading: str
    cells: Sequence[str]
    is_time: bool = False

    @property
    def longest(self) -> int:
        """The room that it would take."""
        return max(cell_len(line) for one in (self.heading, *self.cells) for line in one.split("\n"))

    @property
    def kind(self) -> _Kind:
        """By what stands in it: only what is long and has several words may be wrapped."""
        if self.is_time:
            return _Kind.TIME
        is_prose = any(" " in one and cell_len(one) > _NARROWEST_PROSE for one in self.cells)
        return _Kind.PROSE if is_prose else _Kind.WORD

    def narrowest(self, *, split_times: bool) -> int:
        """The least room in which it can be read."""
        match self.kind:
            case _Kind.PROSE:
                return min(self.longest, _NARROWEST_PROSE)
            case _Kind.TIME if split_times:
                return max(_DATE, cell_len(self.heading))
            case _:
                return self.longest


def print_table(out: Console, columns: Sequence[Column]) -> None:
    """On a terminal as the room allows; where there is none, as wide as it must be."""
    for split_times in (False, True):
        needed = sum(one.narrowest(split_times=split_times) for one in columns) + _BETWEEN * len(columns)
        if needed <= out.width or not out.is_terminal:
            out.width = max(out.width, needed)
            out.print(_table(columns, split_times=split_times))
            return
    for cells in zip(*[column.cells for column in columns], strict=True):
        named = {column.heading: one for column, one in zip(columns, cells, strict=True) if one}
        out.print(lines(named, widest=max(cell_len(column.heading) for column in columns)))
        out.print()


def _table(columns: Sequence[Column], *, split_times: bool) -> Table:
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for column in columns:
        narrow = column.narrowest(split_times=split_times) if column.kind is _Kind.TIME else None
        table.add_column(column.heading, overflow="fold", width=narrow, no_wrap=column.kind is _Kind.WORD)
    for cells in zip(*[column.cells for column in columns], strict=True):
        table.add_row(*map(Text, cells))
    return table


def lines(named: Mapping[str, str], *, widest: int = 0) -> Table:
    """A line for each, by its name; the names take the room of the `widest`."""
    table = Table.grid(padding=(0, 2))
    table.add_column(min_width=widest, no_wrap=True)
    table.add_column(overflow="fold")
    for name, one in named.items():
        table.add_row(Text(name, style="bold"), Text(one))
    return table


def heading(name: str, values: Sequence[object]) -> str:
    """The name of a column as people read it; of times with their zone."""
    zone = " (UTC)" if any(isinstance(value, datetime) for value in values) else ""
    return f"{name.replace('_', ' ')}{zone}"
