"""When bells were claimed and checks were handed on, as Redis itself says: its MONITOR shows every command."""

import re
import threading
from types import TracebackType
from typing import Self

import redis

_END = "bench-claims-end"
_RULE_ID = re.compile(r"rule-\d+")


class Claims:
    """Listens from entering to leaving. With `first_only` it goes deaf after the first claim, to cost nothing more.

    `times` of claims and `queued`, of messages in the queue, are rule ids with seconds since the epoch, by the clock of
    Redis.
    """

    def __init__(self, url: str, key: str, queue: str, *, first_only: bool) -> None:
        self.times: dict[str, float] = {}
        self.queued: dict[str, float] = {}
        self._url = url
        self._key = key
        self._bodies = f"{queue}.msgs"
        self._first_only = first_only
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="claims", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._listening.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with redis.Redis.from_url(self._url) as client:
            client.echo(_END)
        self._thread.join(10)

    def _listen(self) -> None:
        with redis.Redis.from_url(self._url) as client, client.monitor() as monitor:
            self._listening.set()
            for seen in monitor.listen():
                words = seen["command"].split(" ")
                if words[-1] == _END:
                    return
                if seen["client_type"] == "lua" and words[:2] == ["ZADD", self._key]:
                    self.times.setdefault(words[3], seen["time"])
                    if self._first_only:
                        return
                elif words[:2] == ["HSET", self._bodies]:
                    for rule_id in _RULE_ID.findall(seen["command"]):
                        self.queued.setdefault(rule_id, seen["time"])
