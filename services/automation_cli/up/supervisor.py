"""Runs the services as real processes, starts those that end again, and leaves none behind.

All is done by one thread, `supervisor`: it alone starts, watches and ends processes. So nothing that happens in the
main thread, such as Ctrl-C in the middle of the start, can find a process that nobody has written down. Linux ends the
services when that thread ends, also by a `kill -9` of this process (`weathertrigger.parent_death`).
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Self

from services.automation_cli.up.process_group import ProcessGroup

log = logging.getLogger(__name__)

_LOOK_EVERY_S = 0.05
_FIRST_WAIT_S = 0.2
_LONGEST_WAIT_S = 5.0
_CANNOT_START = 127  # as a shell says it
_LONG_LIFE_S = 30.0  # who lived this long has not crashed in a row


@dataclass(frozen=True, slots=True)
class Command:
    """One service: its name, its command line, what its environment has beyond ours, and where its output goes."""

    name: str
    argv: Sequence[str]
    log: Path
    environment: Mapping[str, str] | None = None
    folder: Path | None = None


class Happened(Enum):
    """What a supervisor tells."""

    STARTED = "started"
    ENDED = "ended"
    RESTARTING = "restarting"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a service.

    Attributes:
        pid: for STARTED and ENDED: of the process; None where it could not even be started.
        code: for ENDED: the exit code, or minus the signal that ended it.
        wait_s: for RESTARTING: the seconds until it starts again.
    """

    service: str
    happened: Happened
    pid: int | None = None
    code: int | None = None
    wait_s: float | None = None


def wait_before_restart(last_wait_s: float | None, life_s: float) -> float:
    """Seconds until a service starts again that lived `life_s` seconds: the longer, the more often it has crashed."""
    if last_wait_s is None or life_s >= _LONG_LIFE_S:
        return _FIRST_WAIT_S
    return min(2 * last_wait_s, _LONGEST_WAIT_S)


class Supervisor:
    """Keeps the services of a list of commands running until it is stopped.

    Args:
        commands: what to run; they start in this order.
        tell: called with each event, in the supervisor's thread; `queue.Queue().put` is a good one.
        wait: seconds until a service starts again, by its last wait and its life.
    """

    def __init__(
        self,
        commands: Sequence[Command],
        tell: Callable[[Event], None] = lambda _: None,
        wait: Callable[[float | None, float], float] = wait_before_restart,
    ) -> None:
        self._services = [_Service(command, tell, wait) for command in commands]
        self._thread = threading.Thread(target=self._supervise, name="supervisor", daemon=True)
        self._wake = threading.Event()
        self._stop_by: float | None = None

    def start(self) -> None:
        """Begins to start the services and returns at once.

        Raises:
            RuntimeError: it was started before.
        """
        self._thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        """Asks all services to end (SIGTERM, all at once), kills what is left after `timeout` seconds, and returns
        when no process is left. May be called at any time, from any thread, and again: the shortest time counts.
        """
        by = time.monotonic() + timeout
        self._stop_by = by if self._stop_by is None else min(by, self._stop_by)
        self._wake.set()
        if self._thread.ident is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _supervise(self) -> None:
        try:
            while self._stop_by is None:
                for service in self._services:
                    if self._stop_by is None:
                        service.look()
                self._wake.wait(_LOOK_EVERY_S)
        finally:
            self._end_all()

    def _end_all(self) -> None:
        for service in self._services:
            service.ask_to_end()
        while self._stop_by is not None and time.monotonic() <= self._stop_by:
            running = [service for service in self._services if service.is_running()]
            if not running:
                break
            time.sleep(_LOOK_EVERY_S)
        for service in self._services:
            service.end()


class _Service:
    """One service and its present process."""

    def __init__(
        self, command: Command, tell: Callable[[Event], None], wait: Callable[[float | None, float], float]
    ) -> None:
        self._command = command
        self._tell_somebody = tell
        self._wait_before_restart = wait
        self._process: ProcessGroup | None = None
        self._started_at = 0.0
        self._start_at = 0.0
        self._wait_s: float | None = None

    def look(self) -> None:
        """Starts it if that is due; if it has ended, plans the next start."""
        if self._process is None:
            if time.monotonic() >= self._start_at:
                self._start()
        elif not self.is_running():
            self._plan_restart()

    def is_running(self) -> bool:
        """Whether it runs. One whose first process has ended is ended wholly, and collected."""
        if self._process is not None and self._process.has_ended():
            self.end()
        return self._process is not None

    def ask_to_end(self) -> None:
        """Asks it to finish its work and end."""
        if self._process is not None:
            self._process.ask_to_end()

    def end(self) -> None:
        """Ends it now, with every process that it started."""
        if self._process is not None:
            process, self._process = self._process, None
            self._tell(Event(self._command.name, Happened.ENDED, pid=process.pid, code=process.end()))

    def _start(self) -> None:
        command = self._command
        self._started_at = time.monotonic()
        try:
            self._process = ProcessGroup(
                command.argv, log=command.log, environment=command.environment, folder=command.folder
            )
        except OSError as error:
            log.error("%s cannot be started: %s", command.name, error)  # noqa: TRY400  the sentence says it all
            self._tell(Event(command.name, Happened.ENDED, code=_CANNOT_START))
            self._plan_restart()
        else:
            self._tell(Event(command.name, Happened.STARTED, pid=self._process.pid))

    def _plan_restart(self) -> None:
        now = time.monotonic()
        self._wait_s = self._wait_before_restart(self._wait_s, now - self._started_at)
        self._start_at = now + self._wait_s
        self._tell(Event(self._command.name, Happened.RESTARTING, wait_s=self._wait_s))

    def _tell(self, event: Event) -> None:
        try:
            self._tell_somebody(event)
        except Exception:
            log.exception("somebody could not be told of an event")  # and must not cost us the processes
