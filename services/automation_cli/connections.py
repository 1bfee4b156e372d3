"""What the commands work with: the settings, the database and Redis."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from redis import RedisError

from services.automation_cli.refusals import NotRung
from services.automation_cli.running import DIRECTORY, environment_of
from weathertrigger import settings as declared
from weathertrigger.broker import connect_redis, make_broker
from weathertrigger.deliveries.queue_broker import QueueBroker
from weathertrigger.environment import read_settings
from weathertrigger.errors import SettingsError, UsageError
from weathertrigger.outside.settings import AdSettings, WeatherSettings
from weathertrigger.schedule.bells import Bells
from weathertrigger.storage.database import Database


@dataclass(frozen=True, kw_only=True)
class RuleSettings(WeatherSettings):
    """What is needed to look at rules where there is no installation."""

    minimum_interval: timedelta = declared.MINIMUM_INTERVAL.field()


@dataclass(frozen=True, kw_only=True)
class DatabaseSettings:
    """What is needed to reach the database, and nothing else."""

    database_url: str = declared.DATABASE_URL.field()


@dataclass(frozen=True, kw_only=True)
class Settings(DatabaseSettings, RuleSettings, AdSettings):
    """What the commands need to know."""

    redis_url: str = declared.REDIS_URL.field()
    redis_namespace: str = declared.REDIS_NAMESPACE.field()


def read_cli_settings() -> Settings:
    """What the commands need to know, of the installation that is meant here.

    Raises:
        UsageError: DATABASE_URL is not set and nothing runs here.
        SettingsError: with everything that is missing or wrong.
    """
    return read_settings(Settings, environment_here())


def installation_if_any() -> tuple[RuleSettings, Database | None]:
    """What is needed to look at rules, and the database of the installation that is meant here, if there is one."""
    try:
        settings = read_cli_settings()
    except UsageError as error:
        if isinstance(error, SettingsError):
            raise
        return read_settings(RuleSettings, os.environ), None
    return settings, connect_database(settings)


def environment_here() -> dict[str, str]:
    """Our environment; what it leaves open, from the installation that `up` runs in this directory.

    A DATABASE_URL of the environment that is not the running one's is about another installation: it stands alone.

    Raises:
        UsageError: DATABASE_URL is not set and nothing runs here.
    """
    own = {name: value for name, value in os.environ.items() if value}
    running = environment_of(DIRECTORY)
    if own.get("DATABASE_URL", running.get("DATABASE_URL")) != running.get("DATABASE_URL"):
        running = {}
    if "DATABASE_URL" not in own and not running:
        raise UsageError(
            "DATABASE_URL is not set and no installation runs in this directory: start one with `make run`."
        )
    return {**running, **own}


def database_here() -> Database:
    """The database of the installation that is meant here. No other setting is looked at: a pause, and whoever wants to
    see what was done, must not fail for one that is missing or wrong."""
    return connect_database(read_settings(DatabaseSettings, environment_here()))


def connect_database(settings: DatabaseSettings) -> Database:
    """The database of the installation; connects at the first use."""
    return Database(settings.database_url, application_name="weathertrigger automation-cli", size=2)


def connect_schedule(settings: Settings) -> tuple[Bells, QueueBroker]:
    """The bells and the queues of the installation; connects at the first use."""
    redis = connect_redis(settings.redis_url)
    return Bells(redis, settings.redis_namespace), make_broker(redis, settings.redis_namespace)


@contextmanager
def ringing(*, otherwise: str = "") -> Iterator[None]:
    """For what only rings, after PostgreSQL has taken the wish: without Redis, or without the settings that lead there,
    nothing is lost, and that is said. `otherwise` is a sentence about what to do where nobody is there to find it.

    Raises:
        NotRung: Redis cannot be used.
    """
    try:
        yield
    except (RedisError, SettingsError) as error:
        reason = str(error) if str(error).endswith(".") else f"{error}."
        raise NotRung(
            f"Redis cannot be used: {reason} What was asked for is saved; the scheduler finds it, a little later."
            f"{' ' * bool(otherwise)}{otherwise}"
        ) from error
