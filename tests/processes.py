"""Looking at processes, and waiting for a condition instead of a number of seconds."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest


def wait_until(condition: Callable[[], object], *, patience_s: float = 15.0, every_s: float = 0.01) -> None:
    """Waits until `condition` is true, looking that often; fails the test after `patience_s`."""
    deadline = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"not within {patience_s:.0f} s: {condition}")
        time.sleep(every_s)


def is_alive(pid: int) -> bool:
    """Whether a process runs. One that has ended and that nobody has collected (a zombie) does not."""
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat")
        return not state.exists() or state.read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
