"""The weather of the model: one of four spells everywhere, told without a call."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from weathertrigger.domain.forecast import Horizon
from weathertrigger.domain.weather import Metric, Place, Reading
from weathertrigger.errors import ServiceError, Transient
from weathertrigger.providers.port import Weather


class Spell(StrEnum):
    """What the provider says."""

    RAIN = "rain"
    DRY = "dry"
    BLIND = "blind"  # a reading that does not know the rain
    AWAY = "away"  # no reading


@dataclass
class Sky:
    """A weather provider that says what the model wants."""

    now: Callable[[], datetime]
    spell: Spell = Spell.DRY
    name: str = "openweather"
    horizon: Horizon = Horizon(120, 5)
    most_places: int = 1
    most_at_once: int = 16
    both_in_one: bool = True

    def cost(self, places: int, **_: bool) -> int:
        return places

    def ask(self, places: Sequence[Place], **_: bool) -> Mapping[str, Weather | ServiceError]:
        if self.spell is Spell.AWAY:
            raise Transient("there is no weather now", service=self.name)
        return {place.id: Weather(self._reading(place), None) for place in places}

    def _reading(self, place: Place) -> Reading:
        rain = {} if self.spell is Spell.BLIND else {Metric.RAIN: 2.0 if self.spell is Spell.RAIN else 0.0}
        at = self.now()
        return Reading(place.id, self.name, at, at, {Metric.TEMPERATURE: 20.0, **rain})
