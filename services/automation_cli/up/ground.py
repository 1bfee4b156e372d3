"""What the services stand on: the embedded servers and the sandbox. It imports little, so that they start at once."""

from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Self

from services.automation_cli.up.servers import Servers
from services.automation_cli.up.supervisor import Command, Event, Supervisor
from services.automation_cli.up.wiring import real_keys_in, sandbox_command
from services.automation_cli.up.wish import Wish
from weathertrigger.embedded import EmbeddedPostgreSQL, EmbeddedRedis
from weathertrigger.embedded.ports import choose_port


class Ground:
    """From the start of the block to its end.

    Attributes:
        folder: where everything is kept; held by us.
        real_keys: names of the real API keys that are set; none: the outside world is the sandbox.
        sandbox_port: where the sandbox is or would be.
        events: what happens to the processes; later ones may be put in here too.
    """

    def __init__(self, folder: Path, wish: Wish, environ: Mapping[str, str]) -> None:
        self.folder = folder
        self.real_keys = real_keys_in(environ)
        self.sandbox_port = choose_port(folder / "sandbox.port")
        self.events: SimpleQueue[Event] = SimpleQueue()
        embedded = {"DATABASE_URL": EmbeddedPostgreSQL, "REDIS_URL": EmbeddedRedis}
        wanted = [server(folder) for name, server in embedded.items() if not environ.get(name, "").strip()]
        self._servers = Servers(wanted, self.events.put)
        self._wish = wish
        self._stack = ExitStack()

    @property
    def has_sandbox(self) -> bool:
        """Whether the outside world is the sandbox."""
        return not self.real_keys

    @property
    def database_url(self) -> Future[str] | None:
        """Of the embedded PostgreSQL; None: DATABASE_URL names one."""
        return self._servers.url(EmbeddedPostgreSQL.name)

    @property
    def redis_url(self) -> Future[str] | None:
        """Of the embedded Redis; None: REDIS_URL names one."""
        return self._servers.url(EmbeddedRedis.name)

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(self._servers)
            if self.has_sandbox:
                (self.folder / "sandbox.port").write_text(str(self.sandbox_port))
                stack.enter_context(Supervisor([self._sandbox()], self.events.put))
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _sandbox(self) -> Command:
        wish = self._wish
        return sandbox_command(self.folder, port=self.sandbox_port, speed=wish.speed, start=wish.start)
