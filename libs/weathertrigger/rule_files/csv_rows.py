"""The rows of a CSV file with a header, each with its line; or one clear sentence about what is wrong with it."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from marshmallow import ValidationError

from weathertrigger.rule_files.cells import Cell
from weathertrigger.rule_files.schema import MOST_RULES
from weathertrigger.rule_files.sentences import printable, shown

LARGEST_CSV = 10_000_000
"""Bytes."""

_DELIMITERS = (",", ";", "\t")


@dataclass(frozen=True, slots=True)
class Row:
    """What the placeholders of a template stand for, and how the row is named in a fault."""

    spoken: str
    values: Mapping[str, object]
    source: str


def rows_of_csv(name: str, folder: Path, *, most: int) -> list[Row]:
    """The rows below the header, at most so many; empty lines are left out, blanks around a cell too.

    Raises:
        ValidationError: the file cannot be read, has no rows or too many, a header or a row that is not whole.
    """
    path = printable(name)  # as it is told
    numbered = _records(_content(folder, name, path), path)
    header = _header(next(numbered, None), path)
    rows: list[Row] = []
    for line, record in numbered:
        if len(record) != len(header):
            advice = "; put a cell that holds the separator in quotes" if len(record) > len(header) else ""
            raise ValidationError(f"line {line} of {path} has {len(record)} cells, its header {len(header)}{advice}")
        if len(rows) == most:
            raise ValidationError(f"{path} has more than {most} rows; {room(most)}")
        spoken = f"row {len(rows) + 1} (line {line} of {path})"
        rows.append(Row(spoken, dict(zip(header, map(Cell, record), strict=True)), path))
    if not rows:
        raise ValidationError(f"{path} has no row below its header")
    return rows


def room(most: int) -> str:
    """How many rows may be there."""
    return f"there is room for {most} in a file of {MOST_RULES} rules"


def _content(folder: Path, name: str, path: str) -> str:
    file = folder / name
    try:
        if not file.is_file():
            raise ValidationError(
                f"{path} is not a file" if file.exists() else f"there is no file {path} in {folder.absolute()}"
            )
        with file.open("rb") as opened:
            raw = opened.read(LARGEST_CSV + 1)
    except (OSError, ValueError) as error:  # ValueError: a path with a zero byte
        raise ValidationError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if len(raw) > LARGEST_CSV:
        raise ValidationError(f"{path} has more than {LARGEST_CSV} bytes; that is the most")
    try:
        content = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ValidationError(f"line {line} of {path} is not UTF-8 text; save it as CSV UTF-8") from None
    if "\0" in content:
        raise ValidationError(f"{path} is not a text file: it holds zero bytes")
    return content


def _records(content: str, path: str) -> Iterator[tuple[int, list[str]]]:
    """Every record that is not empty, with the line on which it begins."""
    header = content.lstrip().partition("\n")[0]
    delimiter = next((one for one in _DELIMITERS if one in header), ",")
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True)
    line = 1
    try:
        for record in reader:
            cells = [cell.strip() for cell in record]
            if any(cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise ValidationError(f"line {line} of {path} is not CSV: {printable(str(error))}") from error


def _header(first: tuple[int, list[str]] | None, path: str) -> list[str]:
    if first is None:
        raise ValidationError(f"{path} is empty; its first line names the columns")
    line, header = first
    if "" in header:
        raise ValidationError(f"line {line} of {path}: column {header.index('') + 1} has no name")
    twice = [name for name, times in Counter(header).items() if times > 1]
    if twice:
        raise ValidationError(f"line {line} of {path} names the column {shown(twice[0])} twice")
    return header
