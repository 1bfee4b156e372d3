"""The bound on the total time of one HTTP call, which `requests` does not have.

A server that sends one byte every few seconds never runs into a read time-out. So a timer cuts the connection when the
call's time is over, and no request leaves after that. Only looking up the name and connecting may outlast the bound,
by at most their own time-out: nothing has been sent by then.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager, ProxyManager
from urllib3.connection import HTTPConnection, HTTPSConnection


class Deadline:
    """One call's time, running from its making until `stop`."""

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._timer.start()

    def watch(self, connected: socket.socket) -> None:
        """Cuts this socket when the time is over.

        Raises:
            TimeoutError: the time is over already.
        """
        with self._lock:
            if self.passed:
                raise TimeoutError
            self._socket = connected

    def stop(self) -> None:
        """The call has ended; its connection may serve another."""
        self._timer.cancel()
        with self._lock:
            self._socket = None

    def _cut(self) -> None:
        with self._lock:
            self.passed = True
            if self._socket is None:
                return
            try:
                # The method of the plain socket: SSLSocket.shutdown would pull its TLS state from under the reader.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
            except OSError:
                return  # closed meanwhile, which is what was wanted


_running: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


@contextmanager
def deadline(seconds: float) -> Iterator[Deadline]:
    """Bounds every request that this thread makes inside the block through a `DeadlineAdapter`."""
    current = Deadline(seconds)
    token = _running.set(current)
    try:
        yield current
    finally:
        _running.reset(token)
        current.stop()


class _Connection(HTTPConnection):
    """Puts its socket under the running deadline before anything is sent."""

    def connect(self) -> None:
        super().connect()
        self._watch()

    def send(self, data: Any) -> None:  # Any: whatever http.client takes
        if self.sock is not None:
            self._watch()
        super().send(data)

    def _watch(self) -> None:
        current = _running.get()
        if current is not None and self.sock is not None:
            current.watch(self.sock)


class _TlsConnection(_Connection, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class DeadlineAdapter(HTTPAdapter):
    """A `requests` adapter whose connections obey `deadline`, direct or through a proxy."""

    poolmanager: PoolManager

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # Any: handed through as it comes
        super().init_poolmanager(*args, **kwargs)
        _use_our_pools(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> ProxyManager:  # Any: handed through as it comes
        manager: ProxyManager = super().proxy_manager_for(*args, **kwargs)
        _use_our_pools(manager)
        return manager


def _use_our_pools(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
