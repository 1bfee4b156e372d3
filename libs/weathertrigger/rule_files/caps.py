"""How far a rule may go at most, whatever else it says."""

from decimal import Decimal
from typing import TypedDict

from marshmallow import ValidationError, post_load

from weathertrigger.rule_files.amounts import percent_from
from weathertrigger.rule_files.sentences import shown
from weathertrigger.rule_files.shapes import shaped, taken_by
from weathertrigger.rule_files.strict import Read, StrictSchema


class _Caps(TypedDict):
    largest_raise: Decimal


@shaped(taken_by(percent_from))
def _raise_from(value: object) -> Decimal:
    percent = percent_from(value)
    if percent < 0:
        raise ValidationError(f"{shown(value)} is less than the baseline; write for example +50 %")
    return percent


class CapsSchema(StrictSchema):
    """`{largest_raise: +50 %}`."""

    error_messages = {"type": "is not a mapping; write for example {largest_raise: +50 %}"}  # noqa: RUF012 - marshmallow reads it from the class

    largest_raise = Read(_raise_from, required=True)

    @post_load
    def to_percent(self, data: _Caps, **_: object) -> Decimal:
        """So many per cent above the baseline."""
        return data["largest_raise"]


_CAPS = CapsSchema()


@shaped(lambda writer: writer.mapping(_CAPS))
def caps_from(value: object) -> Decimal:
    """The largest raise of a rule in per cent.

    Raises:
        ValidationError: every fault of it.
    """
    largest: Decimal = _CAPS.read(value)
    return largest
