"""Somebody asks this process to stop: a signal, another thread, or another host."""

from contextlib import suppress
from queue import Empty, SimpleQueue


class StopRequest:
    """For one thread that waits. May be asked from a signal handler too. An Event may not: a handler that comes while the
    main thread is in the middle of the Event's `wait` would wait for it, as it waits for the handler."""

    def __init__(self) -> None:
        self._asked = False
        self._bell: SimpleQueue[None] = SimpleQueue()

    def ask(self) -> None:
        """Asks; again changes nothing."""
        self._asked = True
        self._bell.put(None)

    def is_asked(self) -> bool:
        """Whether somebody has asked."""
        return self._asked

    def wait(self, seconds: float | None = None) -> bool:
        """Waits, at most so long if that is said; True when somebody has asked."""
        if not self._asked:
            with suppress(Empty):
                self._bell.get(timeout=seconds)
        return self._asked
