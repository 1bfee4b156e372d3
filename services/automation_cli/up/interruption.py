"""Ctrl-C, SIGTERM and a closed terminal as one event: nothing is torn out of the middle, everything ends in order."""

import signal
from concurrent.futures import Future
from typing import TypeVar

from weathertrigger.stop_request import StopRequest

T = TypeVar("T")

_LOOK_EVERY_S = 0.02


class Interrupted(Exception):  # not an error: somebody wants us to end
    """Raised between two steps of the start when the end is asked for."""


class Interruption(StopRequest):
    """Set once somebody asks us to end. Asking again changes nothing: the end takes seconds, and is under way."""

    def listen(self) -> None:
        """From now on signals do nothing but ask. For the main thread only."""
        numbers = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
        if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:  # as under nohup
            numbers.remove(signal.SIGHUP)
        for number in numbers:
            signal.signal(number, lambda *_: self.ask())

    def check(self) -> None:
        """Raises Interrupted when the end is asked for."""
        if self.is_asked():
            raise Interrupted

    def result_of(self, future: Future[T]) -> T:
        """Waits for a result, or raises Interrupted as soon as the end is asked for."""
        while not future.done():
            self.check()
            self.wait(_LOOK_EVERY_S)
        return future.result()
