"""Every replica writes down which workers have ended without a word, and lets go of the messages that they had."""

import logging
from datetime import timedelta

from redis import Redis

from weathertrigger.broker import broker_namespace
from weathertrigger.deliveries.abandoned import brokers_seen, let_go
from weathertrigger.deliveries.all_queues import all_queues
from weathertrigger.storage import worker_registry
from weathertrigger.storage.database import Database
from weathertrigger.storage.worker_registry import WorkerStatus

log = logging.getLogger(__name__)

_KEPT = timedelta(days=7)
_LONG_SILENCE = timedelta(minutes=5)
"""Of a broker that is no worker's: one that was killed and began anew under its name has another broker."""


class RetireStaleWorkers:
    """PostgreSQL says who lives (semantics 14): the heartbeats in Redis are those of the hosts' clocks."""

    def __init__(self, database: Database, redis: Redis, namespace: str) -> None:
        self._database = database
        self._redis = redis
        self._namespace = broker_namespace(namespace)

    def __call__(self) -> list[str]:
        """Gives the names of the workers that were retired."""
        seen = brokers_seen(self._redis, self._namespace)  # before the registry: who is in here by then lives there
        with self._database.transaction() as tx:
            retired = worker_registry.retire(tx)
            worker_registry.forget(tx, _KEPT)
            rows = worker_registry.listed(tx)
        ended = {row.broker_id for row in rows if row.status == WorkerStatus.STOPPED and not row.alive}
        known = {row.broker_id for row in rows}
        silent = {one for one, silence in seen.items() if one not in known and silence > _LONG_SILENCE}
        messages = let_go(self._redis, self._namespace, all_queues(), (ended & seen.keys()) | silent)
        for name in retired:
            log.error("a worker has ended without a word", extra={"worker": name})
        if messages:
            log.info("messages of dead workers are let go", extra={"messages": messages})
        return retired
