"""Ends a process in which a thread that does the work has died: it would look healthy and do nothing."""

import logging
import os
import threading
from collections.abc import Callable, Iterable

log = logging.getLogger(__name__)

EXIT_CODE = 70
_LOOK_SECONDS = 1.0


class Watchdog:
    """Looks once a second, until it is called off.

    Args:
        threads: those that must be alive, as they are at the moment of looking.
        end: ends the process at once; whoever supervises it starts a new one.
    """

    def __init__(
        self, threads: Callable[[], Iterable[threading.Thread]], end: Callable[[int], object] = os._exit
    ) -> None:
        self._threads = threads
        self._end = end
        self._off = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def start(self) -> None:
        """From now on."""
        self._thread.start()

    def call_off(self) -> None:
        """The threads may end now."""
        self._off.set()

    def _watch(self) -> None:
        while not self._off.wait(_LOOK_SECONDS):
            dead = [one.name for one in self._threads() if not one.is_alive()]
            if dead and not self._off.is_set():
                log.critical("a thread has died, and the process ends with it", extra={"threads": dead})
                self._end(EXIT_CODE)
                return
