"""Somebody asks this process to stop: a signal, another thread, or another host."""

import math
import time

_LOOK_SECONDS = 0.05


class StopRequest:
    """A flag, and waiting for it by looking. Nothing here has a lock, because a signal handler asks too: one that comes
    while the main thread is inside an Event's `wait` (or a SimpleQueue's `get`) can leave both waiting forever."""

    def __init__(self) -> None:
        self._asked = False

    def ask(self) -> None:
        """Asks; again changes nothing."""
        self._asked = True

    def is_asked(self) -> bool:
        """Whether somebody has asked."""
        return self._asked

    def wait(self, seconds: float = math.inf) -> bool:
        """Waits, at most so long; True when somebody has asked."""
        until = time.monotonic() + seconds
        while not self._asked and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, _LOOK_SECONDS))
        return self._asked
