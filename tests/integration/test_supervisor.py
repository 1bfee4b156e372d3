"""The supervisor with real processes: ends, kills, crashes, grandchildren, a stop at every moment."""

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.automation_cli.up.supervisor import Command, Event, Happened, Supervisor, wait_before_restart
from tests.processes import is_alive, wait_until

_RUNS_ON = "import time\nprint('here', flush=True)\nwhile True: time.sleep(1)"
_STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("here", flush=True)
while True: time.sleep(1)
"""
# Like Dramatiq's main process: forks a child that deals with SIGTERM itself, and tells its pid.
_WITH_CHILD = """
import os, signal, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\\n"
                          "while True: time.sleep(1)"])
print(child.pid, flush=True)
while True: time.sleep(1)
"""
_SUPERVISOR = """
import sys, time
from pathlib import Path
from services.automation_cli.up.supervisor import Command, Supervisor
supervisor = Supervisor([Command("one", [sys.executable, "-c", sys.argv[1]], Path(sys.argv[2]))],
                        lambda event: print(event.happened.value, event.pid, flush=True))
supervisor.start()
time.sleep(600)
"""


class _Watch:
    """A running supervisor and what it told."""

    def __init__(self, supervisor: Supervisor, told: "queue.SimpleQueue[Event]", log: Path) -> None:
        self.supervisor = supervisor
        self.log = log
        self._told = told

    def next(self) -> Event:
        return self._told.get(timeout=15)

    def next_pid(self) -> int:
        event = self.next()
        assert event.happened is Happened.STARTED
        assert event.pid is not None
        return event.pid

    def wait_for_log(self, lines: int = 1) -> list[str]:
        wait_until(lambda: self.log.exists() and self.log.read_text().count("\n") >= lines)
        return self.log.read_text().splitlines()


@contextmanager
def _supervised(tmp_path: Path, script: str) -> Iterator[_Watch]:
    told: queue.SimpleQueue[Event] = queue.SimpleQueue()
    log = tmp_path / "logs" / "one.log"
    supervisor = Supervisor([Command("one", [sys.executable, "-c", script], log)], told.put)
    supervisor.start()
    try:
        yield _Watch(supervisor, told, log)
    finally:
        supervisor.stop(0)


def test_starts_logs_and_stops(tmp_path: Path) -> None:
    """A service starts, its output is appended to its log, SIGTERM ends it, and nothing is left."""
    with _supervised(tmp_path, _RUNS_ON) as watch:
        pid = watch.next_pid()
        watch.wait_for_log()
        watch.supervisor.stop(10)
        ended = watch.next()
        assert (ended.happened, ended.pid, ended.code) == (Happened.ENDED, pid, -signal.SIGTERM)
        assert not is_alive(pid)
    with _supervised(tmp_path, _RUNS_ON) as watch:
        assert watch.wait_for_log(2) == ["here", "here"]


def test_restarts_with_growing_waits(tmp_path: Path) -> None:
    """A service that ends is told with its code and started again, after waits that double from 0.2 s."""
    with _supervised(tmp_path, "raise SystemExit(3)") as watch:
        waits = []
        for _ in range(3):
            watch.next_pid()
            assert watch.next().code == 3
            waits.append(watch.next().wait_s)
        assert waits == [0.2, 0.4, 0.8]


def test_waits_are_bounded_and_forgotten() -> None:
    """The wait grows to 5 s and no further, and starts anew after a life of 30 s."""
    waits = [wait_before_restart(None, 0)]
    while waits[-1] < 5:
        waits.append(wait_before_restart(waits[-1], 29.9))
    assert waits == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0]
    assert wait_before_restart(5.0, 29.9) == 5.0
    assert wait_before_restart(5.0, 30.0) == 0.2


def test_kill_9_of_a_service_takes_its_children_along(tmp_path: Path) -> None:
    """When a service is killed, the processes it had started are ended before it starts again."""
    with _supervised(tmp_path, _WITH_CHILD) as watch:
        pid = watch.next_pid()
        (child,) = map(int, watch.wait_for_log())
        os.kill(pid, signal.SIGKILL)
        assert watch.next().code == -signal.SIGKILL
        assert not is_alive(child)
        assert watch.next().happened is Happened.RESTARTING
        assert watch.next_pid() != pid


def test_stop_takes_grandchildren_along(tmp_path: Path) -> None:
    """A stop leaves no grandchild, not even one that ignores SIGTERM."""
    with _supervised(tmp_path, _WITH_CHILD) as watch:
        pid = watch.next_pid()
        (child,) = map(int, watch.wait_for_log())
        watch.supervisor.stop(10)
        assert not is_alive(pid)
        assert not is_alive(child)


def test_a_service_that_does_not_end_is_killed(tmp_path: Path) -> None:
    """What has not ended when the time is over is killed."""
    with _supervised(tmp_path, _STUBBORN) as watch:
        pid = watch.next_pid()
        watch.wait_for_log()
        watch.supervisor.stop(0.2)
        assert watch.next().code == -signal.SIGKILL
        assert not is_alive(pid)


def test_stop_cuts_a_longer_stop_short(tmp_path: Path) -> None:
    """A second stop with less time ends the wait of the first: a second Ctrl-C works."""
    with _supervised(tmp_path, _STUBBORN) as watch:
        pid = watch.next_pid()
        watch.wait_for_log()
        patient = threading.Thread(target=watch.supervisor.stop, args=(600,))
        patient.start()
        watch.supervisor.stop(0)
        patient.join(15)
        assert not patient.is_alive()
        assert not is_alive(pid)


def test_stop_during_the_start(tmp_path: Path) -> None:
    """A stop right after the start, or before it, leaves nothing, and may be repeated."""
    for _ in range(5):
        told: list[Event] = []
        commands = [Command(f"{n}", [sys.executable, "-c", _RUNS_ON], tmp_path / f"{n}.log") for n in range(3)]
        supervisor = Supervisor(commands, told.append)
        supervisor.start()
        supervisor.stop(5)
        supervisor.stop(5)
        started = [event.pid for event in told if event.happened is Happened.STARTED]
        assert started == [event.pid for event in told if event.happened is Happened.ENDED]
        assert not any(is_alive(pid) for pid in started if pid)
    Supervisor([]).stop()


def test_stop_while_waiting_to_restart(tmp_path: Path) -> None:
    """A service that waits for its restart does not come back after a stop."""
    with _supervised(tmp_path, "raise SystemExit(1)") as watch:
        while watch.next().happened is not Happened.RESTARTING:
            pass
        watch.supervisor.stop(5)
        assert not [thread for thread in threading.enumerate() if thread.name == "supervisor"]


def test_one_that_cannot_be_started(tmp_path: Path) -> None:
    """A program that does not exist is one line in the log and code 127, and keeps no other service from running."""
    told: queue.SimpleQueue[Event] = queue.SimpleQueue()
    log = tmp_path / "bad.log"
    commands = [
        Command("bad", ["/nowhere/program"], log),
        Command("worse", [sys.executable], tmp_path / "bad.log" / "not-a-folder" / "x.log"),
        Command("good", [sys.executable, "-c", _RUNS_ON], tmp_path / "good.log"),
    ]
    supervisor = Supervisor(commands, told.put)
    supervisor.start()
    try:
        wait_until((tmp_path / "good.log").exists)
        codes: dict[str, int | None] = {}
        while codes.keys() != {"bad", "worse"}:
            event = told.get(timeout=15)
            if event.happened is Happened.ENDED:
                codes[event.service] = event.code
        assert codes == {"bad": 127, "worse": 127}
        assert log.read_text().splitlines()[0] == "/nowhere/program cannot be run: No such file or directory"
    finally:
        supervisor.stop(0)


def test_a_listener_that_fails(tmp_path: Path) -> None:
    """An error of whoever is told costs no process."""
    pids: list[int | None] = []

    def fail(event: Event) -> None:
        pids.append(event.pid)
        raise ValueError("cannot listen")

    with Supervisor([Command("one", [sys.executable, "-c", _RUNS_ON], tmp_path / "one.log")], fail):
        wait_until(lambda: pids)
    assert pids[0] is not None
    assert pids == [pids[0], pids[0]]
    assert not is_alive(pids[0])


def test_kill_9_of_the_supervisor(tmp_path: Path) -> None:
    """When the supervising process is killed, its services end by themselves."""
    command = [sys.executable, "-c", _SUPERVISOR, _RUNS_ON, str(tmp_path / "one.log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        happened, pid = process.stdout.readline().split()
        assert happened == "started"
        assert is_alive(int(pid))
        process.kill()
        process.wait()
        wait_until(lambda: not is_alive(int(pid)))


def test_ctrl_c_does_not_reach_the_services(tmp_path: Path) -> None:
    """A terminal's SIGINT goes to the process group in front; the services are in another."""
    with _supervised(tmp_path, _RUNS_ON) as watch:
        pid = watch.next_pid()
        assert os.getpgid(pid) == pid
        assert os.getsid(pid) != os.getsid(0)
