"""The messages between the steps, in the hands of somebody who may deliver, repeat, keep back and lose them."""

from collections import deque
from typing import Any, cast  # Any: a message of any actor

import dramatiq
from redis import Redis

from tests.integration.engine import NAMESPACE
from weathertrigger.broker import queue_key
from weathertrigger.messages import EvaluateRules, FetchWeather, load
from weathertrigger.queues import EVALUATION, WEATHER, ActorName

Letter = dramatiq.Message[Any]
TO_FETCHER, TO_EVALUATOR = (queue_key(NAMESPACE, queue) for queue in (WEATHER, EVALUATION))
_MOST_COPIES = 20


class Mail:
    """What waits in the two queues, oldest first, and copies of what was taken out."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self.copies: deque[Letter] = deque(maxlen=_MOST_COPIES)

    def waiting(self, *queues: str) -> list[tuple[str, bytes]]:
        """Queue and id of every message in these queues, or in both."""
        return [
            (queue, one)
            for queue in queues or (TO_FETCHER, TO_EVALUATOR)
            for one in cast("list[bytes]", self._redis.lrange(queue, 0, -1))
        ]

    def take(self, queue: str, redis_id: bytes) -> Letter:
        """Takes a message out, as a worker's prefetching does."""
        body = cast("bytes", self._redis.hget(f"{queue}.msgs", redis_id))
        self._redis.lrem(queue, 1, redis_id.decode())
        self._redis.hdel(f"{queue}.msgs", redis_id)
        letter: Letter = dramatiq.Message.decode(body)
        self.copies.append(letter)
        return letter


def rules_in(letter: Letter) -> set[str]:
    """The rules whose checks the message carries."""
    if letter.actor_name == ActorName.FETCH_WEATHER:
        places = load(FetchWeather, letter.kwargs).places.values()
        return {rule_id for batch in places for rule_id in batch}
    return {rule_id for one in load(EvaluateRules, letter.kwargs).readings for rule_id in one.checks}
