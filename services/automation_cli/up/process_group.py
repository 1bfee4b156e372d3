"""A process with all the processes that it starts, as one thing that can be ended without remainder."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from weathertrigger.parent_death import tied_to_parent

_VANISHING_S = 1.0


class ProcessGroup:
    """A command in a session of its own: a terminal's Ctrl-C does not reach it, a signal to the group reaches all.

    The group's number is the first process's pid, and stays ours as long as that process has not been collected. So
    the group is always killed *before* the first process is: afterwards the number could be a stranger's.

    Args:
        argv: the command line.
        log: file that standard output and error are appended to; its folder is made.
        environment: variables beyond ours.
        folder: working directory, ours where not given.

    Raises:
        OSError: it cannot be started.
    """

    def __init__(
        self, argv: Sequence[str], *, log: Path, environment: Mapping[str, str] | None, folder: Path | None
    ) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self._first = subprocess.Popen(  # noqa: S603  the command is ours
                tied_to_parent(argv, signal.SIGTERM),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
                cwd=folder,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The first process, and the number of the group."""
        return self._first.pid

    def has_ended(self) -> bool:
        """Whether the first process has ended; it is not collected."""
        if not hasattr(os, "waitid"):  # macOS before Python 3.13
            return self._first.poll() is not None
        if self._first.returncode is not None:
            return True
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def ask_to_end(self) -> None:
        """SIGTERM to the first process alone: a second one makes a Dramatiq worker drop what it is doing."""
        with suppress(ProcessLookupError):
            self._first.send_signal(signal.SIGTERM)

    def end(self) -> int:
        """Kills what is left of the group and collects the first process.

        Returns:
            The first process's exit code, or minus the signal that ended it.
        """
        with suppress(ProcessLookupError, PermissionError):  # macOS answers EPERM for a group of the dead
            os.killpg(self.pid, signal.SIGKILL)
        code = self._first.wait()
        self._wait_for_the_others()
        return code

    def _wait_for_the_others(self) -> None:
        """Death by SIGKILL is certain but takes a moment. Where process 1 collects no orphans the number stays."""
        deadline = time.monotonic() + _VANISHING_S
        with suppress(ProcessLookupError, PermissionError):
            while time.monotonic() < deadline:
                os.killpg(self.pid, 0)
                time.sleep(0.005)
