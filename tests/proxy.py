"""A TCP proxy of the test's own: what goes through it may lose an answer, or lose its caller unseen by the server."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit, urlunsplit


class Proxy:
    """Carries every connection to one server, and counts what passes."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._word: bytes | None = None
        self._arrives = True
        self._lingers = False
        self._callers: list[socket.socket] = []
        self._servers: list[socket.socket] = []
        self.lost = threading.Event()
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    def lose_answer_to(self, word: bytes) -> None:
        """The answer to the next request with this word is lost, and its connection; then `lost` is set."""
        self._lose(word, arrives=True)

    def lose_request_with(self, word: bytes) -> None:
        """The next request with this word does not reach the server, and its connection is lost."""
        self._lose(word, arrives=False)

    def lose_callers(self) -> None:
        """Closes every connection on the callers' side; the server believes that they are all there."""
        self._lingers = True
        callers, self._callers = self._callers, []
        for one in callers:
            _shut(one)

    def close(self) -> None:
        """No connection is left."""
        _shut(self._listener)
        self._accepting.join()
        for one in (*self._callers, *self._servers):
            _shut(one)

    def _lose(self, word: bytes, *, arrives: bool) -> None:
        self.lost.clear()
        self._arrives = arrives
        self._word = word

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                caller, _ = self._listener.accept()
                self._callers.append(caller)
                server = socket.create_connection(self._server)
                self._servers.append(server)
                threading.Thread(target=self._carry, args=(caller, server), daemon=True).start()

    def _carry(self, caller: socket.socket, server: socket.socket) -> None:
        swallowing = threading.Event()
        threading.Thread(target=self._carry_back, args=(server, caller, swallowing), daemon=True).start()
        with suppress(OSError):
            while data := caller.recv(65536):
                if self._word is not None and self._word in data:
                    self._word = None
                    swallowing.set()
                    if not self._arrives:
                        self.lost.set()
                        break
                server.sendall(data)
        if not self._lingers:
            _shut(server)

    def _carry_back(self, server: socket.socket, caller: socket.socket, swallowing: threading.Event) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                if swallowing.is_set():
                    self.lost.set()
                    break
                caller.sendall(data)
        _shut(caller)


@contextmanager
def proxy_to(url: str) -> Iterator[tuple[Proxy, str]]:
    """A proxy to the server of this URL, and the URL that leads through it."""
    parts = urlsplit(url)
    proxy = Proxy(str(parts.hostname), int(parts.port or 0))
    try:
        through = f"{parts.netloc.rpartition('@')[0]}@127.0.0.1:{proxy.port}".removeprefix("@")
        yield proxy, urlunsplit(parts._replace(netloc=through))
    finally:
        proxy.close()


def _shut(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
