"""Runs several processes as if they were one in the foreground: they end together."""

import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from types import FrameType

from weathertrigger.parent_death import tied_to_parent

_LOOK_SECONDS = 0.1
_KILLED = 1


class Foreground:
    """Processes with one environment. Their output is ours."""

    def __init__(self, commands: Sequence[Sequence[str]], environment: Mapping[str, str]) -> None:
        self._commands = commands
        self._environment = dict(environment)
        self._asked = False

    def run(self) -> int:
        """Starts them and waits for all. SIGTERM or SIGINT asks all to end, once, as soon as they run; when one of them
        ends by itself the others are asked too.

        Gives 0 when all ended with 0 (or before they had begun, as they were asked), else the exit code of the first
        that did not (1 for one that was killed).
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)
        processes = [self._start(command) for command in self._commands]
        ended: dict[int, int] = {}
        told = False
        while len(ended) < len(processes):
            time.sleep(_LOOK_SECONDS)
            for process in processes:
                if process.pid not in ended and process.poll() is not None:
                    ended[process.pid] = process.returncode
            if (ended or self._asked) and not told:
                told = True
                for process in processes:
                    process.send_signal(signal.SIGTERM)  # none to one that has ended: Popen knows
        failed = [code for code in ended.values() if code and not (self._asked and code == -signal.SIGTERM)]
        return max(failed[0], _KILLED) if failed else 0

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self._asked = True

    def _start(self, command: Sequence[str]) -> "subprocess.Popen[bytes]":
        """In a session of its own: the terminal's Ctrl-C is for us alone. Told twice, Dramatiq would drop its work."""
        argv = tied_to_parent(command, signal.SIGTERM)
        return subprocess.Popen(argv, env=self._environment, start_new_session=True)  # noqa: S603  the command is ours
