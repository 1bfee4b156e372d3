"""What one worker process does with one queue in Redis: each method is one round trip, and can be done again."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import cast

from dramatiq.brokers.redis import RedisBroker
from dramatiq.errors import ConnectionClosed
from redis import RedisError
from redis.commands.core import Script

from weathertrigger.deliveries.keys import QueueKeys, heartbeats_key

_MOST_GIVEN_BACK = 1000
_LONGEST_REASON = 1000


class OneQueue:
    """A queue as the broker of this process sees it. `take_script` and `bury_script` are those of this folder.

    All methods raise ConnectionClosed, whatever Redis says no with (a time-out, out of memory, read only): Dramatiq
    then begins anew a little later.
    """

    def __init__(self, broker: RedisBroker, name: str, *, take_script: Script, bury_script: Script) -> None:
        self.name = name
        self._broker = broker
        self._keys = QueueKeys(broker.namespace, name)
        self._taken_key = self._keys.taken_by(broker.broker_id)
        self._take_script = take_script
        self._bury_script = bury_script

    def take(self, most: int) -> list[tuple[bytes, bytes]]:
        """The oldest messages, as Redis ids and bodies; they are this process's now."""
        keys = [self._keys.waiting, self._keys.bodies, self._taken_key, heartbeats_key(self._broker.namespace)]
        with _lost_connection():
            found = cast("list[bytes]", self._take_script(keys=keys, args=[most, self._broker.broker_id]))
        return list(zip(found[::2], found[1::2], strict=True))

    def taken(self) -> set[bytes]:
        """What stands as taken by this process."""
        with _lost_connection():
            return cast("set[bytes]", self._broker.client.smembers(self._taken_key))

    def ack(self, redis_id: bytes) -> None:
        """The message is done with."""
        with _lost_connection():
            self._broker.do_ack(self.name, redis_id)

    def give_back(self, redis_ids: Iterable[bytes]) -> None:
        """Others may have these."""
        ids = list(redis_ids)
        for start in range(0, len(ids), _MOST_GIVEN_BACK):
            with _lost_connection():
                self._broker.do_requeue(self.name, *ids[start : start + _MOST_GIVEN_BACK])

    def bury(self, redis_id: bytes, reason: str) -> None:
        """Nobody can work on the message."""
        keys = self._keys
        with _lost_connection():
            self._bury_script(
                keys=[self._taken_key, keys.bodies, keys.dead, keys.dead_bodies, keys.dead_reasons],
                args=[redis_id, reason[:_LONGEST_REASON].encode(errors="backslashreplace")],
            )


@contextmanager
def _lost_connection() -> Iterator[None]:
    try:
        yield
    except RedisError as error:
        raise ConnectionClosed(error) from None  # type: ignore[no-untyped-call]  # Dramatiq leaves it untyped
