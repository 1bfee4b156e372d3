"""`--watch`, again and again until Ctrl-C, and no escape codes where nobody wants them."""

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

import pytest

from tests.integration.commands import Run, assert_refused
from tests.integration.engine import Engine
from tests.integration.rule_documents import rule
from tests.processes import wait_until

_LISTS = [
    ("rules",),
    ("executions",),
    ("changes",),
    ("notifications",),
    ("dead-letters", "list"),
    ("rate-limit-stats",),
]


@contextmanager
def started(environment: Mapping[str, str], stdout: int, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """The command as a process of its own; gone at the end, whatever happened."""
    command = [sys.executable, "-m", "services.automation_cli", *arguments]
    with subprocess.Popen(command, env=environment, stdout=stdout, stderr=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def on_a_terminal(environment: Mapping[str, str], *arguments: str) -> str:
    """What two rounds of the command write on a terminal."""
    ours, theirs = pty.openpty()
    os.set_blocking(ours, False)
    written = b""

    def twice() -> bool:
        nonlocal written
        with suppress(BlockingIOError):
            written += os.read(ours, 65536)
        return written.count(b"next check") >= 2

    with started({"TERM": "xterm-256color", **environment}, theirs, *arguments) as process:
        wait_until(twice)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
    os.close(ours)
    os.close(theirs)
    return written.decode()


@pytest.mark.parametrize("command", _LISTS)
def test_one_document_a_line_until_interrupted(
    engine: Engine, environment: dict[str, str], command: tuple[str, ...]
) -> None:
    """0 after Ctrl-C, with nothing on standard error; what changes between two rounds is seen."""
    with started(environment, subprocess.PIPE, *command, "--watch", "1", "--output", "json") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = json.loads(process.stdout.readline())
        engine.apply(rule("wet"))
        while command == ("rules",) and len(json.loads(process.stdout.readline())) == len(first):
            pass
        process.send_signal(signal.SIGINT)
        for line in process.stdout:
            assert isinstance(json.loads(line), list)
        assert (process.wait(10), process.stderr.read()) == (0, b"")


def test_a_terminal_is_cleared_and_nothing_else_is(engine: Engine, environment: dict[str, str]) -> None:
    """Escape codes on a terminal, unless NO_COLOR or the terminal forbids them; none on a pipe."""
    engine.apply(rule("wet"))
    environment.pop("NO_COLOR", None)
    assert "\x1b[2J" in on_a_terminal(environment, "rules", "--watch", "1")
    for changed in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        assert "\x1b" not in on_a_terminal({**environment, **changed}, "rules", "--watch", "1")
    with started({**environment, "TERM": "xterm"}, subprocess.PIPE, "rules", "--watch") as process:
        assert process.stdout is not None
        shown = [process.stdout.readline() for _ in range(8)]
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert sum(b"next check" in line for line in shown) >= 2
    assert not any(b"\x1b" in line for line in shown)


@pytest.mark.parametrize("seconds", ["0", "-1", "x", "nan", "86401"])
def test_seconds_that_cannot_be(run: Run, seconds: str) -> None:
    """2, and nothing is shown."""
    assert_refused(run("rules", f"--watch={seconds}"), 2)


def test_the_first_round_can_fail(engine: Engine, run: Run) -> None:
    """3, as without --watch."""
    assert_refused(run("executions", "--watch", "--rule", "nobody"), 3, "There is no rule 'nobody'")
