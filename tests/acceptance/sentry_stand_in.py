"""An HTTP server in the place of Sentry: takes envelopes, answers as it is told, and keeps every byte."""

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "5e9e1f0c77d64f3fa2c8"


class SentryStandIn(ThreadingHTTPServer):
    """At a free port of this host. `status` is what it answers, but only while `answers` is set."""

    def __init__(self, status: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = status
        self.answers = threading.Event()
        self.answers.set()
        self._lock = threading.Lock()
        self._requests: list[tuple[bytes, bytes]] = []

    @property
    def dsn(self) -> str:
        """What SENTRY_DSN is set to."""
        return f"http://{KEY}@127.0.0.1:{self.server_port}/5"

    @property
    def requests(self) -> int:
        """How many came."""
        with self._lock:
            return len(self._requests)

    def keep(self, head: bytes, body: bytes) -> None:
        with self._lock:
            self._requests.append((head, body))

    def everything(self) -> bytes:
        """Every byte that came, bodies unpacked."""
        with self._lock:
            return b"\n".join(part for request in self._requests for part in request)

    def events(self, logger: str = "") -> list[Any]:  # Any: JSON
        """The events in the order in which they came, of this logger or those under it."""
        with self._lock:
            bodies = [body for _, body in self._requests]
        found = [event for body in bodies for event in _events(body)]
        return [event for event in found if event["logger"].startswith(logger)]

    def sentences(self) -> list[str]:
        """What the lines of the events say."""
        return [event["logentry"]["formatted"] for event in self.events()]


class _Handler(BaseHTTPRequestHandler):
    server: SentryStandIn

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.server.keep(f"{self.requestline}\n{self.headers}".encode(), body)
        self.server.answers.wait()
        self.send_response(self.server.status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


def _events(envelope: bytes) -> Iterator[Any]:  # Any: JSON
    """The events of one envelope: a line about it all, then a line about each item and the item, as long as it says."""
    _, _, rest = envelope.partition(b"\n")
    while rest:
        about, _, rest = rest.partition(b"\n")
        item = json.loads(about)
        assert item["type"] == "event", "nothing else is sent"
        yield json.loads(rest[: item["length"]])
        rest = rest[item["length"] :].lstrip(b"\n")


@contextmanager
def sentry(status: int = 200) -> Iterator[SentryStandIn]:
    """A server that answers in this block."""
    server = SentryStandIn(status)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.answers.set()
        server.shutdown()
        thread.join()
        server.server_close()
