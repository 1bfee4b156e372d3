"""The settings of the scheduler."""

from dataclasses import dataclass
from datetime import timedelta

from weathertrigger import settings as declared
from weathertrigger.outside.settings import WeatherSettings
from weathertrigger.worker import WorkerSettings


@dataclass(frozen=True, kw_only=True)
class Settings(WorkerSettings, WeatherSettings):
    """What the scheduler needs to know. It calls no ad platform; the metrics tell the limits of each."""

    graceful_shutdown_timeout: timedelta = declared.WORKER_GRACEFUL_SHUTDOWN_TIMEOUT.field()
    weather_retention_days: int = declared.WEATHER_RETENTION_DAYS.field()
    meta_calls_per_hour: int = declared.META_CALLS_PER_HOUR.field()
    google_ads_calls_per_day: int = declared.GOOGLE_ADS_CALLS_PER_DAY.field()
    metrics_port: int = declared.METRICS_PORT.field()
    metrics_host: str = declared.METRICS_HOST.field()
