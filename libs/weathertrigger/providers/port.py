"""What the engine needs of a weather provider. One folder per provider, one line in `registry.py`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from weathertrigger.domain.forecast import Forecast, Horizon
from weathertrigger.domain.weather import Place, Reading
from weathertrigger.errors import ServiceError


@dataclass(frozen=True, slots=True)
class Weather:
    """What one provider says of one place: what was asked for, and more where the same answer holds more. Where only
    one of two parts could be read, why the other could not."""

    reading: Reading | None
    forecast: Forecast | None
    why_not: ServiceError | None = None


class WeatherProvider(Protocol):
    """Reads the weather of places over HTTP. Safe to use from several threads."""

    @property
    def name(self) -> str:
        """The word used in readings, logs, limits and metrics: `openweather`."""

    @property
    def horizon(self) -> Horizon:
        """How far its forecast reaches."""

    @property
    def most_places(self) -> int:
        """So many places one question may be about."""

    @property
    def most_at_once(self) -> int:
        """So many questions may be under way at the same time, over all workers."""

    @property
    def both_in_one(self) -> bool:
        """Whether the present and the forecast come in one answer; if not, each is a question of its own."""

    def cost(self, places: int, *, now: bool, ahead: bool) -> int:
        """How many calls the provider counts for this question."""

    def ask(self, places: Sequence[Place], *, now: bool, ahead: bool) -> Mapping[str, Weather | ServiceError]:
        """The weather of at most `most_places` places by their ids: `now` the present, `ahead` the forecast.

        Of a place that could not be answered, the reason.

        Raises:
            ServiceError: nothing was answered; one of the closed set in `errors.py`, never a secret in its text.
        """
