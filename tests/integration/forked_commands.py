"""`automation-cli` as a process that needs no half second of imports: forked from one that has them behind it.

The same as the program in all that a command can see: its arguments, environment, directory, streams and exit code.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from io import BufferedReader, BufferedWriter, FileIO, TextIOWrapper
from multiprocessing.context import ForkServerContext
from pathlib import Path
from tempfile import TemporaryDirectory

from services.automation_cli import __main__ as program
from tests.integration.commands import ROOT

_INPUT, _OUTPUT, _ERRORS = range(3)


def command_server() -> ForkServerContext:
    """What commands are forked from. It ends with the process that asked for it."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, *_modules(ROOT / "services/automation_cli"), *_modules(ROOT / "libs")])
    return context


def run_forked(
    context: ForkServerContext,
    arguments: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    text: str | None,
) -> subprocess.CompletedProcess[str]:
    """Runs the command to its end."""
    with TemporaryDirectory() as name:
        streams = [Path(name, one) for one in ("in", "out", "err")]
        streams[_INPUT].write_text(text or "", encoding="utf-8")
        process = context.Process(target=_run, args=(list(arguments), dict(env), cwd, streams))
        process.start()
        process.join()
        output, errors = (stream.read_text(encoding="utf-8") for stream in streams[_OUTPUT:])
        return subprocess.CompletedProcess(list(arguments), process.exitcode or 0, output, errors)


def _run(arguments: list[str], env: dict[str, str], cwd: Path, streams: Sequence[Path]) -> None:
    """Becomes the command."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    for number, path in enumerate(streams):
        opened = os.open(path, os.O_RDONLY if number == _INPUT else os.O_WRONLY | os.O_CREAT, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = _stream(_INPUT, "<stdin>", "r", "strict")
    sys.stdout = _stream(_OUTPUT, "<stdout>", "w", "strict")
    sys.stderr = _stream(_ERRORS, "<stderr>", "w", "backslashreplace")
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    sys.argv = ["automation-cli", *arguments]
    program.main()


def _stream(number: int, name: str, mode: str, errors: str) -> TextIOWrapper:
    """As Python opens it when a program begins."""
    raw = FileIO(number, mode)
    raw.name = name
    buffered = BufferedReader(raw) if mode == "r" else BufferedWriter(raw)
    return TextIOWrapper(buffered, encoding="utf-8", errors=errors, line_buffering=number == _ERRORS)


def _modules(folder: Path) -> list[str]:
    """Every module below, as it is imported."""
    root = ROOT / "libs" if folder.name == "libs" else ROOT
    paths = [path for path in sorted(folder.rglob("*.py")) if not path.stem.startswith("__")]
    return [".".join(path.relative_to(root).with_suffix("").parts) for path in paths]
