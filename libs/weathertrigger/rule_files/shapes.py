"""What a reader of rule files takes, said in JSON Schema: noted beside the reader, gathered by `json_schema.py`.

A shape is wider than its reader where JSON Schema cannot say more; it is never narrower.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol, TypeVar

from marshmallow import Schema

Json = dict[str, object]

Reader = Callable[..., object]

_R = TypeVar("_R", bound=Reader)


class Writer(Protocol):
    """What a shape is made with, so that its parts can be told apart in a rule and in a template."""

    def value(self, shape: "Shape") -> Json:
        """The shape as it stands in this place: in a template a placeholder may stand there instead."""

    def mapping(self, schema: Schema, **more: object) -> Json:
        """A mapping with the keys of the schema and no others, written once; `more` is added."""

    def defined(self, name: str, shape: "Shape") -> Json:
        """A reference to the shape, which is written once; it may contain itself."""


Shape = Mapping[str, object] | Callable[[Writer], Json]

SHAPES: dict[Reader, Shape] = {}
"""What each reader takes."""


def shaped(shape: Shape) -> Callable[[_R], _R]:
    """Notes what the reader below takes."""

    def note(reader: _R) -> _R:
        SHAPES[reader] = shape
        return reader

    return note


def text(pattern: re.Pattern[str]) -> Json:
    """A text that the pattern matches as a whole."""
    return {"type": "string", "pattern": f"^(?:{pattern.pattern})$"}


def one_of(words: Iterable[object]) -> Json:
    """One of the words."""
    return {"enum": [str(word) for word in words]}


def either(*shapes: Shape) -> Shape:
    """One shape or another."""
    return lambda writer: {"anyOf": [written(shape, writer) for shape in shapes]}


def items(each: Shape, **more: object) -> Shape:
    """A list."""
    return lambda writer: {"type": "array", "items": writer.value(each), **more}


def written(shape: Shape, writer: Writer) -> Json:
    """The shape as JSON Schema."""
    return shape(writer) if callable(shape) else dict(shape)


def taken_by(reader: Reader) -> Shape:
    """The shape of a reader, whatever it will be: anything, where nothing was noted."""
    return lambda writer: written(SHAPES.get(reader, {}), writer)


NUMBER: Json = {"type": "number"}
WHOLE: Json = {"type": "integer"}
YES_OR_NO: Json = {"type": "boolean"}
TEXT: Json = {"type": "string"}
