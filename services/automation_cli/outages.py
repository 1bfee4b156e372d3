"""Which errors say that a server or a service is away, and may be back at the next try."""

import sys

from weathertrigger.errors import PoolTimeout, ServiceError, StatementTimeout, StorageUnavailable

_AWAY = (StorageUnavailable, PoolTimeout, StatementTimeout, ServiceError)


def is_outage(error: Exception) -> bool:
    """Whether it is one of those."""
    return isinstance(error, _AWAY) or is_of_redis(error)


def is_of_redis(error: Exception) -> bool:
    """Whether Redis raised it, in a command that has loaded Redis at all: most have not, and start faster for it."""
    redis = sys.modules.get("redis")
    return redis is not None and isinstance(error, redis.RedisError)
