"""Waiting for a condition, with an end."""

import time
from collections.abc import Callable

_PATIENCE_S = 300.0


class TookTooLong(Exception):
    """What was waited for did not happen."""


def wait_for(what: str, condition: Callable[[], object], *, every: float = 0.05) -> None:
    """Looks every so many seconds.

    Raises:
        TookTooLong: not within five minutes.
    """
    deadline = time.monotonic() + _PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise TookTooLong(f"{what}: not within {_PATIENCE_S:.0f} s")
        time.sleep(every)
