"""What the embedded servers have in common: hold the folder, choose a port, start, wait until ready, stop."""

import subprocess
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from signal import Signals
from types import TracebackType
from typing import ClassVar, Self

from weathertrigger.embedded.error import EmbeddedServerError, PortTaken
from weathertrigger.embedded.folder import ServerFolder
from weathertrigger.embedded.ports import choose_port
from weathertrigger.embedded.process import start_server, stop_process, wait_until_ready
from weathertrigger.embedded.user import RunsAs

_PORTS_TRIED = 5
_READY_PATIENCE_S = 60.0  # recovery after a crash may take its time
_STOP_PATIENCE_S = 10.0


class EmbeddedServer(ABC):
    """A server on 127.0.0.1 with its data in a folder of its own below `directory`.

    Start it from a thread that lives as long as the process (see `weathertrigger.parent_death`).
    """

    name: ClassVar[str]
    stop_signals: ClassVar[tuple[Signals, ...]]  # the kind one first; it is also sent when the starter dies

    def __init__(self, directory: Path | str, *, source: str | None = None) -> None:
        self._folder = ServerFolder(Path(directory) / self.name.lower(), self.name)
        self._source = source
        self._process: subprocess.Popen[bytes] | None = None
        self._url: str | None = None

    @property
    def pid(self) -> int:
        """The server's process."""
        return self._running().pid

    @property
    def url(self) -> str:
        """Where it is reached."""
        self._running()
        return str(self._url)

    def is_running(self) -> bool:
        """Whether the server that was started here lives; it may have been killed since."""
        return self._process is not None and self._process.poll() is None

    def find(self) -> str | None:
        """The URL of the server that *any* process runs on this directory now, or None."""
        return self._folder.url_of_running()

    def start(self) -> str:
        """Starts the server, waits until it answers and returns its URL. Does nothing if it runs.

        Raises:
            EmbeddedServerError: with the reason in one sentence; nothing is left running.
        """
        if self.is_running():
            return self.url
        self.stop()  # what is left of one that died by itself
        try:
            self._folder.hold()
            runs_as = self._prepare()
            self._url = self._start_on_some_port(runs_as)
            self._folder.announce(self._url)
        except OSError as error:
            self.stop()
            where = error.filename or self._folder.path
            raise EmbeddedServerError(f"{self.name} cannot use {where}: {error.strerror or error}.") from error
        except BaseException:
            self.stop()
            raise
        return self._url

    def stop(self) -> None:
        """Stops the server and lets the folder go; the data stay. May be called twice."""
        process, self._process, self._url = self._process, None, None
        if process is not None:
            stop_process(process, self.stop_signals, _STOP_PATIENCE_S)
        self._folder.let_go()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _start_on_some_port(self, runs_as: RunsAs) -> str:
        for attempt in range(1, _PORTS_TRIED + 1):
            port = choose_port(self._folder.port)
            try:
                self._start_on(port, runs_as)
            except PortTaken:
                if attempt == _PORTS_TRIED:
                    raise
                self._process = None
                self._folder.port.unlink(missing_ok=True)
                self._folder.log.write_bytes(b"")
            else:
                self._folder.port.write_text(str(port))
                return self._finish(port)
        raise AssertionError("unreachable")

    def _start_on(self, port: int, runs_as: RunsAs) -> None:
        folder = self._folder
        process = self._process = start_server(
            self._command(port),
            runs_as=runs_as,
            log=folder.log,
            lock=folder.lock,
            death_signal=self.stop_signals[0],
        )
        folder.note_server(process.pid)
        wait_until_ready(
            process,
            lambda: self._is_ready(port, process.pid),
            server=self.name,
            log=folder.log,
            patience_s=_READY_PATIENCE_S,
        )

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError(f"{self.name} is not running")
        return self._process

    @abstractmethod
    def _prepare(self) -> RunsAs:
        """Everything before the first start of the process; says as whom it runs."""

    @abstractmethod
    def _command(self, port: int) -> Sequence[str]:
        """The server's command line."""

    @abstractmethod
    def _is_ready(self, port: int, pid: int) -> bool:
        """Whether *our* server, and not a stranger on the same port, answers."""

    @abstractmethod
    def _finish(self, port: int) -> str:
        """What remains to be done once it answers; returns the URL."""
