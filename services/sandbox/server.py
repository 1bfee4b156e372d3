"""A threaded HTTP/1.1 server with keep-alive that can also break a connection for real.

werkzeug's own request handler ends the connection after each answer and waits 10 ms for stray bytes; this one reads the
whole request first and keeps the connection.
"""

import io
import os
import socket
import struct
import sys
import traceback
from typing import TYPE_CHECKING

from werkzeug import Request, Response
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_SEND_RESET = struct.pack("ii", 1, 0)  # SO_LINGER on, for 0 s: closing sends RST, and no FIN before it


class ConnectionBroken(Exception):
    """Raised by the application: reset this TCP connection instead of answering."""


class PortInUse(Exception):
    """The address cannot be listened on; the text is for a person."""


class Server(ThreadedWSGIServer):
    """Serves one WSGI application until `shutdown()` is called from another thread."""

    def __init__(self, host: str, port: int, application: "WSGIApplication") -> None:
        """Listens at once; port 0 takes a free one (see `port`).

        Raises:
            PortInUse: somebody else listens there, or the host is not one of this machine.
        """
        try:
            listener = socket.create_server((host, port), backlog=128)
        except OSError as fault:
            is_lookup = isinstance(fault, socket.gaierror)
            reason = fault.strerror if is_lookup or fault.errno is None else os.strerror(fault.errno)
            raise PortInUse(f"Cannot listen on {host}:{port}: {reason}.") from None
        with listener:
            super().__init__(host, port, application, Handler, fd=listener.fileno())

    def shutdown_request(self, request: "socket.socket | tuple[bytes, socket.socket]") -> None:
        """Ends a connection; one that is to be reset is closed without saying goodbye first."""
        if isinstance(request, socket.socket) and _is_to_be_reset(request):
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002  # the base decides
        """A client that went away is nothing to report; anything else is."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            traceback.print_exc()


class Handler(WSGIRequestHandler):
    """Reads the whole request, asks the application, writes the answer piece by piece."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def run_wsgi(self) -> None:
        """Answers one request. An application's own error is a plain 500 and a traceback on stderr."""
        self.environ = self.make_environ()
        self.environ["wsgi.input"] = io.BytesIO(Request(self.environ).get_data())
        self.environ["wsgi.input_terminated"] = True
        try:
            answer = Response.from_app(self.server.app, self.environ)
        except ConnectionBroken:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _SEND_RESET)
            self.close_connection = True
        except Exception:  # noqa: BLE001  # the border of the application
            traceback.print_exc()
            self._send(Response("The sandbox itself failed; see its standard error.\n", 500))
        else:
            self._send(answer)

    def _send(self, answer: Response) -> None:
        """Every answer says how long it is."""
        try:
            self.send_response(answer.status_code)
            for name, value in answer.headers:
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                for piece in answer.iter_encoded():
                    self.wfile.write(piece)
        except ConnectionError:
            self.close_connection = True

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002  # the name is werkzeug's
        """Says nothing: the journal is the log."""

    def version_string(self) -> str:
        """The `Server` header."""
        return "sandbox"


def _is_to_be_reset(connection: socket.socket) -> bool:
    return connection.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, len(_SEND_RESET)) == _SEND_RESET
