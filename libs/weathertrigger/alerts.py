"""Sends to Sentry what somebody has to look at; where SENTRY_DSN is not set, nothing of it is loaded.

An alert is a log line of level error or critical, ours or a library's, or a notification (`storage/notifications.py`).
So what waits, or is tried again, is none: it is logged as a warning. Nothing is recorded beside the line, its exception
and what it is about: no local variables, no breadcrumbs, no traces. Secrets are taken out as they are of logs.

A thread of Sentry's library sends; whoever logs waits for nothing. What Sentry does not take is dropped, and stays in
the log. Only the process that does the work may start this: a thread does not live on in a fork.
"""

import atexit
import logging
import sys
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final, cast

from structlog.contextvars import get_contextvars

from weathertrigger import __version__
from weathertrigger.redaction import Redactor
from weathertrigger.storage import notifications

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

FLUSH_SECONDS: Final = 2.0
"""So long the end of a process waits at most for alerts that are on their way."""

_LIBRARY = "sentry_sdk"
_A_MINUTE = 60.0
_MOST_A_MINUTE = 30
_TAGS = ("kind", "rule_id", "message_id")
_LONGEST = 2000  # characters of a line
_TRIED_AGAIN = "Consumer encountered a connection error: %s"
"""What Dramatiq calls critical: Redis is away for a moment."""


def start_alerts(dsn: str, *, service: str, worker_id: str, environment: str, secrets: Iterable[str]) -> None:
    """From now on alerts of this process are sent.

    Args:
        dsn: the project at Sentry.
        service: a tag of each event, as `worker_id` is.
        worker_id: see `workers/name.py`.
        environment: as Sentry calls it; here the outside world, `sandbox` or `real`.
        secrets: values to hide wherever they occur (see `environment.secret_values`).
    """
    import sentry_sdk  # noqa: PLC0415  it takes longer than all the rest, and most processes do without
    from sentry_sdk.integrations.logging import EventHandler  # noqa: PLC0415  idem

    sentry_sdk.init(
        dsn,
        release=f"weathertrigger@{__version__}",
        environment=environment,
        default_integrations=False,  # they reach into logging, threads, calls, and tell the command line
        auto_enabling_integrations=False,
        include_local_variables=False,
        send_default_pii=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        send_client_reports=False,
        auto_session_tracking=False,
        in_app_include=["services", "weathertrigger"],
        before_send=_Finish({"service": service, "worker_id": worker_id}, Redactor(secrets)),
        debug=False,
        spotlight=False,
    )
    handler = EventHandler(level=logging.WARNING)
    handler.addFilter(_Choice())
    logging.getLogger().addHandler(handler)
    notifications.log.setLevel(logging.WARNING)  # however little LOG_LEVEL wants in the log
    atexit.register(flush_alerts)  # not run in a worker of Dramatiq's, which ends at once


def flush_alerts() -> None:
    """Waits until the alerts that are on their way have been sent, at most FLUSH_SECONDS."""
    if _LIBRARY in sys.modules:
        sys.modules[_LIBRARY].flush(timeout=FLUSH_SECONDS)


class _Choice(logging.Filter):
    """Which lines are alerts. Of failures only the first of each minute: a fault that every message meets is told by
    a few, and must not make everything slower."""

    def __init__(self) -> None:
        super().__init__()
        self._minute = -_A_MINUTE
        self._failures = 0

    def filter(self, record: logging.LogRecord) -> bool:
        if hasattr(record, "notification"):
            return True
        return record.levelno >= logging.ERROR and record.msg != _TRIED_AGAIN and self._has_room()

    def _has_room(self) -> bool:
        now = time.monotonic()
        if now - self._minute >= _A_MINUTE:
            self._minute, self._failures = now, 0
        self._failures += 1
        return self._failures <= _MOST_A_MINUTE


class _Finish:
    """Says what an event is about and who tells it, and takes the secrets out of the whole of it."""

    def __init__(self, tags: Mapping[str, str], redactor: Redactor) -> None:
        self._tags = tags
        self._redactor = redactor

    def __call__(self, event: "Event", hint: "Hint") -> "Event":
        record: logging.LogRecord = hint["log_record"]
        about: dict[str, object] = {**event["extra"], **get_contextvars()}
        tags = {**self._tags, **{name: str(about[name]) for name in _TAGS if name in about}}
        if hasattr(record, "notification"):
            event["fingerprint"] = ["notification", str(about["kind"]), str(about["subject"])]
        template, line = str(record.msg), self._redactor.text(record.getMessage())
        event["logentry"] = {"message": template[:_LONGEST], "formatted": line[:_LONGEST]}
        event["tags"], event["extra"] = tags, about
        return cast("Event", self._redactor.value("event", event))
