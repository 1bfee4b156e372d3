"""Waits until the sandbox answers."""

import http.client
import time
from contextlib import closing, suppress
from pathlib import Path

from services.automation_cli.refusals import SandboxSilent
from services.automation_cli.up.interruption import Interruption
from weathertrigger.embedded.ports import HOST

_PATIENCE_S = 30.0
_LOOK_EVERY_S = 0.05


def wait_for_sandbox(port: int, log: Path, interruption: Interruption) -> None:
    """Returns as soon as it answers on this port.

    Raises:
        SandboxSilent: it does not within 30 s.
        Interrupted: the end is asked for first.
    """
    deadline = time.monotonic() + _PATIENCE_S
    while not _answers(port):
        interruption.check()
        if time.monotonic() > deadline:
            raise SandboxSilent(f"The sandbox does not answer on port {port}: {_last_line(log)}")
        interruption.wait(_LOOK_EVERY_S)


def _answers(port: int) -> bool:
    with (
        suppress(OSError, http.client.HTTPException),
        closing(http.client.HTTPConnection(HOST, port, timeout=1)) as connection,
    ):
        connection.request("GET", "/_sandbox/clock")
        return connection.getresponse().status == http.client.OK
    return False


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").split("\n") if log.exists() else []
    return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")
