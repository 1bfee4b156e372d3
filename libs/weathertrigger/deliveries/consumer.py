"""Takes messages out of one queue for the threads of a worker process.

In the place of Dramatiq's own consumer, which one time-out of Redis ends for good, which never finds again what a lost
answer had given it, and which leaves what it had fetched lying when one message of it cannot be read.
"""

import dataclasses
import logging
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import dramatiq
from dramatiq.broker import Consumer, MessageProxy
from dramatiq.common import compute_backoff
from dramatiq.errors import ConnectionClosed
from redis import RedisError

from weathertrigger.deliveries.keys import QueueKeys, heartbeats_key

if TYPE_CHECKING:
    from weathertrigger.deliveries.queue_broker import QueueBroker

log = logging.getLogger(__name__)

_MOST_GIVEN_BACK = 1000
_LONGEST_REASON = 1000
_KINDS: dict[str, type] = {
    "queue_name": str,
    "actor_name": str,
    "kwargs": dict,
    "options": dict,
    "message_id": str,
}


class QueueConsumer(Consumer):
    """One queue. A new one is made after every failure of Redis; the broker knows what the one before it had."""

    def __init__(self, broker: "QueueBroker", queue_name: str, prefetch: int, timeout: int) -> None:
        self._broker = broker
        self._queue_name = queue_name
        self._keys = QueueKeys(broker.namespace, queue_name)
        self._taken_key = self._keys.taken_by(broker.broker_id)
        self._take_keys = [self._keys.waiting, self._keys.bodies, self._taken_key, heartbeats_key(broker.namespace)]
        self._prefetch = prefetch
        self._timeout_ms = timeout
        self._cache: deque[tuple[bytes, bytes]] = deque()
        self._in_hand = broker.in_hand(queue_name)
        self._misses = 0
        self._reclaim()

    def __next__(self) -> MessageProxy | None:
        """A message, or None after a while in which there was none. A worker that stops takes nothing more."""
        if not self._cache and not self._broker.is_stopping:
            self._take()
        if self._broker.is_stopping:  # perhaps since a moment ago
            self._give_back([one for one, _ in self._cache])
            self._cache.clear()
        while self._cache:
            redis_id, body = self._cache.popleft()
            try:
                message = self._read(body, redis_id)
            except (ValueError, TypeError) as error:
                log.warning("message is not readable", extra={"queue": self._queue_name, "reason": str(error)})
                self._bury(redis_id, f"not readable: {error}")
                continue
            self._in_hand.add(redis_id)
            return MessageProxy(message)
        self._misses, wait_ms = compute_backoff(self._misses, max_backoff=self._timeout_ms)
        time.sleep(wait_ms / 1000)
        return None

    def ack(self, message: MessageProxy) -> None:
        """The message is done with."""
        with _lost_connection():
            self._broker.do_ack(self._queue_name, message.options["redis_message_id"])
        self._in_hand.discard(message.options["redis_message_id"])

    def nack(self, message: MessageProxy) -> None:
        """Nobody can work on the message."""
        error = message._exception  # noqa: SLF001  Dramatiq has no other way to ask
        self._bury(message.options["redis_message_id"], f"{type(error).__name__}: {error}" if error else "was refused")

    def requeue(self, messages: Iterable[MessageProxy]) -> None:
        """Gives messages back that were not begun."""
        self._give_back([message.options["redis_message_id"] for message in messages])

    def _take(self) -> None:
        room = self._prefetch - len(self._in_hand)
        if room <= 0:
            return
        with _lost_connection():
            found = cast(
                "list[bytes]",
                self._broker.take(keys=self._take_keys, args=[room, self._broker.broker_id]),
            )
        self._cache.extend(zip(found[::2], found[1::2], strict=True))
        if found:
            self._misses = 0

    def _read(self, body: bytes, redis_id: bytes) -> dramatiq.Message[Any]:  # Any: actors give nothing back here
        """The message of a body that may be anything. Of its options none is kept: nobody here sends any, and Dramatiq
        would act on them.

        Raises:
            ValueError, TypeError: what is wrong with it.
        """
        message = _decoded(body)
        if message.queue_name != self._queue_name:
            raise ValueError(f"it is for the queue {message.queue_name!r:.100}")
        if message.actor_name not in self._broker.actors:
            raise ValueError(f"nobody here is called {message.actor_name!r:.100}")
        if "eta" in message.options:
            raise ValueError("it is delayed, and nothing is delayed here")
        return dataclasses.replace(message, options={"redis_message_id": redis_id})

    def _bury(self, redis_id: bytes, reason: str) -> None:
        keys = self._keys
        why = reason[:_LONGEST_REASON].encode(errors="backslashreplace")
        with _lost_connection():
            self._broker.bury(
                keys=[self._taken_key, keys.bodies, keys.dead, keys.dead_bodies, keys.dead_reasons],
                args=[redis_id, why],
            )
        self._in_hand.discard(redis_id)

    def _give_back(self, redis_ids: Iterable[bytes]) -> None:
        ids = list(redis_ids)
        for start in range(0, len(ids), _MOST_GIVEN_BACK):
            with _lost_connection():
                self._broker.do_requeue(self._queue_name, *ids[start : start + _MOST_GIVEN_BACK])
        self._in_hand.difference_update(ids)

    def _reclaim(self) -> None:
        """What stands as taken by us and is in nobody's hand came with an answer that was lost: it goes back."""
        with _lost_connection():
            taken = cast("set[bytes]", self._broker.client.smembers(self._taken_key))
        if lost := taken - self._in_hand:
            log.info(
                "messages of a lost answer are given back", extra={"queue": self._queue_name, "messages": len(lost)}
            )
            self._give_back(lost)


class IdleConsumer(Consumer):
    """Of a queue of delayed messages, of which there are none here: it asks Redis nothing."""

    def __init__(self, _broker: object, _queue_name: str, _prefetch: int, timeout: int) -> None:
        self._timeout_ms = timeout

    def __next__(self) -> None:
        time.sleep(self._timeout_ms / 1000)


def _decoded(body: bytes) -> dramatiq.Message[Any]:  # Any: idem
    try:
        message: dramatiq.Message[Any] = dramatiq.Message.decode(body)
    except dramatiq.DecodeError as error:
        is_json = not isinstance(error.error, (ValueError, dramatiq.DecodeError))
        raise ValueError("it is no message" if is_json else "it is no JSON") from error
    for field, kind in _KINDS.items():
        if not isinstance(getattr(message, field), kind):
            raise TypeError(f"its {field} is no {kind.__name__}")
    return message


@contextmanager
def _lost_connection() -> Iterator[None]:
    """Whatever Redis says no with (a time-out, out of memory, read only), the consumer begins anew a little later."""
    try:
        yield
    except RedisError as error:
        raise ConnectionClosed(error) from None  # type: ignore[no-untyped-call]  # Dramatiq leaves it untyped
