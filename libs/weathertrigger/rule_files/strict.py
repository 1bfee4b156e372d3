"""The two marshmallow types that every schema of rule files is made of, and how faults inside a list are gathered."""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Never, TypeVar

from marshmallow import RAISE, Schema, ValidationError, fields, missing

from weathertrigger.rule_files.sentences import hint, shown

T = TypeVar("T")

# Far more than any mapping of the language has; every unknown key costs a search for the nearest known one.
_MOST_KEYS = 100


class Read(fields.Field[T]):
    """A field whose value is read by a function: any JSON value to T, or ValidationError with a sentence."""

    def __init__(
        self,
        reader: Callable[[object], T],
        *,
        key: str | None = None,
        required: bool = False,
        default: T | None = None,
    ) -> None:
        self.reader = reader
        super().__init__(
            data_key=key,
            required=required,
            load_default=missing if default is None else default,
            error_messages={"required": "is missing", "null": "has no value"},
        )

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> T:  # noqa: ARG002 - marshmallow's signature
        return self.reader(value)


class StrictSchema(Schema):
    """A mapping without unknown keys. An unknown one is answered with the nearest known one."""

    _UNKNOWN = "unknown key"

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": _UNKNOWN, "type": "is not a mapping"}  # noqa: RUF012 - as marshmallow declares it

    not_yet: ClassVar[frozenset[str]] = frozenset()
    """Keys of the full language that this version does not know."""

    def handle_error(self, error: ValidationError, data: object, *, many: bool, **kwargs: object) -> Never:  # noqa: ARG002 - marshmallow's signature
        """Gives every unknown key a sentence of its own and passes the error on."""
        if isinstance(error.messages, dict):
            for key, messages in error.messages.items():
                if messages == [self._UNKNOWN]:
                    error.messages[key] = [self._unknown_key(key)]
        raise error

    def read(self, value: object) -> Any:  # what the schema's own post_load makes, or its dict
        """Loads one value of any type."""
        if isinstance(value, dict) and len(value) > _MOST_KEYS:
            raise ValidationError(f"has {len(value)} keys; at most {_MOST_KEYS} are read")
        return self.load(value)  # type: ignore[arg-type]  # a value that is no mapping is a fault, not a mistake of ours

    def _unknown_key(self, key: str) -> str:
        if key in self.not_yet:
            return f"{key} is not supported yet"
        known = [field.data_key or name for name, field in self.load_fields.items()]
        return f"{shown(key)} is not a key here; {hint(key, known)}"


def each(values: Iterable[object], reader: Callable[[object], T]) -> list[T]:
    """Reads every value.

    Raises:
        ValidationError: the faults of all of them, by index.
    """
    results: list[T] = []
    faults: dict[int, object] = {}
    for index, value in enumerate(values):
        try:
            results.append(reader(value))
        except ValidationError as error:
            faults[index] = error.messages
    if faults:
        raise ValidationError(faults)
    return results
