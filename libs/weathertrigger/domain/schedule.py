"""The slots of a rule: on a grid, or at a local time of every day.

The grid is `phase + k * interval`, counted from the epoch, the phase spread by the rule's id. A local time is one
instant on each day (`local_time`): one that is left out is moved to the end of the gap, one that comes twice happens
once. The next slot follows from the schedule alone, never from when a check finished (protocol S).
"""

import hashlib
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple

from weathertrigger.domain.local_time import instant_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_DAY = timedelta(days=1)


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


class Grid(NamedTuple):
    """Slots of one rule that are an interval apart. A named tuple, for one is made in every check."""

    rule_id: str
    interval: timedelta

    def latest(self, at: datetime) -> datetime:
        """The last slot that is not after `at`."""
        return latest_slot(self.rule_id, self.interval, at)

    def after(self, at: datetime) -> datetime:
        """The first slot that is later than `at`."""
        return next_slot(self.rule_id, self.interval, at)

    def following(self, slot: datetime) -> datetime:
        """The slot that follows this one."""
        return slot + self.interval


class Daily(NamedTuple):
    """A slot on every day, so many minutes after midnight by the clocks of the zone."""

    minute: int
    zone: tzinfo

    def latest(self, at: datetime) -> datetime:
        """The last slot that is not after `at`."""
        day = at.astimezone(self.zone).date() + _DAY  # clocks that are put back over midnight have been there already
        while (slot := instant_of(day, self.minute, self.zone)) > at:
            day -= _DAY
        return slot

    def after(self, at: datetime) -> datetime:
        """The first slot that is later than `at`."""
        day = at.astimezone(self.zone).date() - _DAY
        while (slot := instant_of(day, self.minute, self.zone)) <= at:
            day += _DAY
        return slot

    def following(self, slot: datetime) -> datetime:
        """The slot that follows this one."""
        return self.after(slot)


Schedule = Grid | Daily
