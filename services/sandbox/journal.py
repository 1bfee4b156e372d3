"""The journal: one JSON line for every request that was answered, in the order in which effects were applied.

It is the ad platforms' write-ahead log at the same time: the state after a restart is the seed plus the changes in
here, so an effect and its record cannot part. A line is handed to the operating system before the answer goes out, so
it outlives a killed process (not a power cut). A torn last line is a request that was never answered: it is cut off
when the journal is opened.
"""

import errno
import fcntl
import os
from array import array
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import orjson

Entry = dict[str, Any]  # Any: a JSON object


class DirectoryInUse(Exception):
    """Another sandbox has this directory; the text is for a person."""


class Journal:
    """An append-only file and the byte at which each of its lines starts. The caller serialises the appends."""

    def __init__(self, path: Path) -> None:
        """Opens or creates the file.

        Raises:
            DirectoryInUse: another process has it open.
        """
        self._file: BinaryIO = path.open("a+b", buffering=0)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise DirectoryInUse(f"Another sandbox is using the directory {path.parent}.") from None
        self._path = path
        self._starts = array("Q", [0])
        self._find_lines()

    @property
    def last(self) -> int:
        """The sequence number of the last entry, 0 when there is none."""
        return len(self._starts) - 1

    def append(self, entry: Mapping[str, object]) -> int:
        """Writes one entry, numbered, and gives its number."""
        number = self.last + 1
        line = orjson.dumps({"seq": number, **entry}, option=orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE)
        if os.write(self._file.fileno(), line) < len(line):
            self._file.truncate(self._starts[-1])
            raise OSError(errno.ENOSPC, "The journal's disk is full.")
        self._starts.append(self._starts[-1] + len(line))
        return number

    def lines(self, since: int = 0) -> list[bytes]:
        """The entries after number `since`, as JSON."""
        first, end = self._starts[min(max(since, 0), self.last)], self._starts[-1]
        return os.pread(self._file.fileno(), end - first, first).splitlines()

    def changes(self) -> Iterator[Entry]:
        """Every entry that changed something, oldest first. Most entries did not, and are not even parsed."""
        with self._path.open("rb") as file:
            for line in file:
                if b'"changes":[]' not in line:
                    yield orjson.loads(line)

    def close(self) -> None:
        """Closes the file and lets others have it."""
        self._file.close()

    def _find_lines(self) -> None:
        with self._path.open("rb") as file:
            for line in file:
                if line.endswith(b"\n"):
                    self._starts.append(self._starts[-1] + len(line))
        self._file.truncate(self._starts[-1])
