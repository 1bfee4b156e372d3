"""Log lines as processes really write them, Dramatiq's among them."""

import os
import pty
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.processes import wait_until

Line = dict[str, Any]  # Any: a line of JSON

_HEADER = """
import logging, os, sys, threading, warnings
import structlog
from weathertrigger.logs import configure_logs
configure_logs("rule-evaluator", level=os.environ.get("LEVEL", "info"), secrets=["hunter2222"])
log = structlog.get_logger("mine")
"""
_ACTORS = """
import logging, sys
import dramatiq
from dramatiq.brokers.redis import RedisBroker
from weathertrigger.logs import configure_logs

def start():
    configure_logs("rule-evaluator", form="json")
    broker = RedisBroker(url={url!r}, namespace="test-logs")
    dramatiq.set_broker(broker)

    @dramatiq.actor(broker=broker, max_retries=0)
    def work():
        logging.getLogger("work").info("working", extra={{"rule_id": "rule-1"}})
        sys.stdout.write("printed by a library\\n")
        raise ValueError("GET https://h/?access_token=EAABsecret")

    work.send()
    return broker
"""


def _lines(script: str, **environment: str) -> list[Line]:
    answer = subprocess.run(
        [sys.executable, "-c", _HEADER + script],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )
    assert answer.stdout == ""
    return [orjson.loads(line) for line in answer.stderr.splitlines()]


def test_form() -> None:
    """A line has the mission's keys in the mission's spelling and order, whoever writes it."""
    ours, library = _lines("""
log.info("rule evaluated", rule_id="rule-123", conditions_met=True, actions_executed=2, execution_time=12.5,
         correlation_id="rule-123@1", _private=1)
logging.getLogger("dramatiq.worker").warning("half %d", 5, extra={"rule_id": "rule-9"})
""")
    assert ours.pop("timestamp").endswith("Z")
    assert ours == {
        "level": "info",
        "message": "rule evaluated",
        "service": "rule-evaluator",
        "logger": "mine",
        "ruleId": "rule-123",
        "conditionsMet": True,
        "actionsExecuted": 2,
        "executionTime": 12.5,
        "correlationId": "rule-123@1",
        "private": 1,
    }
    assert list(library) == ["timestamp", "level", "message", "service", "logger", "ruleId"]
    assert (library["level"], library["message"], library["ruleId"]) == ("warning", "half 5", "rule-9")


def test_timestamp() -> None:
    """The time of a line is UTC in milliseconds, whatever the machine's zone is."""
    (line,) = _lines("log.info('now')", TZ="Asia/Tokyo")
    assert len(line["timestamp"]) == len("2026-11-23T18:00:00.123Z")
    age = datetime.now(UTC) - datetime.fromisoformat(line["timestamp"])
    assert 0 <= age.total_seconds() < 60


def test_context_is_on_every_line() -> None:
    """What is bound to the context (a correlation id) stands on our lines and on a library's."""
    lines = _lines("""
structlog.contextvars.bind_contextvars(correlation_id="c1")
log.info("ours")
logging.info("library's")
""")
    assert [line["correlationId"] for line in lines] == ["c1", "c1"]


def test_levels() -> None:
    """Lines below the level are not written, and the level is the standard word in small letters."""
    lines = _lines(
        "for level in ('debug', 'info', 'warning', 'error', 'critical'): getattr(log, level)('x')", LEVEL="warning"
    )
    assert [line["level"] for line in lines] == ["warning", "error", "critical"]


def test_exceptions_are_one_field() -> None:
    """An exception is one field of one line; caught, uncaught, in a thread, and as a warning."""
    caught, threaded, warning, uncaught = _lines("""
try:
    1 / 0
except ZeroDivisionError:
    log.exception("failed", rule_id="rule-1")
thread = threading.Thread(target=lambda: {}["x"])
thread.start()
thread.join()
warnings.warn("careful")
raise SystemError("the end")
""")
    assert caught["ruleId"] == "rule-1"
    assert caught["exception"].endswith("ZeroDivisionError: division by zero")
    assert "KeyError: 'x'" in threaded["exception"]
    assert "careful" in warning["message"]
    assert (uncaught["level"], uncaught["exception"].splitlines()[-1]) == ("critical", "SystemError: the end")


def test_secrets_are_in_no_line() -> None:
    """No way of logging shows a secret: values, arguments, exception texts with their chain, names of keys."""
    script = """
log.info("calling", access_token="hidden-1", url="https://h/?appid=hidden-2", nested={"password": "hidden-3"})
logging.info("to %s", "redis://:hidden-4@h/0", extra={"dsn": "hidden-5"})
try:
    try:
        raise ValueError("Authorization: Bearer hidden-6")
    except ValueError as error:
        raise RuntimeError("appsecret_proof=hidden-7") from error
except RuntimeError:
    log.exception("known value hunter2222")
"""
    lines = _lines(script)
    assert len(lines) == 3
    text = orjson.dumps(lines).decode()
    assert not [f"hidden-{n}" for n in range(1, 8) if f"hidden-{n}" in text]
    assert "hunter2222" not in text


def test_keys_of_the_line_cannot_be_taken() -> None:
    """A key that the code calls `service` or `level` stands beside the line's own."""
    (line,) = _lines("log.info('called', service='meta_ads', level='campaign', timestamp=1, message='m')")
    assert (line["service"], line["service_"], line["level"], line["level_"]) == (
        "rule-evaluator",
        "meta_ads",
        "info",
        "campaign",
    )
    assert (line["message"], line["message_"]) == ("called", "m")


def test_configuring_again_replaces() -> None:
    """Nothing is written twice after a second call, or after somebody else's configuration."""
    lines = _lines("logging.basicConfig(); configure_logs('again'); log.info('once')")
    assert [line["service"] for line in lines] == ["again"]


def _on_a_terminal(**environment: str) -> str:
    """What a process writes whose standard error is a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", _HEADER + "log.info('evaluated', rule_id='rule-1')"],
        stderr=theirs,
        env={**{k: v for k, v in os.environ.items() if k != "NO_COLOR"}, **environment},
    ):
        os.close(theirs)
        text = b""
        try:
            while part := os.read(ours, 4096):
                text += part
        except OSError:  # how Linux says that a terminal's other end is closed
            pass
    os.close(ours)
    return text.decode()


def test_terminal() -> None:
    """On a terminal a line is for people, in colours unless NO_COLOR is set."""
    assert "\x1b[" in _on_a_terminal()
    plain = _on_a_terminal(NO_COLOR="1")
    assert "\x1b[" not in plain
    assert "evaluated" in plain
    assert "ruleId=rule-1" in plain


@pytest.mark.parametrize("own_process", [True, False], ids=["worker_process", "dramatiq"])
def test_dramatiq(tmp_path: Path, redis_url: str, *, own_process: bool) -> None:
    """Workers write one JSON object per line, Dramatiq's lines and tracebacks among them; with `worker_process` the
    main process does too."""
    (tmp_path / "my_worker.py").write_text(_ACTORS.format(url=redis_url))
    start = ["weathertrigger.worker_process", "rule-evaluator"] if own_process else ["dramatiq"]
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                *start,
                "my_worker:start",
                "--processes",
                "1",
                "--threads",
                "1",
                "--path",
                str(tmp_path),
            ],
            stdout=output,
            stderr=output,
            env={**os.environ, "LOG_FORMAT": "json"},
        )
        try:
            wait_until(
                lambda: (
                    {"access_token", "ready for action"}
                    <= set(re.findall("access_token|ready for action", log.read_text()))
                ),
                patience_s=30,
            )
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
        finally:
            process.kill()
    text = log.read_text().splitlines()
    lines = [orjson.loads(line) for line in text if line.startswith("{")]
    others = [line for line in text if not line.startswith("{")]
    assert "EAABsecret" not in log.read_text()
    assert {"working", "Worker process is ready for action."} <= {line["message"] for line in lines}
    assert {line["service"] for line in lines} == {"rule-evaluator"}
    assert [line for line in lines if "ValueError" in line.get("exception", "")]
    main_process = [line for line in others if "MainProcess" in line]
    assert bool(main_process) is not own_process
    assert set(others) - set(main_process) == {"printed by a library"}


def test_worker_process_with_wrong_settings() -> None:
    """Wrong settings end the start with one sentence and code 2."""
    answer = subprocess.run(
        [sys.executable, "-m", "weathertrigger.worker_process", "x", "y"],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "LOG_LEVEL": "loud"},
    )
    assert answer.returncode == 2
    assert answer.stderr == "Settings: LOG_LEVEL must be debug, info, warning or error, and it is 'loud'\n"
