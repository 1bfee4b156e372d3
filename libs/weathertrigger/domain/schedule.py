"""The grid of a rule's slots: `phase + k * interval`, counted from the epoch, the phase spread by the rule's id.

The next slot follows from the grid alone, never from when a check finished (protocol S).
"""

import hashlib
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


@lru_cache(maxsize=100_000)
def phase_of(rule_id: str, interval: timedelta) -> timedelta:
    """Where in the interval this rule's slots lie, in whole milliseconds: deterministic, evenly spread over rules."""
    spread = int.from_bytes(hashlib.blake2b(rule_id.encode(), digest_size=8).digest())
    return (spread % (interval // _MILLISECOND)) * _MILLISECOND


def latest_slot(rule_id: str, interval: timedelta, at: datetime) -> datetime:
    """The last slot that is not after `at`."""
    phase = phase_of(rule_id, interval)
    return _EPOCH + phase + ((at - _EPOCH - phase) // interval) * interval


def next_slot(rule_id: str, interval: timedelta, after: datetime) -> datetime:
    """The first slot that is later than `after`."""
    return latest_slot(rule_id, interval, after) + interval
