"""From marshmallow's nested messages to faults with a path and a line."""

import re
from collections.abc import Iterator

from marshmallow.exceptions import SCHEMA

from weathertrigger.errors import Fault
from weathertrigger.rule_files.read import line_of
from weathertrigger.rule_files.sentences import shown

Path = tuple[str | int, ...]

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]{1,40}")


def faults_of(messages: object, at: Path, document: object) -> list[Fault]:
    """One fault for every message, `at` being where in the document the messages' own paths begin."""
    return [Fault(_spelled(path), message, line_of(document, path)) for path, message in _walk(messages, at)]


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
