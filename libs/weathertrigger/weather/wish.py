"""What is wanted of a place, and what came of it."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import timedelta

from weathertrigger.domain.forecast import Forecast
from weathertrigger.domain.weather import Place, Reading
from weathertrigger.errors import NotFound, ServiceError
from weathertrigger.providers.port import Weather

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Wish:
    """The present weather of a place (`now`), its forecast (`ahead`), or both. The daily calls of the first provider do
    not reach for a place that is `starved`."""

    place: Place
    now: bool
    ahead: bool
    starved: bool = False

    @property
    def parts(self) -> set[str]:
        """What is wanted, each by a name: the present of this place, the forecast of this place."""
        named = {self.now_part: self.now, self.ahead_part: self.ahead}
        return {part for part, is_wanted in named.items() if is_wanted}

    @property
    def now_part(self) -> str:
        """The name of the present of this place."""
        return f"now:{self.place.id}"

    @property
    def ahead_part(self) -> str:
        """The name of its forecast."""
        return f"ahead:{self.place.id}"

    @property
    def is_met(self) -> bool:
        """Whether nothing is wanted any more."""
        return not (self.now or self.ahead)

    def without(self, parts: Collection[str]) -> "Wish":
        """The same wish but for these parts."""
        return replace(
            self, now=self.now and self.now_part not in parts, ahead=self.ahead and self.ahead_part not in parts
        )


@dataclass(slots=True)
class Found:
    """What the providers said of one place, what it cost (calls by service, as the services count them), and why
    something is missing."""

    reading: Reading | None = None
    forecast: Forecast | None = None
    calls: Counter[str] = field(default_factory=Counter)
    errors: list[ServiceError] = field(default_factory=list)

    def take(self, answer: Weather | ServiceError, max_age: timedelta) -> Weather:
        """Adds one provider's answer, and gives what was new in it. Weather that was observed longer ago than `max_age`
        is none (semantics 4): somebody else may know better."""
        if isinstance(answer, ServiceError):
            self.errors.append(answer)
            return Weather(None, None)
        if answer.why_not is not None:
            self.errors.append(answer.why_not)
        new = Weather(
            None if self.reading else self._young_enough(answer.reading, max_age),
            None if self.forecast else answer.forecast,
        )
        self.reading = self.reading or new.reading
        self.forecast = self.forecast or new.forecast
        return new

    def left_of(self, wish: Wish) -> Wish:
        """What of the wish is not met."""
        return replace(wish, now=wish.now and self.reading is None, ahead=wish.ahead and self.forecast is None)

    @property
    def why_not(self) -> str | None:
        """Why something is missing, provider by provider."""
        return "; ".join(dict.fromkeys(str(error).rstrip(".") for error in self.errors)) or None

    def _young_enough(self, reading: Reading | None, max_age: timedelta) -> Reading | None:
        if reading is None or reading.fetched_at - reading.observed_at <= max_age:
            return reading
        minutes = (reading.fetched_at - reading.observed_at) // _MINUTE
        said = f"{reading.provider} tells only what was observed {minutes} min ago"
        self.errors.append(NotFound(said, service=reading.provider))
        return None
