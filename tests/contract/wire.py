"""A tiny real HTTP server on 127.0.0.1 that gives scripted answers, good and broken, and remembers every request."""

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from urllib.parse import parse_qs, urlsplit

from weathertrigger.http.client import Bounds

_STEP_S = 0.05


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it came over the wire. The names of headers are lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: str

    @property
    def form(self) -> dict[str, str]:
        """The body as a form."""
        return {name: values[0] for name, values in parse_qs(self.body, strict_parsing=True).items()}


@dataclass(slots=True)
class Wire:
    """What the server was asked, and the scripted replies: the last one serves for ever."""

    url: str = ""
    seen: list[Seen] = field(default_factory=list)
    replies: list["Reply"] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)
    bytes_sent: int = 0

    def script(self, *replies: "Reply") -> None:
        """Sets the replies from here on, and forgets what was seen."""
        self.replies = list(replies)
        self.seen.clear()


class Handler(BaseHTTPRequestHandler):
    """Takes the request down, then lets the script reply."""

    protocol_version = "HTTP/1.1"
    wbufsize = 65_536  # head and body leave together: apart, the delayed acknowledgement costs 40 ms
    wire: Wire

    def do_GET(self) -> None:
        """Any GET."""
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode()
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.wire.seen.append(Seen(self.command, url.path, query, headers, body))
        reply = self.wire.replies.pop(0) if len(self.wire.replies) > 1 else self.wire.replies[0]
        try:
            reply(self)
        except OSError:
            self.close_connection = True  # the client has gone, as it should in these tests

    do_POST = do_GET  # noqa: N815 - the name that http.server looks for

    def send(self, data: bytes) -> None:
        """Sends raw bytes and counts them."""
        self.wfile.write(data)
        self.wfile.flush()
        self.wire.bytes_sent += len(data)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def server_bind(self) -> None:
        """Without the look-up of this machine's name, which takes half a second on some."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def handle_error(self, *_: object) -> None:
        """Says nothing: clients that leave and connections that break are what these tests are about."""


Reply = Callable[[Handler], None]


@contextmanager
def serve() -> Iterator[Wire]:
    """A server for the time of the block."""
    wire = Wire()
    handler = type("BoundHandler", (Handler,), {"wire": wire})
    server = _Server(("127.0.0.1", 0), handler)
    wire.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield wire
    finally:
        wire.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


def says(value: object, status: int = 200, **headers: str) -> Reply:
    """A JSON answer; underscores in the names of headers become hyphens."""
    return sends(json.dumps(value).encode(), status, content_type="application/json", **headers)


def sends(body: bytes, status: int = 200, **headers: str) -> Reply:
    """A whole answer with these bytes as its body."""

    def reply(handler: Handler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.send(body)

    return reply


def hangs(handler: Handler) -> None:
    """Never answers."""
    handler.wire.closing.wait()
    handler.close_connection = True


def patience_for(reply: Reply) -> Bounds:
    """Little where no answer will come, and otherwise so much that a busy machine changes nothing."""
    return Bounds(read=0.3) if reply is hangs else Bounds()


def resets(handler: Handler) -> None:
    """Resets the TCP connection."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True


def breaks_off(handler: Handler) -> None:
    """Promises 1,000 bytes and closes after 9."""
    handler.send(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"half": ')
    handler.close_connection = True


def drips_headers(handler: Handler) -> None:
    """One byte of an endless header every few hundredths of a second, so that no read ever times out."""
    handler.send(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not handler.wire.closing.wait(_STEP_S):
        handler.send(b"x")


def drips_body(handler: Handler) -> None:
    """A good JSON body without a length, after which the connection stays open with a blank now and then."""
    handler.send(b'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{"complete": true}')
    while not handler.wire.closing.wait(_STEP_S):
        handler.send(b" ")
    handler.close_connection = True


def floods(handler: Handler) -> None:
    """50 MB of blanks."""
    block = b" " * 65_536
    handler.send(b"HTTP/1.1 200 OK\r\nContent-Length: 52428800\r\n\r\n")
    for _ in range(52_428_800 // len(block)):
        handler.send(block)
