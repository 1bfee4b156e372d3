"""The settings of the weather-fetcher."""

from dataclasses import dataclass

from weathertrigger.outside.settings import WeatherSettings
from weathertrigger.worker import WorkerSettings


@dataclass(frozen=True, kw_only=True)
class Settings(WorkerSettings, WeatherSettings):
    """What the weather-fetcher needs to know."""
