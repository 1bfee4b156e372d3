"""The settings of the scheduler."""

from dataclasses import dataclass
from datetime import timedelta

from weathertrigger.outside.settings import WeatherSettings
from weathertrigger.settings import WEATHER_RETENTION_DAYS, WORKER_GRACEFUL_SHUTDOWN_TIMEOUT
from weathertrigger.worker import WorkerSettings


@dataclass(frozen=True, kw_only=True)
class Settings(WorkerSettings, WeatherSettings):
    """What the scheduler needs to know."""

    graceful_shutdown_timeout: timedelta = WORKER_GRACEFUL_SHUTDOWN_TIMEOUT.field()
    weather_retention_days: int = WEATHER_RETENTION_DAYS.field()
