"""What travels between the services: ids only, validated by marshmallow on both sides.

A message carries many checks. The list of checks is one custom field, because a nested schema per element costs forty
times more.
"""

import re
from collections.abc import Mapping, Sequence, Sized
from dataclasses import dataclass
from typing import Any as Json  # what a message's JSON holds until the schema has looked at it
from typing import TypeVar

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate

from weathertrigger.errors import WeatherTriggerError

VERSION = 3

_HIGHEST = 2**63 - 1  # PostgreSQL's bigint
_BIGINT = validate.Range(0, _HIGHEST)
_UNSTORABLE = re.compile(r"[\0\ud800-\udfff]")

T = TypeVar("T")

Checks = dict[str, int]
"""Rule id to the due time in ms that the check answers to."""


class InvalidMessage(WeatherTriggerError):
    """A message that no version of this software would send; it goes to the dead letters."""


@dataclass(frozen=True, slots=True)
class FetchWeather:
    """Checks by place; `lease` is the lease that the scheduler took for all of them. The check of a rule that looks at
    several places stands under each of them. Some rule of the places `ahead` looks at the forecast."""

    lease: int
    places: Mapping[str, Checks]
    ahead: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadingChecks:
    """The checks that one reading of a place answers, and the API calls that were made for it just now, by service. No
    id: there is no reading, and `reason` says why."""

    place_id: str
    reading_id: int | None
    calls: Mapping[str, int]
    checks: Checks
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class EvaluateRules:
    """Checks by reading, and the lease under which they travel. All places of a rule are in one message, each once; the
    check stands under each of them."""

    lease: int
    readings: Sequence[ReadingChecks]


@dataclass(frozen=True, slots=True)
class ApplyChanges:
    """A doorbell: the work list is in PostgreSQL."""

    account_id: str


def _storable(text: str) -> None:
    """PostgreSQL has no text with a NUL, and UTF-8 none with half a surrogate pair."""
    if _UNSTORABLE.search(text):
        raise ValidationError("cannot be stored")


class _Places(fields.Field[Mapping[str, Checks]]):
    """`[[place_id, [[rule_id, due], ...]], ...]`, checked in one pass."""

    def _serialize(self, value: Mapping[str, Checks] | None, *_: object, **__: object) -> Json:
        return [[place_id, _pairs(checks)] for place_id, checks in (value or {}).items()]

    def _deserialize(self, value: Json, *_: object, **__: object) -> Mapping[str, Checks]:
        try:
            rows = _rows(value)
            return _once({_text(place_id): _counts(pairs) for place_id, pairs in rows}, rows)
        except (TypeError, ValueError):
            raise ValidationError("is not a list of [place, [[rule, due], ...]]") from None


class _Readings(fields.Field[Sequence[ReadingChecks]]):
    """`[[place_id, reading_id, [[service, calls], ...], [[rule_id, due], ...], reason], ...]`, checked in one pass."""

    def _serialize(self, value: Sequence[ReadingChecks] | None, *_: object, **__: object) -> Json:
        return [
            [one.place_id, one.reading_id, _pairs(one.calls), _pairs(one.checks), one.reason] for one in value or ()
        ]

    def _deserialize(self, value: Json, *_: object, **__: object) -> Sequence[ReadingChecks]:
        try:
            found = [
                ReadingChecks(
                    _text(place_id),
                    None if reading_id is None else _whole(reading_id),
                    _counts(calls),
                    _counts(pairs),
                    None if reason is None else _text(reason),
                )
                for place_id, reading_id, calls, pairs, reason in _rows(value)
            ]
            _once({one.place_id: one for one in found}, found)
        except (TypeError, ValueError):
            raise ValidationError(
                "is not a list of [place, reading, [[service, calls], ...], [[rule, due], ...], reason]"
            ) from None
        return found


class _Message(Schema):
    class Meta:
        unknown = RAISE

    version = fields.Integer(required=True, strict=True, validate=validate.Equal(VERSION))


class _FetchWeather(_Message):
    lease = fields.Integer(required=True, strict=True, validate=_BIGINT)
    places = _Places(required=True)
    ahead = fields.List(fields.String(validate=_storable), required=True)

    @post_load
    def _build(self, data: Json, **_: object) -> FetchWeather:
        return FetchWeather(data["lease"], data["places"], tuple(data["ahead"]))


class _EvaluateRules(_Message):
    lease = fields.Integer(required=True, strict=True, validate=_BIGINT)
    readings = _Readings(required=True)

    @post_load
    def _build(self, data: Json, **_: object) -> EvaluateRules:
        return EvaluateRules(data["lease"], data["readings"])


class _ApplyChanges(_Message):
    account_id = fields.String(required=True, validate=[validate.Length(min=1, max=100), _storable])

    @post_load
    def _build(self, data: Json, **_: object) -> ApplyChanges:
        return ApplyChanges(data["account_id"])


_SCHEMAS: dict[type, Schema] = {
    FetchWeather: _FetchWeather(),
    EvaluateRules: _EvaluateRules(),
    ApplyChanges: _ApplyChanges(),
}

Message = FetchWeather | EvaluateRules | ApplyChanges
M = TypeVar("M", bound=Message)


def dump(message: Message) -> dict[str, Json]:
    """The message as JSON-able data, validated.

    Raises:
        InvalidMessage: it would be refused on the other side.
    """
    payload = {"version": VERSION, **_SCHEMAS[type(message)].dump(message)}
    load(type(message), payload)
    return payload


def load(kind: type[M], payload: Json) -> M:
    """The message of this kind.

    Raises:
        InvalidMessage: with what is wrong, field by field.
    """
    try:
        message: M = _SCHEMAS[kind].load(payload)
    except ValidationError as error:
        raise InvalidMessage(f"{kind.__name__}: {error.messages}") from error
    return message


def _pairs(counts: Mapping[str, int]) -> list[list[Json]]:
    return list(map(list, counts.items()))


def _counts(pairs: Json) -> dict[str, int]:
    rows = _rows(pairs)
    return _once({_text(name): _whole(number) for name, number in rows}, rows)


def _rows(value: Json) -> list[Json]:
    """A list. Its rows need no look at their type: text and objects have no number, and no list, where one must be."""
    if not isinstance(value, list):
        raise TypeError
    return value


def _once(found: dict[str, T], rows: Sized) -> dict[str, T]:
    """What was found in these rows. A key that stands twice would lose a check in silence."""
    if len(found) != len(rows):
        raise ValueError
    return found


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise TypeError
    _storable(value)
    return value


def _whole(value: Json) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _HIGHEST:
        raise TypeError
    return value
