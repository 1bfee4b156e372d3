"""From text to plain values that know their lines: YAML and JSON through one door, and nothing surprising in between.

Plain words stay words unless they are plainly JSON: `12:30`, `off`, `no` and `2026-03-01` are text here, where YAML 1.1
makes 750, false, false and a date of them. Anchors, aliases, merge keys and tags are refused.
"""

import re

import yaml

from weathertrigger.errors import Fault, InvalidRules

LARGEST_FILE = 10_000_000
"""Bytes."""

DEEPEST_NESTING = 100
"""Mappings and lists inside each other."""

# The C parser is some ten times faster; it is missing only where PyYAML was built without libyaml.
_Parser = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_WORDS = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("null", "Null", "NULL", "~", ""), None),
}
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,39})")
_FRACTION = re.compile(r"-?(?:0|[1-9][0-9]{0,39})(?:\.[0-9]{1,40})?(?:[eE][+-]?[0-9]{1,5})?")
_MAY_BE_A_NUMBER = frozenset("-0123456789")

# JSON writes characters beyond the basic plane as a pair of escapes, which YAML does not know.
_SURROGATES = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")


class Block(dict[str, object]):
    """A mapping that knows its line and the line of every key."""

    __slots__ = ("line", "lines")

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}


class Items(list[object]):
    """A list that knows its line and the line of every item."""

    __slots__ = ("line", "lines")

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: list[int] = []


def read(text: str | bytes, *, name: str) -> object:
    """The file's only document: Block, Items, text, int, float, bool or None.

    Raises:
        InvalidRules: not readable; one fault with its line.
    """
    content = _decoded(text, name)
    try:
        return _Composer(content).document(name)
    except yaml.MarkedYAMLError as error:
        raise _unreadable(error, content) from error
    except yaml.YAMLError as error:
        raise _refused(f"{name} is not a text file: it holds control characters") from error


def line_of(document: object, path: tuple[str | int, ...]) -> int | None:
    """The line of the value at the path, or of the nearest thing around it that is there."""
    line = document.line if isinstance(document, (Block, Items)) else None
    here = document
    for step in path:
        try:
            line, here = here.lines[step], here[step]  # type: ignore[attr-defined,index]  # where it cannot, it ends
        except (AttributeError, LookupError, TypeError):
            break
    return line


def value_at(document: object, path: tuple[str | int, ...]) -> object:
    """The value at the path; None where there is none."""
    here = document
    for step in path:
        try:
            here = here[step]  # type: ignore[index]  # where it cannot, it ends
        except (LookupError, TypeError):
            return None
    return here


def _decoded(text: str | bytes, name: str) -> str:
    try:
        raw = text.encode() if isinstance(text, str) else text
        content = raw.decode("utf-8-sig")
    except UnicodeError:
        raise _refused(f"{name} is not UTF-8 text") from None
    if len(raw) > LARGEST_FILE:
        raise _refused(f"{name} has {len(raw)} bytes; at most {LARGEST_FILE} are read")
    if "\0" in content:
        raise _refused(f"{name} is not a text file: it holds zero bytes")
    return _SURROGATES.sub(_joined, content) if content.lstrip().startswith(("{", "[")) else content


def _joined(pair: re.Match[str]) -> str:
    return pair[1] + bytes.fromhex(pair[2] + pair[3]).decode("utf-16-be")


class _Composer:
    """Builds the values out of the parser's events, one by one, so that nothing is built before it is allowed."""

    def __init__(self, content: str) -> None:
        self._next = _Parser(content).get_event

    def document(self, name: str) -> object:
        self._next()  # the stream's start
        if isinstance(self._next(), yaml.StreamEndEvent):
            raise _refused(f"{name} is empty")
        value = self._value(self._next(), 0)
        self._next()  # the document's end
        event = self._next()
        if not isinstance(event, yaml.StreamEndEvent):
            raise _refused("a second document starts here; write one file for each", _line(event))
        return value

    def _value(self, event: yaml.Event, depth: int) -> object:
        _allow(event)
        if isinstance(event, yaml.ScalarEvent):
            return plain(event.value) if event.implicit[0] else event.value
        if depth >= DEEPEST_NESTING:
            raise _refused(f"is nested more than {DEEPEST_NESTING} deep", _line(event))
        return self._block(event, depth) if isinstance(event, yaml.MappingStartEvent) else self._items(event, depth)

    def _block(self, start: yaml.Event, depth: int) -> Block:
        block = Block(_line(start))
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            line = _line(event)
            key = _key(event, line)
            if key in block:
                raise _refused(f"{key[:40]} stands twice; the first is on line {block.lines[key]}", line)
            block.lines[key] = line
            block[key] = self._value(self._next(), depth + 1)
        return block

    def _items(self, start: yaml.Event, depth: int) -> Items:
        items = Items(_line(start))
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.lines.append(_line(event))
            items.append(self._value(event, depth + 1))
        return items


def _allow(event: yaml.Event) -> None:
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
        raise _refused("anchors and aliases (& and *) are not allowed; put text in quotes", _line(event))
    if getattr(event, "tag", None) is not None:
        raise _refused("tags (!) are not allowed; put text in quotes", _line(event))


def _key(event: yaml.Event, line: int) -> str:
    _allow(event)
    if not isinstance(event, yaml.ScalarEvent):
        raise _refused("a key is one word, not a list or a mapping", line)
    if event.value == "<<" and event.implicit[0]:
        raise _refused("merge keys (<<) are not allowed", line)
    return str(event.value)


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def plain(word: str) -> object:
    """What an unquoted word of a rules file is: a number, true, false, nothing, or text."""
    if word in _WORDS:
        return _WORDS[word]
    if word[0] not in _MAY_BE_A_NUMBER:
        return word
    if _WHOLE.fullmatch(word):
        return int(word)
    return float(word) if _FRACTION.fullmatch(word) else word


def _refused(message: str, line: int | None = None) -> InvalidRules:
    return InvalidRules([Fault("", message, line)])


def _unreadable(error: yaml.MarkedYAMLError, content: str) -> InvalidRules:
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return _refused(f"is not YAML: {error.problem}")
    lines = content.splitlines()
    rest = lines[mark.line][mark.column :] if mark.line < len(lines) else ""
    if rest.startswith("\t"):
        return _refused("a tab stands here; indent with spaces", mark.line + 1)
    if error.problem == "found character that cannot start any token":
        return _refused(f"{rest[:1]!r} cannot start a word here; put the word in quotes", mark.line + 1)
    if error.problem == "mapping values are not allowed in this context":
        return _refused("a ':' stands where none is expected; check the indentation or use quotes", mark.line + 1)
    return _refused(f"is not YAML: {error.problem} {error.context or ''}".rstrip(), mark.line + 1)
