"""Instants as whole milliseconds since the epoch: how they travel through Redis and are compared exactly."""

from datetime import UTC, datetime, timedelta
from typing import overload

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


@overload
def to_ms(instant: datetime) -> int: ...
@overload
def to_ms(instant: datetime | None) -> int | None: ...
def to_ms(instant: datetime | None) -> int | None:
    """Milliseconds since the epoch, rounded down; None stays None."""
    return None if instant is None else (instant - _EPOCH) // _MILLISECOND


def from_ms(milliseconds: int) -> datetime:
    """The instant, aware and in UTC."""
    return _EPOCH + milliseconds * _MILLISECOND
