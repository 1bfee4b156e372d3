"""Delivers every message of the queues again: at once under its own id, later under another one, and not in order.

It listens to what Redis is told (MONITOR), so that no message is too quick for it.
"""

import codecs
import random
import re
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from types import TracebackType
from typing import Self

import orjson
from redis import ConnectionError, Redis, TimeoutError  # noqa: A004 - Redis's own

from weathertrigger.broker import broker_namespace

_WORD = re.compile(rb'"((?:[^"\\]|\\.)*)"')
_COPY = "copy-"
_LATEST_S = 20.0  # by then the lease of the message has ended
_LOOK_EVERY_S = 0.005


@dataclass(frozen=True, order=True, slots=True)
class _Delivery:
    """When it is due, and what goes into which queue; without a body the id alone, again."""

    at: float
    message_id: str
    queue: str
    body: bytes | None = None


class MessageDoubler:
    """At work from entering to leaving the block."""

    def __init__(self, url: str, namespace: str, chance: random.Random) -> None:
        self.messages = 0
        self._url = url
        self._queues = f"{broker_namespace(namespace)}:".encode()
        self._chance = chance
        self._number = count()
        self._planned: list[_Delivery] = []
        self._lock = threading.Lock()
        self._end = threading.Event()
        self._listening = threading.Event()
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._listen, self._deliver)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        self._listening.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join(10)

    def _listen(self) -> None:
        while not self._end.is_set():
            with suppress(ConnectionError, TimeoutError):  # Redis lets go of a listener that is too slow
                self._listen_while_it_lasts()

    def _listen_while_it_lasts(self) -> None:
        with Redis.from_url(self._url, socket_timeout=120) as client, client.monitor() as monitor:
            self._listening.set()
            while not self._end.is_set():
                words = [codecs.escape_decode(word)[0] for word in _WORD.findall(monitor.connection.read_response())]
                if len(words) == 4 and words[0].upper() == b"HSET" and words[1].startswith(self._queues):
                    self._plan(words[1].removesuffix(b".msgs").decode(), words[2].decode(), words[3])

    def _plan(self, queue: str, message_id: str, body: bytes) -> None:
        """The same again soon, and a copy at any time; copies of copies would never end."""
        if message_id.startswith(_COPY):
            return
        message = orjson.loads(body)
        copy_id = message["options"]["redis_message_id"] = f"{_COPY}{next(self._number)}"
        now = time.monotonic()
        later = now + self._chance.choice((0.2, 2.0, _LATEST_S)) * self._chance.random()
        with self._lock:
            heappush(self._planned, _Delivery(now, message_id, queue))
            heappush(self._planned, _Delivery(later, copy_id, queue, orjson.dumps(message)))
        self.messages += 1

    def _deliver(self) -> None:
        with Redis.from_url(self._url) as client:
            while not self._end.wait(_LOOK_EVERY_S):
                client.ping()  # so that whoever listens never waits in vain
                for one in self._due():
                    if one.body is not None:
                        client.hset(f"{one.queue}.msgs", one.message_id, one.body)
                    push = self._chance.choice((client.lpush, client.rpush))  # to either end: the order is lost
                    push(one.queue, one.message_id)

    def _due(self) -> Iterator[_Delivery]:
        while self._planned and self._planned[0].at <= time.monotonic():
            with self._lock:
                one = heappop(self._planned)
            yield one
