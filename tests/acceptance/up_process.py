"""`automation-cli up` as a real process, and what it leaves behind."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from signal import SIGINT, SIGKILL, Signals

import pytest

from tests.processes import is_alive, wait_until

SERVICES = ("sandbox", "scheduler", "weather-fetcher", "rule-evaluator", "ad-action")
_TOUCHY = re.compile("KEY|TOKEN|URL|MINIMUM_INTERVAL|WEATHER_REFRESH|LOG_|WORKER_ID")


class UpProcess:
    """A running `up`, its output so far, and every process that it was seen to have."""

    def __init__(self, data: Path, *options: str, **environment: str) -> None:
        own = {name: value for name, value in os.environ.items() if not _TOUCHY.search(name)}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "services.automation_cli", "up", "--data", str(data), *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**own, **environment},
        )
        self.lines: list[str] = []
        self.family: set[int] = set()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    def wait_for(self, pattern: str, times: int = 1, patience_s: float = 30) -> re.Match[str]:
        """Waits until so many lines of the output match; gives the last of them."""

        def found() -> list[re.Match[str]]:
            return [match for line in list(self.lines) if (match := re.search(pattern, line))]

        def enough() -> bool:
            if len(found()) < times and not is_alive(self.pid):
                pytest.fail(f"up ended before {pattern!r} was seen {times} times:\n{self.output}")
            return len(found()) >= times

        wait_until(enough, patience_s=patience_s)
        self.look_at_family()
        return found()[times - 1]

    def pid_of(self, service: str) -> int:
        """The service's present process."""
        pids = re.findall(rf"^{service} runs.*\(process (\d+)\)$", self.output, re.MULTILINE)
        return int(pids[-1])

    def look_at_family(self) -> set[int]:
        """Notes every process that descends from this one now."""
        self.family |= set(_descendants(self.pid))
        return self.family

    def send(self, number: Signals) -> None:
        """Sends a signal to `up` alone."""
        self._process.send_signal(number)

    def interrupt(self) -> int:
        """Ctrl-C; gives the exit code."""
        self.look_at_family()
        self.send(SIGINT)
        return self.wait()

    def interrupt_twice(self) -> int:
        """Ctrl-C by somebody who is impatient; gives the exit code."""
        self.look_at_family()
        self.send(SIGINT)
        wait_until(lambda: "stopping" in self.lines or not is_alive(self.pid))
        self.send(SIGINT)
        return self.wait()

    def wait(self, patience_s: float = 30) -> int:
        """Waits for the end; gives the exit code."""
        code = self._process.wait(patience_s)
        self._reader.join(patience_s)
        return code

    def leaves_nothing(self, patience_s: float = 10) -> None:
        """Waits until no process of its family is left."""
        wait_until(lambda: not any(is_alive(pid) for pid in self.family), patience_s=patience_s)

    def close(self) -> None:
        """Kills what a failed test left, and closes the pipe."""
        if self._process.poll() is None:
            self.send(SIGKILL)
            self.wait()
        if self._process.stdout:
            self._process.stdout.close()

    def _read(self) -> None:
        for line in self._process.stdout or ():
            self.lines.append(line.rstrip("\n"))


@contextmanager
def up(data: Path, *options: str, **environment: str) -> Iterator[UpProcess]:
    """Starts it; it is ended with the block."""
    process = UpProcess(data, *options, **environment)
    try:
        yield process
    finally:
        process.close()


def _descendants(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(child) for child in task.read_text().split()]
        except (FileNotFoundError, ProcessLookupError):
            continue
        for child in children:
            yield child
            yield from _descendants(child)
