"""One provider behind its gate: a batch of places is one call, and an answer or a reason comes for each of them."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from weathertrigger.domain.weather import Place
from weathertrigger.errors import Busy, HeldBack, NotFound, Rejected, ServiceError
from weathertrigger.limits.gate import Gate
from weathertrigger.providers.port import Weather, WeatherProvider

_LONGEST_WAIT_FOR_A_SLOT = 5.0
_LOOK_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Answered:
    """By place: the provider's answer, and the calls that it counts for it."""

    answers: Mapping[str, Weather | ServiceError]
    calls: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """A provider and the gate before it."""

    provider: WeatherProvider
    gate: Gate
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def ask(self, places: Sequence[Place], *, now: bool, ahead: bool) -> Answered:
        """The weather of at most `most_places` places. Never raises a ServiceError: it is every place's answer."""
        cost = self.provider.cost(len(places), now=now, ahead=ahead)
        until = self.monotonic() + _LONGEST_WAIT_FOR_A_SLOT
        while True:
            try:
                with self.gate.admit(cost):
                    answers = self.provider.ask(places, now=now, ahead=ahead)
                return Answered({place.id: answers[place.id] for place in places}, _shares(places, cost))
            except Busy as busy:
                if self.monotonic() >= until:
                    return Answered(_of_all(places, busy))
                self.sleep(_LOOK_SECONDS)
            except HeldBack as held:
                return Answered(_of_all(places, held))
            except (Rejected, NotFound) as refusal:
                if len(places) == 1:
                    return Answered(_of_all(places, refusal), _shares(places, cost))
                return self._in_halves(places, cost, now=now, ahead=ahead)
            except ServiceError as error:
                return Answered(_of_all(places, error), _shares(places, cost))

    def _in_halves(self, places: Sequence[Place], cost: int, *, now: bool, ahead: bool) -> Answered:
        """One bad place has its whole batch refused: it is looked for, so that the others have their weather."""
        middle = len(places) // 2
        halves = [self.ask(half, now=now, ahead=ahead) for half in (places[:middle], places[middle:])]
        spent = _shares(places, cost)
        return Answered(
            {**halves[0].answers, **halves[1].answers},
            {place.id: spent[place.id] + sum(half.calls.get(place.id, 0) for half in halves) for place in places},
        )


def _of_all(places: Sequence[Place], error: ServiceError) -> dict[str, Weather | ServiceError]:
    return dict.fromkeys((place.id for place in places), error)


def _shares(places: Sequence[Place], cost: int) -> dict[str, int]:
    """The calls of a batch, place by place: whole numbers that add up."""
    each, rest = divmod(cost, len(places))
    return {place.id: each + (number < rest) for number, place in enumerate(places)}
