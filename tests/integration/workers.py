"""Dramatiq workers in this process, and messages that are put straight into their queue, whatever they are."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

import dramatiq
from dramatiq import Worker
from redis import Redis

from weathertrigger.actors import declare_actor
from weathertrigger.broker import broker_namespace, letter
from weathertrigger.deliveries.keys import QueueKeys
from weathertrigger.deliveries.queue_broker import QueueBroker
from weathertrigger.messages import ApplyChanges
from weathertrigger.queues import ActorName, actions_of
from weathertrigger.storage.database import Database

QUEUE = actions_of("meta_ads")
NAMESPACE = "wt"
KEYS = QueueKeys(broker_namespace(NAMESPACE), QUEUE)


@contextmanager
def working(broker: QueueBroker, threads: int = 2) -> Iterator[Worker]:
    """A real Dramatiq worker on the broker's queues."""
    worker = Worker(broker, worker_threads=threads, worker_timeout=20)
    worker.start()
    try:
        yield worker
    finally:
        worker.stop(timeout=10_000)


def consume(broker: QueueBroker, database: Database, step: Callable[[ApplyChanges], None]) -> None:
    """The step does what comes on the queue."""
    declare_actor(broker, database, name=ActorName.APPLY_CHANGES, queue=QUEUE, kind=ApplyChanges, step=step)


def doorbell(account_id: str) -> dramatiq.Message[None]:
    return letter(ActorName.APPLY_CHANGES, QUEUE, ApplyChanges(account_id))


def put(redis: Redis, body: bytes, redis_id: bytes | None = None) -> bytes:
    """Puts anything into the queue as a message; gives its id."""
    name = redis_id or uuid4().hex.encode()
    redis.hset(KEYS.bodies, name, body)
    redis.rpush(KEYS.waiting, name)
    return name


def forged(**changed: object) -> bytes:
    """A doorbell with some of its fields changed."""
    return json.dumps({**doorbell("forged").asdict(), **changed}).encode()


def all_alive(worker: Worker) -> bool:
    """Whether every thread of the worker is there."""
    return all(one.is_alive() for one in (*worker.consumers.values(), *worker.workers))


def left(redis: Redis) -> set[bytes]:
    """The keys that are not empty, without the heartbeats and what is kept of the dead."""
    kept = {KEYS.dead, KEYS.dead_bodies, KEYS.dead_reasons, f"{KEYS.namespace}:__heartbeats__"}
    return set(redis.scan_iter(f"{NAMESPACE}:*")) - {key.encode() for key in kept}
