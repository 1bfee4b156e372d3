"""Real providers with one thing amiss."""

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from weathertrigger.domain.weather import Place
from weathertrigger.errors import Rejected, ServiceError
from weathertrigger.providers.port import Weather, WeatherProvider


class Odd:
    """A provider as far as it is like the real one."""

    def __init__(self, real: WeatherProvider) -> None:
        self.name, self.horizon, self.cost = real.name, real.horizon, real.cost
        self.most_places, self.most_at_once, self.both_in_one = real.most_places, real.most_at_once, real.both_in_one
        self.real = real


class Late(Odd):
    """Tells what was observed so long ago, on a host whose clock is off by so much."""

    def __init__(self, real: WeatherProvider, by: timedelta, *, clock: timedelta = timedelta()) -> None:
        super().__init__(real)
        self._by = by
        self._clock = clock

    def ask(self, places: Sequence[Place], *, now: bool, ahead: bool) -> Mapping[str, Weather | ServiceError]:
        return {
            place_id: self._late(answer) for place_id, answer in self.real.ask(places, now=now, ahead=ahead).items()
        }

    def _late(self, answer: Weather | ServiceError) -> Weather | ServiceError:
        if isinstance(answer, ServiceError) or answer.reading is None:
            return answer
        reading = answer.reading
        observed_at, fetched_at = reading.observed_at - self._by + self._clock, reading.fetched_at + self._clock
        return replace(answer, reading=replace(reading, observed_at=observed_at, fetched_at=fetched_at))


class Died(BaseException):
    """The worker is dead."""


class Dying(Odd):
    """Takes its worker with it after so many answers."""

    def __init__(self, real: WeatherProvider, *, after: int) -> None:
        super().__init__(real)
        self._left = threading.Semaphore(after)

    def ask(self, places: Sequence[Place], *, now: bool, ahead: bool) -> Mapping[str, Weather | ServiceError]:
        if not self._left.acquire(blocking=False):
            raise Died
        return self.real.ask(places, now=now, ahead=ahead)


class Picky(Odd):
    """Refuses every question that is also about one of these places, and does not say which."""

    def __init__(self, real: WeatherProvider, unknown: Collection[str]) -> None:
        super().__init__(real)
        self._unknown = unknown
        self.questions = 0

    def ask(self, places: Sequence[Place], *, now: bool, ahead: bool) -> Mapping[str, Weather | ServiceError]:
        self.questions += 1
        if any(place.id in self._unknown for place in places):
            raise Rejected("No data is available for this location", service=self.name)
        return self.real.ask(places, now=now, ahead=ahead)
