"""One replayed hour in OpenWeather's words: the blocks from which all three answers are put together."""

from dataclasses import dataclass

from services.sandbox.openweather.question import Units
from services.sandbox.weather import derived
from services.sandbox.weather.recorded import Observation
from services.sandbox.weather.scene import NEW_YORK
from services.sandbox.weather.scene import Scene as WeatherScene

_MAX_VISIBILITY = 10_000

Document = dict[str, object]


@dataclass(frozen=True, slots=True)
class Scene(WeatherScene):
    """The hour, and the units in which it is told."""

    units: Units

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


def fallen(observations: list[Observation]) -> dict[str, float]:
    """Rain and snow of these hours in mm, under the names of the API. What did not fall has no key."""
    parts = [derived.rain_and_snow(observation) for observation in observations]
    sums = {"rain": round(sum(rain for rain, _ in parts), 2), "snow": round(sum(snow for _, snow in parts), 2)}
    return {name: amount for name, amount in sums.items() if amount > 0}
