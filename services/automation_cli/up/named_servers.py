"""The servers that DATABASE_URL and REDIS_URL name: whether they answer."""

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from services.automation_cli.refusals import Unreachable
from weathertrigger.errors import StorageUnavailable
from weathertrigger.storage.database import Database

_PATIENCE_S = 3


def reach_postgresql(url: str) -> None:
    """Raises Unreachable with PostgreSQL's own words."""
    database = Database(url, application_name="weathertrigger up", size=1)
    try:
        with database.transaction() as tx:
            tx.row("SELECT 1")
    except StorageUnavailable as error:
        raise Unreachable(f"The server that DATABASE_URL names cannot be used. {error}") from None
    finally:
        database.close()


def reach_redis(url: str) -> None:
    """Raises Unreachable with the client's own words."""
    once = Retry(NoBackoff(), 0)
    try:
        with Redis.from_url(url, socket_connect_timeout=_PATIENCE_S, socket_timeout=_PATIENCE_S, retry=once) as redis:
            redis.ping()
    except (RedisError, OSError) as error:
        raise Unreachable(f"The server that REDIS_URL names cannot be used. Redis: {error}") from None
