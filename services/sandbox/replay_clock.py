"""The clock of the replayed year: it can run faster than real time, stand still, or be set.

Replay time = anchor + (real time - real time at the anchor) x speed. After the end of 2013 comes its beginning again.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from weathertrigger.clock import Clock

YEAR_START = datetime(2013, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=365)
MAX_SPEED = 1_000_000


class ImpossibleClock(Exception):
    """The clock cannot be set so; the text says why, for a person."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One instant on both clocks, aware, in UTC."""

    real: datetime
    replay: datetime


class ReplayClock:
    """Safe to use from several threads: the anchor is one immutable value that is replaced as a whole."""

    def __init__(self, start: datetime, speed: float, now: Clock) -> None:
        """Starts at `start` (naive means UTC).

        Raises:
            ImpossibleClock: `start` is not in 2013, or the speed is not one.
        """
        self._now = now
        self._anchor = (Moment(now(), _in_the_year(start)), _checked(speed))

    @property
    def speed(self) -> float:
        """Replayed seconds in one real second; 0 stands still."""
        return self._anchor[1]

    def moment(self) -> Moment:
        """The present instant on both clocks."""
        anchor, speed = self._anchor
        real = self._now()
        return Moment(real, _wrapped(anchor.replay + (real - anchor.real) * speed))

    def set(self, *, at: datetime | None = None, speed: float | None = None) -> None:
        """Goes on from `at` (or from where it is) at `speed` (or as fast as before).

        Raises:
            ImpossibleClock: as for the constructor; the clock is then unchanged.
        """
        moment = self.moment()
        replay = moment.replay if at is None else _in_the_year(at)
        self._anchor = (Moment(moment.real, replay), self.speed if speed is None else _checked(speed))


def _wrapped(replay: datetime) -> datetime:
    return YEAR_START + (replay - YEAR_START) % YEAR


def _in_the_year(at: datetime) -> datetime:
    aware = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    if not YEAR_START <= aware < YEAR_START + YEAR:
        raise ImpossibleClock(f"The recorded weather is of 2013 (UTC), and {aware:%Y-%m-%dT%H:%M} is not in it.")
    return aware


def _checked(speed: float) -> float:
    if not 0 <= speed <= MAX_SPEED:
        raise ImpossibleClock(f"The speed has to be between 0 and {MAX_SPEED}, and {speed} is not.")
    return speed
