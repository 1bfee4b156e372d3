"""Weather that differs from place to place, and remembers what it said."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from tests.integration.messages_model.scene import PLACES
from tests.integration.schedule_model.sky import Sky
from weathertrigger.domain.weather import Metric, Place, Reading
from weathertrigger.errors import ServiceError
from weathertrigger.instants import to_ms
from weathertrigger.providers.port import Weather

Rain = float | None
"""In mm/h; None: the provider does not know."""


class SkyOfPlaces(Sky):
    """`said` is every answer: place and time in ms, to the rain."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(now)
        self.rain: dict[str, Rain] = dict.fromkeys([place.id for place in PLACES], 0.0)
        self.said: dict[tuple[str, int], Rain] = {}

    def ask(self, places: Sequence[Place], **_: bool) -> Mapping[str, Weather | ServiceError]:
        return {place.id: Weather(self._look(place), None) for place in places}

    def _look(self, place: Place) -> Reading:
        at, rain = self.now(), self.rain[place.id]
        self.said[place.id, to_ms(at)] = rain
        known = {} if rain is None else {Metric.RAIN: rain}
        return Reading(place.id, self.name, at, at, {Metric.TEMPERATURE: 20.0, **known})
