"""Dramatiq's broker with our own consumer, and without its maintenance.

Maintenance gives back what dead workers had, by chance and with KEYS over the whole of Redis. Here a check that nobody
finished rings again by itself, so the scheduler only lets go of what a dead worker had (`abandoned.py`).
"""

from collections.abc import Sequence

from dramatiq.broker import Consumer
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import Middleware, ShutdownNotifications, TimeLimit
from redis import Redis

from weathertrigger.deliveries.consumer import IdleConsumer, QueueConsumer
from weathertrigger.deliveries.one_queue import OneQueue
from weathertrigger.lua import script
from weathertrigger.workers.jobs import Jobs

TIME_LIMIT_MS = 120_000


class QueueBroker(RedisBroker):
    """A broker on this Redis in this namespace.

    Attributes:
        jobs: counts what the worker of this process does.
        is_stopping: set when the worker of this process stops: nothing more is taken.
    """

    def __init__(self, redis: Redis, namespace: str, middleware: Sequence[Middleware] = ()) -> None:
        self.jobs = Jobs()
        super().__init__(  # type: ignore[no-untyped-call]  # Dramatiq leaves its constructor untyped
            client=redis,
            namespace=namespace,
            middleware=[TimeLimit(time_limit=TIME_LIMIT_MS), ShutdownNotifications(), self.jobs, *middleware],
            maintenance_chance=0,
        )
        self.is_stopping = False
        self.take = redis.register_script(script("deliveries", "take"))
        self.bury = redis.register_script(script("deliveries", "bury"))
        self._in_hand: dict[str, set[bytes]] = {}

    def consume(self, queue_name: str, prefetch: int = 1, timeout: int = 5000) -> Consumer:
        """A consumer of the queue; a queue for delayed messages is left alone."""
        if queue_name in self.delay_queues:
            return IdleConsumer(timeout)
        return QueueConsumer(
            OneQueue(self, queue_name, take_script=self.take, bury_script=self.bury),
            in_hand=self.in_hand(queue_name),
            actors=self.actors,
            is_stopping=lambda: self.is_stopping,
            prefetch=prefetch,
            timeout_ms=timeout,
        )

    def in_hand(self, queue_name: str) -> set[bytes]:
        """The Redis ids of the messages of a queue that this process works on or has ready."""
        return self._in_hand.setdefault(queue_name, set())
