"""What is wanted of a place, and what came of it."""

from collections import Counter
from dataclasses import dataclass, field, replace

from weathertrigger.domain.forecast import Forecast
from weathertrigger.domain.weather import Place, Reading
from weathertrigger.errors import ServiceError
from weathertrigger.providers.port import Weather


@dataclass(frozen=True, slots=True)
class Wish:
    """The present weather of a place (`now`), its forecast (`ahead`), or both. The daily calls of the first provider do
    not reach for a place that is `starved`."""

    place: Place
    now: bool
    ahead: bool
    starved: bool = False

    def without(self, found: "Found") -> "Wish":
        """What is still wanted."""
        return replace(self, now=self.now and found.reading is None, ahead=self.ahead and found.forecast is None)

    @property
    def is_met(self) -> bool:
        """Whether nothing is wanted any more."""
        return not (self.now or self.ahead)


@dataclass(slots=True)
class Found:
    """What the providers said of one place, what it cost (calls by service, as the services count them), and why
    something is missing."""

    reading: Reading | None = None
    forecast: Forecast | None = None
    calls: Counter[str] = field(default_factory=Counter)
    errors: list[ServiceError] = field(default_factory=list)

    def take(self, answer: Weather | ServiceError) -> None:
        """Adds one provider's answer; what is there already stays."""
        if isinstance(answer, ServiceError):
            self.errors.append(answer)
        else:
            self.reading = self.reading or answer.reading
            self.forecast = self.forecast or answer.forecast

    @property
    def why_not(self) -> str | None:
        """Why something is missing, provider by provider."""
        return "; ".join(dict.fromkeys(str(error).rstrip(".") for error in self.errors)) or None
