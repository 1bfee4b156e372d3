"""The weather of the model: one of four spells everywhere, told without a call."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from weathertrigger.domain.weather import Metric, Place, Reading
from weathertrigger.errors import Transient


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

    def current(self, place: Place) -> Reading:
        if self.spell is Spell.AWAY:
            raise Transient("there is no weather now", service=self.name)
        rain = {} if self.spell is Spell.BLIND else {Metric.RAIN: 2.0 if self.spell is Spell.RAIN else 0.0}
        at = self.now()
        return Reading(place.id, self.name, at, at, {Metric.TEMPERATURE: 20.0, **rain})
