"""From marshmallow's nested messages to faults with a path and a line."""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from marshmallow.exceptions import SCHEMA

from weathertrigger.errors import Fault
from weathertrigger.rule_files.read import line_of
from weathertrigger.rule_files.sentences import shown
from weathertrigger.rule_files.templates import Origin, WrittenOut

Path = tuple[str | int, ...]

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]{1,40}")


def faults_of(messages: object, at: Path, document: object) -> list[Fault]:
    """One fault for every message, `at` being where in the document the messages' own paths begin."""
    found = []
    for path, message in _walk(messages, at):
        origin = origin_of(path, document)
        spelled = _spelled(path if origin is None else ("rules", origin.rule, *path[2:]))
        found.append(Fault(spelled, message, line_of(document, path), origin.row if origin else None))
    return found


def origin_of(path: Path, document: object) -> Origin | None:
    """Where in the file the rule of this path stands, if templates were written out."""
    match path, document:
        case ["rules", int(index), *_], {"rules": WrittenOut() as written}:
            return written.origins[index]
    return None


def in_order(faults: Iterable[Fault], document: object) -> list[Fault]:
    """By their lines; what is wrong in several rows of a template is told once, naming the first of them."""
    gathered: dict[Fault, list[str]] = {}
    for fault in faults:
        rows = gathered.setdefault(replace(fault, row=None), [])
        if fault.row is not None:
            rows.append(fault.row)
    told = [replace(fault, row=_spoken(rows, _rows_of(fault, document))) for fault, rows in gathered.items()]
    return sorted(told, key=lambda fault: (fault.line or math.inf, fault.path))


def _rows_of(fault: Fault, document: object) -> int:
    match document:
        case {"rules": WrittenOut() as written}:
            return {f"rules[{index}]": rows for index, rows in written.rows.items()}.get(fault.path.split(".")[0], 0)
    return 0


def _spoken(rows: list[str], of: int) -> str | None:
    """Nothing where the fault is that of the template rather than of a row."""
    if not rows or 1 < of == len(rows):
        return None
    return rows[0] if len(rows) == 1 else f"{rows[0]} and {len(rows) - 1} more"


def _walk(messages: object, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(messages, dict):
        for key, inner in messages.items():
            yield from _walk(inner, path if key == SCHEMA else (*path, key))
    elif isinstance(messages, list):
        for inner in messages:
            yield from _walk(inner, path)
    else:
        yield path, str(messages)


def _spelled(path: Path) -> str:
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _PLAIN_KEY.fullmatch(step):
            text += f".{step}" if text else step
        else:
            text += f"[{shown(step)}]"
    return text
