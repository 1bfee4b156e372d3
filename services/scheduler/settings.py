"""The settings of the scheduler."""

from dataclasses import dataclass
from datetime import timedelta

from weathertrigger import settings as declared
from weathertrigger.environment import Setting
from weathertrigger.outside.settings import WeatherSettings
from weathertrigger.setting_readers import ip_address, whole_number
from weathertrigger.worker import WorkerSettings

METRICS_PORT = Setting(
    "METRICS_PORT",
    whole_number(0, 65_535),
    "Port on which the scheduler tells Prometheus how the installation is, at `/metrics`; 0: on none.",
    default=0,
)
METRICS_HOST = Setting(
    "METRICS_HOST",
    ip_address,
    "Address at which it does so: 0.0.0.0 where Prometheus comes from elsewhere. Whoever reaches it may read.",
    default="127.0.0.1",
)


@dataclass(frozen=True, kw_only=True)
class Settings(WorkerSettings, WeatherSettings):
    """What the scheduler needs to know. It calls no ad platform; the metrics tell the limits of each."""

    graceful_shutdown_timeout: timedelta = declared.WORKER_GRACEFUL_SHUTDOWN_TIMEOUT.field()
    weather_retention_days: int = declared.WEATHER_RETENTION_DAYS.field()
    meta_calls_per_hour: int = declared.META_CALLS_PER_HOUR.field()
    google_ads_calls_per_day: int = declared.GOOGLE_ADS_CALLS_PER_DAY.field()
    metrics_port: int = METRICS_PORT.field()
    metrics_host: str = METRICS_HOST.field()
