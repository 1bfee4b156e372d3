"""One provider behind its gate: a batch of places is one call, and an answer or a reason comes for each of them."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from weathertrigger.domain.weather import Place
from weathertrigger.errors import Busy, HeldBack, NotFound, Rejected, ServiceError
from weathertrigger.limits.gate import Gate
from weathertrigger.providers.port import Weather, WeatherProvider

log = logging.getLogger(__name__)

_LONGEST_WAIT_FOR_A_SLOT = 5.0
_LOOK_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Batch:
    """Places about which one provider is asked the same in one call."""

    places: Sequence[Place]
    now: bool
    ahead: bool

    def halves(self) -> tuple["Batch", "Batch"]:
        """Two smaller questions, of a batch of at least two places."""
        middle = len(self.places) // 2
        return (
            Batch(self.places[:middle], self.now, self.ahead),
            Batch(self.places[middle:], self.now, self.ahead),
        )


@dataclass(frozen=True, slots=True)
class Answered:
    """By place: the provider's answer, and the calls that it counts for it. `refused`: the batch as a whole; one of its
    places may be the reason."""

    answers: Mapping[str, Weather | ServiceError]
    calls: Mapping[str, int] = field(default_factory=dict)
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """A provider and the gate before it."""

    provider: WeatherProvider
    gate: Gate
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def ask(self, batch: Batch) -> Answered:
        """The weather of at most `most_places` places. Never raises a ServiceError: it is every place's answer."""
        until = self.monotonic() + _LONGEST_WAIT_FOR_A_SLOT
        while True:
            try:
                return self._ask(batch)
            except Busy as busy:
                if self.monotonic() >= until:
                    return _of_all(batch, busy)
                self.sleep(_LOOK_SECONDS)

    def _ask(self, batch: Batch) -> Answered:
        cost = self.provider.cost(len(batch.places), now=batch.now, ahead=batch.ahead)
        try:
            with self.gate.admit(cost):
                answers = self.provider.ask(batch.places, now=batch.now, ahead=batch.ahead)
        except Busy:
            raise
        except HeldBack as held:
            return _of_all(batch, held)
        except ServiceError as error:
            extra = {"provider": self.provider.name, "places": [place.id for place in batch.places]}
            log.warning("no weather", extra={**extra, "error": str(error)})
            return _of_all(batch, error, cost, refused=isinstance(error, Rejected | NotFound))
        return Answered({place.id: answers[place.id] for place in batch.places}, _shares(batch.places, cost))


def _of_all(batch: Batch, error: ServiceError, cost: int = 0, *, refused: bool = False) -> Answered:
    answers = dict.fromkeys((place.id for place in batch.places), error)
    return Answered(answers, _shares(batch.places, cost), refused=refused)


def _shares(places: Sequence[Place], cost: int) -> dict[str, int]:
    """The calls of a batch, place by place: whole numbers that add up."""
    each, rest = divmod(cost, len(places))
    return {place.id: each + (number < rest) for number, place in enumerate(places)}
