"""What `up` reads from the environment: the servers, if they are not to be embedded, the keys, and all that the
services read that it starts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from weathertrigger import settings as declared
from weathertrigger.environment import read_settings
from weathertrigger.outside.settings import AdSettings, WeatherSettings


@dataclass(frozen=True, kw_only=True)
class UpSettings(WeatherSettings, AdSettings):
    """Everything has a default."""

    database_url: str | None = declared.DATABASE_URL.optional().field()
    redis_url: str | None = declared.REDIS_URL.optional().field()
    redis_namespace: str = declared.REDIS_NAMESPACE.field()
    log_level: str = declared.LOG_LEVEL.field()
    log_format: str = declared.LOG_FORMAT.field()
    minimum_interval: timedelta = declared.MINIMUM_INTERVAL.field()
    # Of the services alone: a wrong one would end each of them as often as it is started.
    sentry_dsn: str | None = declared.SENTRY_DSN.field()
    worker_id: str | None = declared.WORKER_ID.field()
    health_check_interval: timedelta = declared.WORKER_HEALTH_CHECK_INTERVAL.field()
    max_concurrent_jobs: int = declared.WORKER_MAX_CONCURRENT_JOBS.field()
    graceful_shutdown_timeout: timedelta = declared.WORKER_GRACEFUL_SHUTDOWN_TIMEOUT.field()
    weather_retention_days: int = declared.WEATHER_RETENTION_DAYS.field()
    change_attempts: int = declared.CHANGE_ATTEMPTS.field()
    metrics_port: int = declared.METRICS_PORT.field()
    metrics_host: str = declared.METRICS_HOST.field()

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Reads them all, those too that only the services use: a wrong one is said before anything starts.

        Raises:
            SettingsError: with everything that is wrong.
        """
        return read_settings(cls, environ)
