"""Requests that are lost on their way and arrive after all, when a test says so (the fault `late`)."""

import io
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from flask import request

from services.sandbox.faults import Fault

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


@dataclass(frozen=True, slots=True)
class Late:
    """A request whose connection was reset at `since`, as the server had read it."""

    fault: Fault
    since: datetime
    environ: "WSGIEnvironment"

    def document(self) -> dict[str, object]:
        """As `GET /_sandbox/late` shows it."""
        return {"service": self.fault.service, "time": self.since, "path": self.environ["PATH_INFO"]}


def keep(fault: Fault, since: datetime) -> Late:
    """The request that is being answered now, with its whole body."""
    body = request.get_data()
    return Late(fault, since, {**request.environ, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))})
