"""Every replica ends the troubles of services that have worked for a while, also of those that are called seldom."""

from redis import Redis

from weathertrigger.limits.troubles import end_of_breakers
from weathertrigger.storage.database import Database


class EndBreakerTroubles:
    """Looks at the breakers of the troubles that are open, which are few or none."""

    def __init__(self, database: Database, redis: Redis, namespace: str) -> None:
        self._database = database
        self._redis = redis
        self._namespace = namespace

    def __call__(self) -> int:
        """Gives how many were ended."""
        return end_of_breakers(self._redis, self._database, self._namespace)
