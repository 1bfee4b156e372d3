"""What `up` reads from the environment: the servers, if they are not to be embedded, and the keys."""

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

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Reads them all, those too that only the services use: a wrong one is said before anything starts.

        Raises:
            SettingsError: with everything that is wrong.
        """
        return read_settings(cls, environ)
