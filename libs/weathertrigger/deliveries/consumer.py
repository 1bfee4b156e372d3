"""Takes messages out of one queue for the threads of a worker process.

In the place of Dramatiq's own consumer, which one time-out of Redis ends for good, which never finds again what a lost
answer had given it, and which leaves what it had fetched lying when one message of it cannot be read.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Container, Iterable

from dramatiq.broker import Consumer, MessageProxy
from dramatiq.common import compute_backoff

from weathertrigger.deliveries.one_queue import OneQueue
from weathertrigger.deliveries.reading import read_message

log = logging.getLogger(__name__)


class QueueConsumer(Consumer):
    """One queue. A new one is made after every failure of Redis.

    Args:
        in_hand: the Redis ids of the messages that this process works on or has ready; kept from one to the next.
        actors: names of those who can work on messages.
        is_stopping: whether the worker stops, so that nothing more is taken.
        prefetch: most messages in hand.
        timeout_ms: longest sleep while there is nothing to do.
    """

    def __init__(
        self,
        queue: OneQueue,
        *,
        in_hand: set[bytes],
        actors: Container[str],
        is_stopping: Callable[[], bool],
        prefetch: int,
        timeout_ms: int,
    ) -> None:
        self._queue = queue
        self._in_hand = in_hand
        self._actors = actors
        self._is_stopping = is_stopping
        self._prefetch = prefetch
        self._timeout_ms = timeout_ms
        self._cache: deque[tuple[bytes, bytes]] = deque()
        self._misses = 0
        self._reclaim()

    def __next__(self) -> MessageProxy | None:
        """A message, or None after a while in which there was none. A worker that stops takes nothing more."""
        if not self._cache and not self._is_stopping():
            self._take()
        if self._is_stopping():  # perhaps since a moment ago
            self._give_back([one for one, _ in self._cache])
            self._cache.clear()
        while self._cache:
            redis_id, body = self._cache.popleft()
            try:
                message = read_message(body, redis_id, queue=self._queue.name, actors=self._actors)
            except (ValueError, TypeError) as error:
                about = {"queue": self._queue.name, "reason": str(error)}
                log.error("message is not readable", extra=about)  # noqa: TRY400  the reason says it all
                self._bury(redis_id, f"not readable: {error}")
                continue
            self._in_hand.add(redis_id)
            return MessageProxy(message)
        self._misses, wait_ms = compute_backoff(self._misses, max_backoff=self._timeout_ms)
        time.sleep(wait_ms / 1000)
        return None

    def ack(self, message: MessageProxy) -> None:
        """The message is done with."""
        redis_id = message.options["redis_message_id"]
        self._queue.ack(redis_id)
        self._in_hand.discard(redis_id)

    def nack(self, message: MessageProxy) -> None:
        """Nobody can work on the message."""
        error = message._exception  # noqa: SLF001  Dramatiq has no other way to ask
        self._bury(message.options["redis_message_id"], f"{type(error).__name__}: {error}" if error else "was refused")

    def requeue(self, messages: Iterable[MessageProxy]) -> None:
        """Gives messages back that were not begun."""
        self._give_back([message.options["redis_message_id"] for message in messages])

    def _take(self) -> None:
        room = self._prefetch - len(self._in_hand)
        if room > 0 and (found := self._queue.take(room)):
            self._cache.extend(found)
            self._misses = 0

    def _bury(self, redis_id: bytes, reason: str) -> None:
        self._queue.bury(redis_id, reason)
        self._in_hand.discard(redis_id)

    def _give_back(self, redis_ids: Iterable[bytes]) -> None:
        ids = list(redis_ids)
        self._queue.give_back(ids)
        self._in_hand.difference_update(ids)

    def _reclaim(self) -> None:
        """What stands as taken by us and is in nobody's hand came with an answer that was lost: it goes back."""
        if lost := self._queue.taken() - self._in_hand:
            about = {"queue": self._queue.name, "messages": len(lost)}
            log.info("messages of a lost answer are given back", extra=about)
            self._give_back(lost)


class IdleConsumer(Consumer):
    """Of a queue of delayed messages, of which there are none here: it asks Redis nothing."""

    def __init__(self, timeout_ms: int) -> None:
        self._timeout_ms = timeout_ms

    def __next__(self) -> None:
        time.sleep(self._timeout_ms / 1000)
