"""The folder that `up` keeps everything in, held by one `up` at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from services.automation_cli.refusals import FolderInUse, FolderUnusable


@contextmanager
def hold_data_folder(path: Path) -> Iterator[Path]:
    """Makes the folder if need be and holds it; a `kill -9` lets it go too. Gives its absolute path.

    Raises:
        FolderInUse, FolderUnusable: with what to do.
    """
    folder = path.absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise FolderUnusable(
            f"The directory {folder} cannot be used: {error.strerror}. Name another one with --data."
        ) from None
    try:
        _take(lock, folder)
        yield folder
    finally:
        os.close(lock)


def fresh_log(folder: Path, service: str) -> Path:
    """Where a service's log of this start goes; the log of the start before stays beside it as `.1`."""
    path = folder / "logs" / f"{service}.log"
    path.parent.mkdir(exist_ok=True)
    with suppress(FileNotFoundError):
        path.rename(path.with_suffix(".log.1"))
    return path


def _take(lock: int, folder: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pid = os.pread(lock, 20, 0).decode() or "unknown"
        raise FolderInUse(
            f"Another `up` is running in {folder} (process {pid}): end that first, "
            "or name another directory with --data."
        ) from None
    os.ftruncate(lock, 0)
    os.pwrite(lock, str(os.getpid()).encode(), 0)
