"""Logs: one JSON object per line for machines, colours for people; the same form for our lines and for a library's.

    {"timestamp": "2026-11-23T18:00:00.123Z", "level": "info", "message": "rule evaluated", "service": "rule-evaluator",
     "ruleId": "rule-123", "conditionsMet": true, "correlationId": "..."}

Give keys in snake_case (`log.info("rule evaluated", rule_id=..., conditions_met=True)`, or `extra={...}` with the
standard library); they come out in camelCase. Secrets are taken out of every line (`redaction.py`). Of level
error is what somebody has to look at: it is an alert (`alerts.py`).

In a Dramatiq worker call `configure_logs` in `worker.py`'s `start`, which runs in each worker process: `sys.stderr` is
there the pipe to Dramatiq's main process, which writes the lines out as they are. For the main process's own lines
start it through `weathertrigger.worker_process`.
"""

import logging
import os
import sys
import threading
from collections.abc import Iterable, MutableMapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TextIO

import orjson
import structlog
from structlog.stdlib import ExtraAdder, ProcessorFormatter

from weathertrigger.redaction import Redactor

_Line = MutableMapping[str, Any]  # Any: as structlog types a line

# Keys of structlog's own that are not part of the line.
_INTERNAL = frozenset({"_record", "_from_structlog", "event", "exc_info", "stack_info", "stack"})


def configure_logs(
    service: str, *, level: str = "info", form: str = "auto", stream: TextIO | None = None, secrets: Iterable[str] = ()
) -> None:
    """Sends every log line of this process, ours and the libraries', to one stream in one form.

    May be called again, and replaces what anybody configured before.

    Args:
        service: name of the service in each line, such as `rule-evaluator`.
        level: the least severe line that is written: debug, info, warning, error.
        form: `json`, `console`, or `auto`: console on a terminal, else json.
        stream: standard error where not given, as it is at this moment.
        secrets: values to hide wherever they occur (see `environment.secret_values`).
    """
    stream = stream or sys.stderr
    for_people = form == "console" or (form == "auto" and stream.isatty())
    handler = logging.StreamHandler(stream)
    handler.setLevel(level.upper())  # others may want more than what is written
    handler.setFormatter(
        ProcessorFormatter(
            processors=[_LineForm(service, Redactor(secrets)), _people(stream) if for_people else _json],
            foreign_pre_chain=[ExtraAdder()],
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_uncaught
    threading.excepthook = lambda uncaught: _log_uncaught(uncaught.exc_type, uncaught.exc_value, uncaught.exc_traceback)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.PositionalArgumentsFormatter(),
            ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


class _LineForm:
    """Brings a line into the mission's form: its keys, their order and spelling, no secrets."""

    def __init__(self, service: str, redactor: Redactor) -> None:
        self._service = service
        self._redactor = redactor
        self._traceback = structlog.processors.ExceptionRenderer()

    def __call__(self, logger: object, method: str, line: _Line) -> _Line:
        record: logging.LogRecord = line["_record"]
        if not line["_from_structlog"]:
            line = structlog.contextvars.merge_contextvars(logger, method, line)
        shaped: _Line = {
            "timestamp": _instant(record.created),
            "level": record.levelname.lower(),
            "message": self._redactor.text(str(line["event"])),
            "service": self._service,
            "logger": record.name,
        }
        for key, value in line.items():
            if key not in _INTERNAL:
                name = _camel(key)
                # What the code calls `service` or `level` must not pass for the line's own.
                shaped[f"{name}_" if name in shaped else name] = self._redactor.value(key, value)
        trace = self._traceback(logger, method, dict(line)).get("exception")
        if trace:
            shaped["exception"] = self._redactor.text(str(trace))
        return shaped


def _instant(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _camel(key: str) -> str:
    first, *others = key.strip("_").split("_")
    return first + "".join(other[:1].upper() + other[1:] for other in others)


def _json(_logger: object, _method: str, line: _Line) -> str:
    return orjson.dumps(line, option=orjson.OPT_NON_STR_KEYS).decode()


def _people(stream: TextIO) -> structlog.dev.ConsoleRenderer:
    return structlog.dev.ConsoleRenderer(
        colors=stream.isatty() and not os.environ.get("NO_COLOR"), event_key="message", sort_keys=False
    )


def _log_uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("uncaught").critical("ended by an error nobody caught", exc_info=(kind, error or kind(), trace))
