"""Children that end with their parent."""

import signal
import subprocess
import sys

import pytest

from tests.processes import is_alive, wait_until
from weathertrigger.parent_death import tied_to_parent

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells a child")

_PARENT_OF_PYTHON = """
import os, sys, time
from weathertrigger.parent_death import die_with_parent
if os.fork() == 0:
    die_with_parent()
    print(os.getpid(), flush=True)
    time.sleep(600)
time.sleep(600)
"""
_PARENT_OF_PROGRAM = """
import subprocess, time
from weathertrigger.parent_death import tied_to_parent
print(subprocess.Popen(tied_to_parent(["sleep", "600"])).pid, flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("parent", [_PARENT_OF_PYTHON, _PARENT_OF_PROGRAM], ids=["python", "program"])
def test_child_ends_with_a_killed_parent(parent: str) -> None:
    """A parent that is killed with SIGKILL takes its child along."""
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        assert is_alive(child)
        process.kill()
        process.wait()
        wait_until(lambda: not is_alive(child))


def test_parent_that_ended_before() -> None:
    """A parent that ended before the child could ask is noticed: the race is closed."""
    with subprocess.Popen(["true"]) as gone:
        gone.wait()
    script = f"""
from signal import SIGKILL
from weathertrigger.parent_death import die_with_parent
die_with_parent(SIGKILL, parent={gone.pid})
print("still here")
"""
    answer = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True)
    assert (answer.returncode, answer.stdout) == (-signal.SIGKILL, "")


def test_the_program_keeps_pid_arguments_and_exit_code() -> None:
    """The launcher is replaced by the program: same pid, same arguments, same end."""
    script = "import os, sys; print(os.getpid(), sys.argv[1:]); raise SystemExit(7)"
    command = tied_to_parent([sys.executable, "-c", script, "a b", "*", ""])
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        output, _ = process.communicate(timeout=30)
    assert (process.returncode, output) == (7, f"{process.pid} ['a b', '*', '']\n")


def test_program_that_does_not_exist() -> None:
    """A program that cannot be run is one sentence and code 127."""
    answer = subprocess.run(tied_to_parent(["/nowhere/program"]), check=False, capture_output=True, text=True)
    assert answer.returncode == 127
    assert answer.stderr == "/nowhere/program cannot be run: No such file or directory\n"


def test_nothing_happens_to_a_child_of_a_living_parent() -> None:
    """Asking changes nothing as long as the parent lives."""
    script = "from weathertrigger.parent_death import die_with_parent; die_with_parent(); print('here')"
    answer = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert answer.stdout == "here\n"
