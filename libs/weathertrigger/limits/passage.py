"""The way of one call through a gate: it enters if nothing is against it, is confirmed, and leaves.

Its place among the calls in flight is a lease, so that nothing has to be cleaned up after a worker that died. `enter`
looks at the breaker and takes the place in one script, and a failure is recorded before its place is free again. So
before the breaker is open, at most `most_at_once` calls and one less than `failures` go out, however many workers
there are.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import compress
from typing import cast

from pybreaker import STATE_CLOSED
from redis import Redis

from weathertrigger.errors import Busy, HeldBack
from weathertrigger.limits.breaker import BREAKER_KEPT, LONGEST_OPEN
from weathertrigger.limits.keys import GateKeys
from weathertrigger.limits.troubles import Trouble
from weathertrigger.lua import script

LEASE = timedelta(seconds=25)
"""Longer than two HTTP calls of 10 s at most: some ask for the present and for the forecast. A call that took longer to
get ready does not leave."""
_FREE_PLACE_SOON = timedelta(milliseconds=100)
_PROBE_ENDS_SOON = timedelta(seconds=1)
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Call:
    """A call that was let in: its id (of a length that all share), its gate, and how that stood then: the state of the
    breaker, and how many limits the service had told in a row at each level."""

    id: str
    keys: GateKeys
    breaker: str
    limits: tuple[int, ...]

    @property
    def is_probe(self) -> bool:
        """Whether it shall show that the service works again."""
        return self.breaker != STATE_CLOSED

    def limits_in_a_row(self, level: GateKeys) -> int:
        """How many the service had told of its own, or of the account, when this call was let in."""
        return self.limits[self.keys.levels.index(level)]


class Answer(StrEnum):
    """What the service has said in the end: that it did what was asked for, something else, nothing."""

    GOOD = "good"
    REFUSED = "refused"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Left:
    """What the last look at Redis showed: whether the breaker is closed and was never open, as far as Redis remembers;
    which of the account and its service are cooling down; and which troubles have been told."""

    never_open: bool
    cooling_down: frozenset[GateKeys]
    told: frozenset[Trouble]


class Passage:
    """The three scripts, for every gate of this service."""

    def __init__(self, redis: Redis, *, most_at_once: int, reset: timedelta) -> None:
        self._most_at_once = most_at_once
        self._reset = reset
        self._enter = redis.register_script(script("limits", "enter"))
        self._confirm = redis.register_script(script("limits", "confirm"))
        self._leave = redis.register_script(script("limits", "leave"))

    def enter(self, keys: GateKeys) -> Call:
        """Takes a place among the calls in flight.

        Raises:
            Busy: every place is taken.
            HeldBack: a cool-down, an open breaker, or somebody tries already whether the service works again.
        """
        call_id = secrets.token_urlsafe(9)
        answer = self._enter(
            keys=[keys.breaker, keys.in_flight, *(level.cool_down for level in keys.levels)],
            args=[
                call_id,
                LEASE // _MILLISECOND,
                self._most_at_once,
                self._reset // _MILLISECOND,
                LONGEST_OPEN // _MILLISECOND,
                BREAKER_KEPT // _MILLISECOND,
            ],
        )
        match answer:
            case [b"in", bytes() as breaker, *limits]:
                return Call(call_id, keys, breaker.decode(), tuple(cast("list[int]", limits)))
            case [b"cool-down", int() as left, bytes() as why, int() as which]:
                said = f"{keys.levels[which].subject}: it is not asked for {_seconds(left)} s: {why.decode()}"
                raise _held_back(keys, said, left * _MILLISECOND)
            case [b"open", int() as left]:
                said = f"{keys.service}: it has failed too often and is not asked for {_seconds(left)} s"
                raise _held_back(keys, said, left * _MILLISECOND)
            case [b"probing"]:
                said = f"{keys.service}: it has failed too often, and another call is trying whether it works again"
                raise _held_back(keys, said, _PROBE_ENDS_SOON)
        said = f"{keys.service}: {self._most_at_once} calls are in flight already"
        raise Busy(said, service=keys.service, account=keys.account or None, retry_after=_FREE_PLACE_SOON)

    def confirm(self, call: Call, cost: int, hits: Mapping[str, timedelta]) -> bool:
        """The last look before the call leaves; its lease begins anew. Whether its hits still count, of these keys with
        the shortest window of each.

        Raises:
            HeldBack: its place was lost, because it took too long to get ready.
        """
        answer = self._confirm(
            keys=[call.keys.in_flight, *hits],
            args=[call.id, LEASE // _MILLISECOND, cost, *(window // _MILLISECOND for window in hits.values())],
        )
        if answer == b"late":
            said = f"{call.keys.subject}: the call was not ready in time"
            raise _held_back(call.keys, said, _PROBE_ENDS_SOON)
        return bool(answer == b"ready")

    def leave(self, call: Call, answer: Answer, troubles: Sequence[Trouble]) -> Left:
        """Frees the place, and looks which of the troubles have been told."""
        keys = call.keys
        cool_downs = [level.cool_down for level in keys.levels]
        state, since, *found = cast(
            "tuple[bytes, bytes, *tuple[int, ...]]",
            self._leave(
                keys=[keys.breaker, keys.in_flight, *cool_downs, *(trouble.marker for trouble in troubles)],
                args=[call.id, answer, *call.limits],
            ),
        )
        cooling_down = frozenset(compress(keys.levels, found))
        told = frozenset(compress(troubles, found[len(keys.levels) :]))
        return Left(state.decode() == STATE_CLOSED and not since, cooling_down, told)


def _held_back(keys: GateKeys, said: str, retry_after: timedelta) -> HeldBack:
    return HeldBack(said, service=keys.service, account=keys.account or None, retry_after=retry_after)


def _seconds(milliseconds: int) -> int:
    return -(-milliseconds // 1000)
