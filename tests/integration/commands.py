"""`automation-cli` as a process, and what a refusal looks like."""

import subprocess
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
NOWHERE = "127.0.0.1:1"  # nobody listens on port 1

Run = Callable[..., subprocess.CompletedProcess[str]]


def assert_refused(done: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """The exit code, nothing on standard output, the words on standard error, and no traceback."""
    assert (done.returncode, done.stdout) == (code, ""), done
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr
