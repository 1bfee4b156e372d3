"""How far the clocks of PostgreSQL, of Redis and of this host are apart."""

from collections.abc import Callable
from datetime import datetime, timedelta

from redis import Redis

from services.automation_cli.doctor.finding import Finding, ok, warning
from weathertrigger.clock import utc_now
from weathertrigger.instants import from_ms
from weathertrigger.storage import checks
from weathertrigger.storage.database import Database

_TOO_FAR = timedelta(seconds=1)


def clocks(database: Database, redis: Redis) -> Finding:
    """Each server against this host, in the middle of the question."""
    with database.transaction() as tx:
        checks.clock(tx)  # connecting takes time, and is no part of the question
        postgresql = _ahead(lambda: checks.clock(tx))
    in_redis = _ahead(lambda: _time_of(redis))
    found = f"PostgreSQL {_seconds(postgresql)}, Redis {_seconds(in_redis)} against this host"
    apart = max(postgresql, in_redis, timedelta()) - min(postgresql, in_redis, timedelta())
    if apart > _TOO_FAR:
        return warning(
            found, "Harmless for the schedule, which goes by PostgreSQL's clock; put them right so that logs compare."
        )
    return ok(found)


def _ahead(ask: Callable[[], datetime]) -> timedelta:
    before = utc_now()
    told = ask()
    return told - (before + (utc_now() - before) / 2)


def _time_of(redis: Redis) -> datetime:
    seconds, micros = redis.time()
    return from_ms(seconds * 1000 + micros // 1000)


def _seconds(length: timedelta) -> str:
    return f"{length.total_seconds():+.3f} s"
