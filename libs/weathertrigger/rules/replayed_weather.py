"""Recorded weather as it was known at each moment of its time: nothing of what came later, but for the forecast."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from weathertrigger.domain.forecast import Forecast, Values, hour_of
from weathertrigger.domain.series import Series
from weathertrigger.domain.weather import Reading
from weathertrigger.rules.judge import PlaceWeather

_NOBODY = "recording"


@dataclass(frozen=True, slots=True)
class Recording:
    """What was observed at a place, in the order of time, and the zone of the place's days if that is known."""

    readings: Sequence[Reading]
    zone: tzinfo | None = None


class ReplayedWeather:
    """One recording, played once from its beginning on: the moments that are asked for only go on.

    The forecast is perfect: it says of each hour what was then observed in it, and was fetched just now.
    """

    def __init__(self, recording: Recording, *, max_age: timedelta, looks_around: bool) -> None:
        self._recording = recording
        self._max_age = max_age
        self._looks_around = looks_around
        self._next = 0
        self._past: dict[int, Values] = {}
        place_id = recording.readings[0].place_id if recording.readings else ""
        to_come = {hour_of(one.observed_at): one.values for one in recording.readings} if looks_around else {}
        self._to_come = (place_id, to_come)

    def at(self, moment: datetime) -> PlaceWeather:
        """The newest observation that is not too old, and what is known of the hours around the moment."""
        readings, count = self._recording.readings, len(self._recording.readings)
        while self._next < count and readings[self._next].observed_at <= moment:
            if self._looks_around:
                self._past[hour_of(readings[self._next].observed_at)] = readings[self._next].values
            self._next += 1
        newest = readings[self._next - 1] if self._next else None
        present = newest if newest and moment - newest.observed_at <= self._max_age else None
        return PlaceWeather(present, self._around(moment))

    def _around(self, moment: datetime) -> Series | None:
        if not self._looks_around:
            return None
        place_id, hours = self._to_come
        return Series(moment, self._past, Forecast(place_id, _NOBODY, moment, hours), self._recording.zone)
