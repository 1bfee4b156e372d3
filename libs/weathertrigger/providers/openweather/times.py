"""The times in OpenWeather's answers: whole seconds since the epoch, in UTC whatever the place. Pure."""

from collections import Counter
from collections.abc import Hashable, Iterable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from weathertrigger.http.strict_json import Json, whole

_Key = TypeVar("_Key", bound=Hashable)
_Told = TypeVar("_Told")

# Further ahead than any clock is wrong: then `dt` of an observation is not a time in seconds.
_CLOCKS_DIFFER = timedelta(hours=1)
# What lies outside of this cannot belong to a forecast that was made just now: it reaches 8 days ahead, and its first
# entry, today's noon or the hour that has begun, lies behind.
_BACK, _AHEAD = timedelta(days=1), timedelta(days=10)


def seconds_of(value: Json) -> int | None:
    """A time in seconds, as it stands in an answer; text is none."""
    seconds = None if isinstance(value, str) else whole(value)
    return seconds if seconds is not None and seconds > 0 else None


def observed_at(value: Json, fetched_at: datetime) -> datetime | None:
    """When something was observed; it may be long ago, but not in the future."""
    return _between(seconds_of(value), None, fetched_at + _CLOCKS_DIFFER)


def expected_at(value: Json, fetched_at: datetime) -> datetime | None:
    """When something is expected, by a forecast that was fetched then."""
    return _between(seconds_of(value), fetched_at - _BACK, fetched_at + _AHEAD)


def told_once(told: Iterable[tuple[_Key, _Told]]) -> dict[_Key, _Told]:
    """What was told of each hour or day. One that was told of twice is left out: it cannot be known which is right."""
    pairs = list(told)
    times = Counter(key for key, _ in pairs)
    return {key: one for key, one in pairs if times[key] == 1}


def _between(seconds: int | None, first: datetime | None, last: datetime) -> datetime | None:
    if seconds is None or seconds > last.timestamp():
        return None
    at = datetime.fromtimestamp(seconds, UTC)
    return at if first is None or at >= first else None
