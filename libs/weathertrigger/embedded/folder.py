"""The folder of one embedded server, held by one process at a time.

The lock is a flock(2) on an open file that the server inherits: it lasts as long as the starter *or* the server lives,
so a lock that can be taken proves that no server of an earlier run is left. A `kill -9` leaves nothing to clean up.
"""

import fcntl
import os
import secrets
import time
from contextlib import suppress
from pathlib import Path

from weathertrigger.embedded.error import EmbeddedServerError

_PATIENCE_WITH_ORPHAN_S = 10.0  # a server whose starter died has got its signal and needs a moment to end


class ServerFolder:
    """A folder of files of one server: the lock, the remembered port, the password, the URL, the log, the data."""

    def __init__(self, path: Path, server: str) -> None:
        self.path = path.absolute()
        self._server = server
        self._lock: int | None = None

    @property
    def lock(self) -> int:
        """The descriptor that holds the lock; the server must inherit it."""
        if self._lock is None:
            raise RuntimeError("the folder is not held")
        return self._lock

    @property
    def port(self) -> Path:
        """Where the port of the last start is written."""
        return self.path / "port"

    @property
    def password_file(self) -> Path:
        """Where the password is written, readable for its owner alone."""
        return self.path / "password"

    @property
    def log(self) -> Path:
        """Where the server's output goes."""
        return self.path / "server.log"

    def hold(self) -> None:
        """Makes the folder if need be, takes the lock and starts a fresh log; the log before stays as `server.log.1`.

        Raises:
            EmbeddedServerError: somebody else holds it; the sentence names the pid.
            OSError: the folder cannot be written.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            self._take(lock)
            os.ftruncate(lock, 0)
            os.pwrite(lock, str(os.getpid()).encode(), 0)
            self._url.unlink(missing_ok=True)
            with suppress(FileNotFoundError):
                self.log.rename(self.path / "server.log.1")
            self.log.touch()
        except BaseException:
            os.close(lock)
            raise
        self._lock = lock

    def password(self) -> str:
        """The server's password, made at the first call. Other users of this machine reach 127.0.0.1 too, and who
        rules a database server can run programs as its user."""
        with suppress(FileNotFoundError):
            if password := self.password_file.read_text().strip():
                return password
        password = secrets.token_hex(16)
        write_privately(self.password_file, password)
        return password

    def announce(self, url: str) -> None:
        """Writes down where the server is reached, for `url_of_running`."""
        write_privately(self._url, url)

    def url_of_running(self) -> str | None:
        """Where the server is reached that somebody runs in this folder; None if nobody does, or not yet."""
        try:
            with (self.path / "lock").open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            with suppress(FileNotFoundError):
                return self._url.read_text()
        except FileNotFoundError:
            pass
        return None

    @property
    def _url(self) -> Path:
        return self.path / "url"

    def note_server(self, pid: int) -> None:
        """Writes the server's pid beside the starter's, for whoever finds the folder held."""
        os.pwrite(self.lock, f"{os.getpid()} {pid}".encode(), 0)

    def let_go(self) -> None:
        """Gives the lock back. May be called twice, also by two threads."""
        lock, self._lock = self._lock, None
        if lock is not None:
            self._url.unlink(missing_ok=True)
            os.close(lock)

    def _take(self, lock: int) -> None:
        deadline = time.monotonic() + _PATIENCE_WITH_ORPHAN_S
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                starter, *server = os.pread(lock, 100, 0).decode().split() or ["0"]
                held = all(_is_alive(int(one)) for one in (starter, *server))  # else by what is left of a dead server
                if held or time.monotonic() > deadline:
                    raise self._held_by(starter, server) from None
            else:
                return
            time.sleep(0.02)

    def _held_by(self, starter: str, server: list[str]) -> EmbeddedServerError:
        pid = starter if _is_alive(int(starter)) or not server else server[0]
        return EmbeddedServerError(
            f"{self._server} in {self.path} is already running (process {pid}): "
            "end that first, or use another directory."
        )


def write_privately(path: Path, text: str) -> None:
    """Writes a file that only its owner can read, at no moment anybody else."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def _is_alive(pid: int) -> bool:
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
