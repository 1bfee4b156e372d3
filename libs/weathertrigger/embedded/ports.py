"""A free port on 127.0.0.1, the same as last time if it can be had: addresses that people noted down stay right."""

import socket
from contextlib import suppress
from pathlib import Path

HOST = "127.0.0.1"


def choose_port(remembered: Path) -> int:
    """The port written in the file `remembered` if it is free, else any free one."""
    with suppress(OSError, ValueError, OverflowError):
        last = int(remembered.read_text())
        if _is_free(last):
            return last
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the servers do: connections of the last run that are still closing do not make the port a taken one.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return port > 0
