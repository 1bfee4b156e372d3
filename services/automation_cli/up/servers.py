"""Embedded PostgreSQL and Redis for `up`: they start at the same time, and start again when they end."""

import logging
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from types import TracebackType
from typing import Self

from services.automation_cli.up.supervisor import Event, Happened
from weathertrigger.embedded import EmbeddedServerError
from weathertrigger.embedded.server import EmbeddedServer

log = logging.getLogger(__name__)

_LOOK_EVERY_S = 0.1
_AGAIN_AFTER_S = 1.0


class Servers:
    """Embedded servers, from the start of the block to its end.

    Args:
        servers: not started yet.
        tell: called with what happens to a server, in its keeper's thread.
    """

    def __init__(self, servers: Sequence[EmbeddedServer], tell: Callable[[Event], None]) -> None:
        self._keepers = {server.name: _Keeper(server, tell) for server in servers}

    def url(self, name: str) -> Future[str] | None:
        """The URL of the server of this name, as soon as it answers; None: there is no such server here.

        The future raises EmbeddedServerError when the server cannot be started.
        """
        keeper = self._keepers.get(name)
        return keeper.url if keeper else None

    def __enter__(self) -> Self:
        for keeper in self._keepers.values():
            keeper.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for keeper in self._keepers.values():
            keeper.ask_to_end()
        for keeper in self._keepers.values():
            keeper.join()


class _Keeper:
    """One embedded server and its thread. The thread lives as long as the server, because Linux ends a child when the
    *thread* that started it ends."""

    def __init__(self, server: EmbeddedServer, tell: Callable[[Event], None]) -> None:
        self.url: Future[str] = Future()
        self._server = server
        self._tell = tell
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._keep, name=f"keeper of {server.name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def ask_to_end(self) -> None:
        self._end.set()

    def join(self) -> None:
        """Waits for the end. A server in the middle of its start is stopped from here, and that ends its start."""
        while self._thread.is_alive():
            if not self.url.done():
                self._server.stop()
            self._thread.join(_LOOK_EVERY_S)

    def _keep(self) -> None:
        try:
            url = self._server.start()
        except BaseException as error:  # noqa: BLE001  whoever waits for the URL raises it
            self.url.set_exception(error)
            return
        self._tell(Event(self._server.name, Happened.STARTED, pid=self._server.pid))
        self.url.set_result(url)
        while not self._end.wait(_LOOK_EVERY_S):
            if _has_ended(self._server.pid):
                self._start_again()
        self._server.stop()

    def _start_again(self) -> None:
        """Its port and its password are remembered, so it is found where it was."""
        self._tell(Event(self._server.name, Happened.ENDED))
        self._server.stop()
        self._tell(Event(self._server.name, Happened.RESTARTING, wait_s=0))
        while not self._end.is_set():
            try:
                self._server.start()
            except EmbeddedServerError as error:
                log.error("%s", error)  # noqa: TRY400  the sentence says it all
                self._end.wait(_AGAIN_AFTER_S)
            else:
                self._tell(Event(self._server.name, Happened.STARTED, pid=self._server.pid))
                return


def _has_ended(pid: int) -> bool:
    """Whether a child of ours has ended; it is not collected."""
    return hasattr(os, "waitid") and os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
