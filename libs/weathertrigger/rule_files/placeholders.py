"""Fills the placeholders of a template from one row: `umbrella-{store}`; `{{` and `}}` are braces themselves."""

import re
from collections.abc import Iterable

from marshmallow import ValidationError

from weathertrigger.rule_files.csv_rows import Row
from weathertrigger.rule_files.read import Block, Items
from weathertrigger.rule_files.sentences import choices, nearest, printable, shown
from weathertrigger.rule_files.strict import each

LONGEST_FILLED = 1_000
"""Characters of a text with its placeholders filled in."""

_MOST_NAMED = 10
_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_ONLY = re.compile(r"\{([^{}]*)\}")


class Exhausted(Exception):
    """More values were asked for than are made of one file."""


class Budget:
    """How many words, numbers, mappings and lists may still be made."""

    def __init__(self, values: int) -> None:
        self._left = values

    def take(self, values: int = 1) -> None:
        """Counts what is made.

        Raises:
            Exhausted: no more.
        """
        self._left -= values
        if self._left < 0:
            raise Exhausted


def has_placeholder(text: str) -> bool:
    """Whether a row can make a difference to it."""
    return any(found[1] is not None for found in _PLACEHOLDER.finditer(text))


class Filler:
    """Fills the placeholders of one rule from one row."""

    def __init__(self, row: Row, budget: Budget) -> None:
        self._row = row
        self._budget = budget

    def value(self, value: object) -> object:
        """The value with every placeholder in it filled in.

        Raises:
            ValidationError: what cannot be, under its path.
            Exhausted: the budget is used up.
        """
        self._budget.take()
        if isinstance(value, str):
            return self._text(value) if "{" in value or "}" in value else value
        if isinstance(value, Block):
            return self._block(value)
        if isinstance(value, Items):
            filled = Items(value.line)
            filled.lines = value.lines
            filled.extend(each(value, self.value))
            return filled
        return value

    def _block(self, block: Block) -> Block:
        if len(block) == 1:
            ((key, only),) = block.items()
            if only is None and key in self._row.values:
                raise ValidationError(
                    f'{{{printable(key)}}} is a mapping in YAML; put it in quotes: "{{{printable(key)}}}"'
                )
        filled = Block(block.line)
        filled.lines = block.lines
        faults: dict[str, object] = {}
        for key, inner in block.items():
            try:
                filled[key] = self.value(inner)
            except ValidationError as error:
                faults[key] = error.messages
        if faults:
            raise ValidationError(faults)
        return filled

    def _text(self, text: str) -> object:
        if only := _ONLY.fullmatch(text):
            value = self._of_row(only[1])
            if value == "":
                raise _empty(only[1])
            self._budget.take(_size(value))
            return value
        filled = _PLACEHOLDER.sub(self._filled, text)
        if len(filled) > LONGEST_FILLED:
            raise ValidationError(f"has {len(filled)} characters when filled in; at most {LONGEST_FILLED} are read")
        return filled

    def _filled(self, found: re.Match[str]) -> str:
        if found[0] in {"{{", "}}"}:
            return found[0][0]
        if found[1] is None:
            raise ValidationError(f"a {found[0]} stands alone; write {found[0] * 2} if it is meant as it is")
        value = self._of_row(found[1])
        if isinstance(value, (dict, list)):
            raise ValidationError(f"{{{printable(found[1])}}} is {shown(value)}, which can only stand alone")
        return str(value).lower() if isinstance(value, bool) else str(value)

    def _of_row(self, name: str) -> object:
        known = self._row.values
        if name not in known:
            near = nearest(name, known)
            advice = (
                f"did you mean {printable(near)}?" if near else f"it has {_named(known)}" if known else "it has none"
            )
            raise ValidationError(f"there is no column {shown(name)} in {self._row.source}; {advice}")
        value = known[name]
        if value is None:
            raise _empty(name)
        return value


def _named(columns: Iterable[str]) -> str:
    first = [printable(column) for column in columns]
    more = len(first) - _MOST_NAMED
    return f"{', '.join(first[:_MOST_NAMED])} and {more} more" if more > 0 else choices(first)


def _empty(column: str) -> ValidationError:
    return ValidationError(f"the column {shown(column)} has no value")


def _size(value: object) -> int:
    """How many values it is, with all that is in it."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(_size, inner))
