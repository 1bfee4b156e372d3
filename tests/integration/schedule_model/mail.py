"""The messages between the steps, in the hands of somebody who may deliver, repeat, keep back and lose them."""

from collections import deque
from typing import Any, cast  # Any: a message of any actor

import dramatiq
from redis import Redis

from tests.integration.engine import NAMESPACE
from weathertrigger.broker import queue_key
from weathertrigger.queues import EVALUATION, WEATHER

Letter = dramatiq.Message[Any]
_QUEUES = tuple(queue_key(NAMESPACE, queue) for queue in (WEATHER, EVALUATION))
_MOST_COPIES = 20


class Mail:
    """What waits in the two queues, oldest first, and copies of what was taken out."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self.copies: deque[Letter] = deque(maxlen=_MOST_COPIES)

    def waiting(self) -> list[tuple[str, bytes]]:
        """Queue and id of every message."""
        return [(queue, one) for queue in _QUEUES for one in cast("list[bytes]", self._redis.lrange(queue, 0, -1))]

    def take(self, queue: str, redis_id: bytes) -> Letter:
        """Takes a message out, as a worker's prefetching does."""
        body = cast("bytes", self._redis.hget(f"{queue}.msgs", redis_id))
        self._redis.lrem(queue, 1, redis_id)
        self._redis.hdel(f"{queue}.msgs", redis_id)
        letter: Letter = dramatiq.Message.decode(body)
        self.copies.append(letter)
        return letter
