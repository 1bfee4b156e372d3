"""A server as a child process: started with a clean environment, asked to stop in steps, and never left behind."""

import re
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from signal import SIGKILL, Signals

from weathertrigger.embedded.error import EmbeddedServerError, PortTaken
from weathertrigger.embedded.user import RunsAs
from weathertrigger.parent_death import tied_to_parent

# What the servers get to see of our environment: nothing. A PGDATA, an LC_ALL or a TZ of the user must not reach them.
CLEAN_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/local/bin:/usr/bin:/bin"}

_GRIEVANCE = re.compile(r"\b(error|fatal|panic|failed|denied|cannot|could not)\b", re.IGNORECASE)
_POLL_S = 0.01


def start_server(
    command: Sequence[str], *, runs_as: RunsAs, log: Path, lock: int, death_signal: Signals
) -> subprocess.Popen[bytes]:
    """Starts a server that outlives neither us nor its lock, in a session of its own (Ctrl-C does not reach it)."""
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603  the command is ours
            [*runs_as.prefix, *tied_to_parent(command, death_signal)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=CLEAN_ENVIRONMENT,
            start_new_session=True,
            pass_fds=[lock],
            user=runs_as.drop_to,
            group=runs_as.drop_to,
            extra_groups=None if runs_as.drop_to is None else [],
        )


def run_program(command: Sequence[str], *, runs_as: RunsAs, log: Path) -> int:
    """Runs a program of the server to its end, as the server would run; returns its exit code."""
    with log.open("ab") as output:
        return subprocess.run(  # noqa: S603  the command is ours
            [*runs_as.prefix, *tied_to_parent(command, SIGKILL)],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=CLEAN_ENVIRONMENT,
            start_new_session=True,
            user=runs_as.drop_to,
            group=runs_as.drop_to,
            extra_groups=None if runs_as.drop_to is None else [],
        ).returncode


def wait_until_ready(
    process: subprocess.Popen[bytes], ready: Callable[[], bool], *, server: str, log: Path, patience_s: float
) -> None:
    """Waits until `ready` says so.

    Raises:
        PortTaken: the server ended because somebody has its port.
        EmbeddedServerError: it ended, or was not ready in time.
    """
    deadline = time.monotonic() + patience_s
    while not ready():
        if process.poll() is not None:
            error = PortTaken if "Address already in use" in log.read_text(errors="replace") else EmbeddedServerError
            raise error(f"{server} ended while it started: {last_word(log)} (all of it in {log})")
        if time.monotonic() > deadline:
            raise EmbeddedServerError(f"{server} was not ready after {patience_s:.0f} s: {last_word(log)}")
        time.sleep(_POLL_S)


def stop_process(process: subprocess.Popen[bytes], signals: Sequence[Signals], patience_s: float) -> None:
    """Sends the signals one after the other, each with `patience_s`, until the process has ended; SIGKILL at last."""
    for stop_signal in signals:
        process.send_signal(stop_signal)
        with suppress(subprocess.TimeoutExpired):
            process.wait(patience_s)
            return
    process.kill()
    process.wait()


def last_word(log: Path) -> str:
    """The line of a log that says what went wrong: the last that complains, else the last."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    complaints = [line for line in lines if _GRIEVANCE.search(line)]
    return (complaints or lines or ["it said nothing"])[-1]
