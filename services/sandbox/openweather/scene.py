"""One replayed hour in OpenWeather's words: the blocks from which all three answers are put together."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from services.sandbox.openweather.question import Units
from services.sandbox.replay_clock import Moment
from services.sandbox.weather import derived
from services.sandbox.weather.recorded import Observation, Station
from services.sandbox.weather.sun import sun_times

HOUR = timedelta(hours=1)
NEW_YORK = ZoneInfo("America/New_York")  # of both stations
_MAX_VISIBILITY = 10_000

Document = dict[str, object]


@dataclass(frozen=True, slots=True)
class Scene:
    """A station at one moment: the replay time says which values, the real time which timestamps."""

    station: Station
    moment: Moment
    units: Units

    def later(self, by: timedelta) -> "Scene":
        """The same station that much later on both clocks."""
        return Scene(self.station, Moment(self.moment.real + by, self.moment.replay + by), self.units)

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

    def utc_offset(self) -> int:
        """Of the station's local time at the replayed date, in seconds."""
        offset = self.moment.replay.astimezone(NEW_YORK).utcoffset()
        return int(offset.total_seconds()) if offset else 0

    def weather(self) -> list[Document]:
        """The `weather` list, with a day or a night icon."""
        sky = self.sky
        icon = sky.icon + ("d" if self.is_day() else "n")
        return [{"id": sky.code, "main": sky.group, "description": sky.description, "icon": icon}]

    def temperatures(self) -> tuple[float, float]:
        """Temperature and what it feels like."""
        observation = self.observation
        return self.units.temperature(observation.temperature), self.units.temperature(derived.feels_like(observation))

    def visibility(self) -> int:
        """In metres; the API never says more than 10 km."""
        return min(round(self.observation.visibility), _MAX_VISIBILITY)

    def uv_index(self) -> float:
        """Derived, see `weather/derived.py`."""
        return round(derived.uv_index(self.moment.real, *self.sun(), derived.clouds(self.observation)), 2)


def fallen(observations: list[Observation]) -> dict[str, float]:
    """Rain and snow of these hours in mm, under the names of the API. What did not fall has no key."""
    parts = [derived.rain_and_snow(observation) for observation in observations]
    sums = {"rain": round(sum(rain for rain, _ in parts), 2), "snow": round(sum(snow for _, snow in parts), 2)}
    return {name: amount for name, amount in sums.items() if amount > 0}


def timestamp(at: datetime) -> int:
    """Whole seconds since the epoch."""
    return int(at.timestamp())
