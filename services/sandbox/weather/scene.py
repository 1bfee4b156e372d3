"""One replayed hour at one station, in no API's words yet."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from services.sandbox.replay_clock import Moment
from services.sandbox.weather import derived
from services.sandbox.weather.recorded import Observation, Station
from services.sandbox.weather.sun import sun_times

HOUR = timedelta(hours=1)
NEW_YORK = ZoneInfo("America/New_York")  # of both stations


@dataclass(frozen=True, slots=True)
class Scene:
    """A station at one moment: the replay time says which values, the real time which timestamps."""

    station: Station
    moment: Moment

    def later(self, by: timedelta) -> Self:
        """The same station that much later on both clocks."""
        return replace(self, moment=Moment(self.moment.real + by, self.moment.replay + by))

    @property
    def observation(self) -> Observation:
        """The record of the replayed hour."""
        return self.station.at(self.moment.replay)

    @property
    def sky(self) -> derived.Sky:
        """The condition of the replayed hour."""
        return derived.sky(self.observation)

    def hours(self, first: int, end: int) -> Iterator[Observation]:
        """The records of the hours from `first` to before `end`, counted from this one."""
        return (self.station.at(self.moment.replay + hour * HOUR) for hour in range(first, end))

    def sun(self) -> tuple[datetime, datetime]:
        """Sunrise and sunset of the replayed local day, moved onto the real clock like everything else."""
        shift = self.moment.real - self.moment.replay
        day = self.moment.replay.astimezone(NEW_YORK).date()
        sunrise, sunset = sun_times(day, self.station.latitude, self.station.longitude)
        return sunrise + shift, sunset + shift

    def is_day(self) -> bool:
        """Whether the sun is up."""
        sunrise, sunset = self.sun()
        return sunrise <= self.moment.real < sunset

    def uv_index(self) -> float:
        """Derived, see `derived.py`."""
        return round(derived.uv_index(self.moment.real, *self.sun(), derived.clouds(self.observation)), 2)


def timestamp(at: datetime) -> int:
    """Whole seconds since the epoch."""
    return int(at.timestamp())
