"""A rule's `hold`: how long its condition must have been true, and how long it stays active after the end."""

from datetime import timedelta
from typing import TypedDict

from marshmallow import post_load

from weathertrigger.domain.hold import NO_TIME, Hold
from weathertrigger.rule_files.durations import hold_length_from
from weathertrigger.rule_files.shapes import shaped
from weathertrigger.rule_files.strict import Read, StrictSchema


class _Words(TypedDict):
    wait: timedelta
    keep: timedelta


class HoldSchema(StrictSchema):
    """`{for: 30 min, keep_for: 60 min}`, one of them or both."""

    error_messages = {"type": "is not a mapping; write for example {for: 30 min, keep_for: 2 h}"}  # noqa: RUF012 - marshmallow reads it from the class

    wait = Read(hold_length_from, key="for", default=NO_TIME)
    keep = Read(hold_length_from, key="keep_for", default=NO_TIME)

    @post_load
    def to_hold(self, data: _Words, **_: object) -> Hold:
        """The hold of the rule."""
        return Hold(data["wait"], data["keep"])


_HOLD = HoldSchema()


@shaped(lambda writer: writer.mapping(_HOLD))
def hold_from(value: object) -> Hold:
    """A hold.

    Raises:
        ValidationError: every fault of it.
    """
    hold: Hold = _HOLD.read(value)
    return hold
