"""A child process that ends when its parent does, however the parent ends (`kill -9` too).

Linux sends the signal itself (prctl(2), PR_SET_PDEATHSIG); elsewhere nothing happens here, and the parent's own
clean-up must do. "Parent" means the *thread* that started the child: start children from a thread that lives as long
as the process.

Two ways to use it: `die_with_parent()` inside a Python process of ours, and `tied_to_parent(argv)` for a program that
is not. The second starts this very file as a small launcher that executes the program in its own place, so the pid
stays. A launcher and not `preexec_fn`: that one is unsafe, and warned about, where threads run.
"""

import ctypes
import os
import sys
from collections.abc import Sequence
from signal import SIGTERM, Signals

_PR_SET_PDEATHSIG = 1
_NOT_STARTED = 127  # what a shell answers for a command that cannot be run


def die_with_parent(death_signal: Signals = SIGTERM, *, parent: int | None = None) -> None:
    """Asks Linux to send `death_signal` to this process when its parent ends.

    Args:
        death_signal: what to send.
        parent: pid of the parent as it knows itself; one that ended before this call is then noticed. Without it, a
            parent that ended before the call goes unnoticed.

    Raises:
        OSError: Linux refused.
    """
    if not sys.platform.startswith("linux"):
        return
    expected = os.getppid() if parent is None else parent
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) was refused")
    if os.getppid() != expected:  # it ended in between, and the signal with it
        os.kill(os.getpid(), death_signal)


def tied_to_parent(argv: Sequence[str], death_signal: Signals = SIGTERM) -> list[str]:
    """The command that runs `argv` as a child of this process that gets `death_signal` when this process ends."""
    if not sys.platform.startswith("linux"):
        return list(argv)
    return [sys.executable, "-I", "-S", "-B", __file__, str(os.getpid()), str(int(death_signal)), *argv]


def _launch(parent: str, death_signal: str, *argv: str) -> int:
    die_with_parent(Signals(int(death_signal)), parent=int(parent))
    try:
        os.execvp(argv[0], argv)  # noqa: S606  no shell is the point
    except OSError as error:
        sys.stderr.write(f"{argv[0]} cannot be run: {error.strerror}\n")
    return _NOT_STARTED


if __name__ == "__main__":
    sys.exit(_launch(*sys.argv[1:]))
