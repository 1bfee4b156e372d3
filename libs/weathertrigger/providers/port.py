"""What the engine needs of a weather provider. One folder per provider, one line in `registry.py`."""

from typing import Protocol

from weathertrigger.domain.weather import Place, Reading


class WeatherProvider(Protocol):
    """Reads the present weather of one place over HTTP. Safe to use from several threads."""

    @property
    def name(self) -> str:
        """The word used in readings, logs, limits and metrics: `openweather`."""

    def current(self, place: Place) -> Reading:
        """One call, one reading.

        Raises:
            ServiceError: one of the closed set in `errors.py`; never a secret in its text.
        """
