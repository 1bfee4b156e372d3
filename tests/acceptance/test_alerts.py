"""What is sent to Sentry by real processes, and what never is; that nothing waits for it."""

import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from redis import Redis

from services.automation_cli.worker_commands import ROOT, module
from tests.acceptance.sentry_stand_in import KEY, SentryStandIn, sentry
from tests.acceptance.troubled_worker import WAITS
from tests.acceptance.worker_processes import PATIENCE_S, Ground, ended, ground_on
from tests.processes import wait_until
from tests.proxy import proxy_to
from weathertrigger import __version__
from weathertrigger.alerts import FLUSH_SECONDS
from weathertrigger.domain.rule import Mode
from weathertrigger.storage import installation
from weathertrigger.storage.installation import Installation, OutsideWorld

SECRETS = {
    "OPENWEATHER_API_KEY": "b6907d289e10d714a6e88b30761fae22",
    "META_ACCESS_TOKEN": "EAAGm0PX4ZCpsBAKk3ZAbT0kenOfASystemUser",
    "META_APP_SECRET": "9f2cd41ab05e4c7d8a61",
    "GOOGLE_ADS_CLIENT_SECRET": "GOCSPX-9ab2Kd81_secret",
    "GOOGLE_ADS_REFRESH_TOKEN": "1//0gRefreshMe-L9IrTk",
    "GOOGLE_ADS_DEVELOPER_TOKEN": "dEvEl0perT0kenOfOurs22",
}
FAILURE = "Failed to process message"
NOWHERE = "127.0.0.1:1"
LOGGED_BY_DRAMATIQ, OURS = "dramatiq.", "weathertrigger."


@pytest.fixture
def ground(migrated_url: str, redis_url: str, redis_client: Redis, tmp_path: Path) -> Iterator[Ground]:
    with ground_on(migrated_url, redis_url, redis_client, tmp_path) as made:
        with made.database.transaction() as tx:
            installation.found(tx, Installation(OutsideWorld.SANDBOX, Mode.LIVE))
        yield made


def troubled(ground: Ground, dsn: str, **environment: str) -> "subprocess.Popen[str]":
    """A worker that meets what its messages say; it does one job at a time."""
    start = "tests.acceptance.troubled_worker:start"
    argv = module("weathertrigger.worker_process", "rule-evaluator", start, "--path", str(ROOT))
    settings = {"WORKER_ID": "w", "WORKER_MAX_CONCURRENT_JOBS": "1", "SENTRY_DSN": dsn}
    return ground.start(argv, **SECRETS, **settings, **environment)


def jobs(ground: Ground) -> tuple[int, int]:
    """How many jobs of the worker have succeeded and failed."""
    (row,) = ground.workers("w") or [None]
    return (row.jobs_succeeded, row.jobs_failed) if row else (0, 0)


def do(ground: Ground, *rule_ids: str) -> None:
    """Sends a job about each, and waits until all are done."""
    before = sum(jobs(ground))
    ground.send(*rule_ids)
    wait_until(lambda: sum(jobs(ground)) == before + len(rule_ids), patience_s=PATIENCE_S)


def stopped(process: "subprocess.Popen[str]") -> tuple[str, float]:
    """What a worker wrote that stops in order when it is told to, and the seconds that it took."""
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    code, output = ended(process)
    assert code == 0, output
    return output, time.monotonic() - began


def test_a_job_that_fails_for_good_is_one_event(ground: Ground) -> None:
    """With who met it, where and on which message; none for what waits or is tried again; no secret in any byte."""
    with sentry() as server:
        worker = troubled(ground, server.dsn)
        do(ground, *(f"waits-{number}" for number in range(len(WAITS))), "breaks")
        output, _ = stopped(worker)
        (event,) = server.events()
        assert FAILURE in event["logentry"]["formatted"]
        assert (event["level"], event["release"]) == ("error", f"weathertrigger@{__version__}")
        assert event["environment"] == "sandbox"
        assert event["tags"]["service"] == "rule-evaluator"
        assert event["tags"]["worker_id"] == "w/rule-evaluator/1"
        assert event["tags"]["message_id"] in output
        assert [one["type"] for one in event["exception"]["values"]] == ["ConnectionError", "ZeroDivisionError"]
        frames = event["exception"]["values"][-1]["stacktrace"]["frames"]
        assert frames[-1]["function"] == "_break"
        assert not any("vars" in frame for frame in frames)
        assert output.count("step is given up until its bell rings again") == len(WAITS)
        assert_no_secret(ground, server)


def assert_no_secret(ground: Ground, server: SentryStandIn) -> None:
    """Not even in another quoting; what stood beside them did come."""
    sent = server.everything().decode()
    password = urlsplit(ground.urls["DATABASE_URL"]).password
    assert password
    for secret in (*SECRETS.values(), password):
        assert secret not in sent
        assert quote(secret, safe="") not in sent
    assert "postgresql://postgres:***@" in sent
    assert KEY in sent, "in the header by which Sentry knows the project"
    assert sent.count(KEY) == len(re.findall(f"sentry_key={KEY}", sent)), "and nowhere else"


def test_a_notification_is_one_event(ground: Ground) -> None:
    """Semantics 30: one notification, though its transaction was repeated; none of one that came to nothing. It does
    not depend on what is logged."""
    with sentry() as server:
        worker = troubled(ground, server.dsn, LOG_LEVEL="error")
        do(ground, "tells-once", "undone", "tells-twice")
        output, _ = stopped(worker)
        first, second = server.events()
        assert first["logentry"]["formatted"].startswith(
            "Rule tells-once is paused: its calls to https://graph.example"
        )
        assert first["level"] == "warning"
        assert first["fingerprint"] == ["notification", "rule_paused", "tells-once"]
        assert second["fingerprint"] == ["notification", "rule_paused", "tells-twice"]
        assert first["tags"]["kind"] == "rule_paused"
        with ground.database.transaction() as tx:
            kept = [(row.id, row.subject) for row in tx.rows("SELECT id, subject FROM notifications ORDER BY id")]
        assert kept == [(one["extra"]["notification"], one["extra"]["subject"]) for one in (first, second)]
        assert "is paused" not in output
        for secret in SECRETS.values():
            assert secret not in server.everything().decode()


def test_a_fault_that_every_message_meets(ground: Ground) -> None:
    """It is told thirty times a minute at most, and what people have to know beside it still is."""
    with sentry() as server:
        worker = troubled(ground, server.dsn)
        do(ground, *["breaks"] * 40, "tells")
        stopped(worker)
        assert len(server.events(LOGGED_BY_DRAMATIQ)) == 30
        assert len(server.events(OURS)) == 1


@pytest.mark.parametrize("trouble", ["hangs", "429", "500", "away"])
def test_nothing_waits_for_sentry(ground: Ground, trouble: str) -> None:
    """A Sentry that hangs, refuses, fails or is away delays no job, and the end of the worker by a bounded time."""
    with sentry(int(trouble) if trouble.isdecimal() else 200) as server:
        if trouble == "hangs":
            server.answers.clear()
        worker = troubled(ground, f"http://{KEY}@{NOWHERE}/5" if trouble == "away" else server.dsn)
        do(ground, "breaks")
        wait_until(lambda: server.requests or trouble == "away")
        began = time.monotonic()
        do(ground, *["breaks", "tells", "nobody"] * 5)
        assert time.monotonic() - began < 10
        _, seconds = stopped(worker)
        assert seconds < FLUSH_SECONDS + 5, "its library alone would wait for half a minute"
        assert jobs(ground) == (10, 6)


def test_what_is_on_its_way_is_sent_before_the_end(ground: Ground) -> None:
    """By a worker that stops in order, where Sentry answers only when all else is done."""
    with sentry() as server:
        server.answers.clear()
        worker = troubled(ground, server.dsn)
        do(ground, "tells-one", "tells-two", "tells-three")
        worker.send_signal(signal.SIGTERM)
        ground.wait_for("w", "stopped, gone")
        server.answers.set()
        assert ended(worker)[0] == 0
        assert len(server.events()) == 3


def test_a_process_that_ends_at_once_is_told(ground: Ground) -> None:
    """What it says last is sent, though it ends without its threads."""
    with sentry() as server:
        worker = ground.worker("w", SENTRY_DSN=server.dsn, WORKER_GRACEFUL_SHUTDOWN_TIMEOUT="300")
        with ground.jobs_held():
            ground.send_jobs(1)
            wait_until(lambda: ground.workers("w") and ground.workers("w")[0].current_jobs == 1, patience_s=PATIENCE_S)
            worker.send_signal(signal.SIGTERM)
            code, output = ended(worker)
        assert code == 1, output
        assert "the time to stop is over" in server.sentences()


def test_a_killed_worker_and_dead_letters_are_told(ground: Ground) -> None:
    """By the scheduler, which finds that it is gone, once; a message that nobody can read by the worker that has it."""
    with sentry() as server:
        worker = ground.worker("w", SENTRY_DSN=server.dsn, WORKER_HEALTH_CHECK_INTERVAL="200")
        ground.wait_for("w", "running")
        ground.put_unreadable()
        wait_until(lambda: server.sentences() == ["message is not readable"], patience_s=PATIENCE_S)
        worker.kill()
        scheduler = ground.start([sys.executable, "-m", "services.scheduler"], WORKER_ID="s", SENTRY_DSN=server.dsn)
        wait_until(lambda: len(server.events()) > 1, patience_s=PATIENCE_S)
        stopped(scheduler)
        assert server.sentences() == ["message is not readable", "a worker has ended without a word"]
        last = server.events()[-1]
        assert last["extra"]["worker"] == "w/rule-evaluator/1"
        assert last["tags"]["service"] == "scheduler"


def test_a_worker_that_begins_anew_tells_of_the_one_before(ground: Ground) -> None:
    """Whoever supervises workers starts them again before anybody misses them: a death is told, a stop is none."""
    with sentry() as server:
        first = ground.worker("w", SENTRY_DSN=server.dsn)
        ground.wait_for("w", "running")
        stopped(first)
        second = ground.worker("w", SENTRY_DSN=server.dsn)
        ground.wait_for("w", "running")
        assert server.events() == []
        second.kill()
        third = ground.worker("w", SENTRY_DSN=server.dsn)
        wait_until(server.events, patience_s=PATIENCE_S)
        stopped(third)
        assert server.sentences() == ["the worker before this one ended without a word"]


def test_an_outage_is_no_alert(ground: Ground, redis_url: str) -> None:
    """Redis goes away under a worker: Dramatiq calls that critical, and tries again."""
    lines: list[str] = []
    with sentry() as server:
        with proxy_to(redis_url) as (_, through):
            worker = troubled(ground, server.dsn, REDIS_URL=through)
            assert worker.stdout
            threading.Thread(target=lines.extend, args=(worker.stdout,), daemon=True).start()
            do(ground, "nobody")
        wait_until(lambda: any('"critical"' in line for line in tuple(lines)), patience_s=PATIENCE_S)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(PATIENCE_S) == 0
        assert server.events() == []


def test_without_a_dsn_nothing_is_loaded(ground: Ground) -> None:
    """Sentry's library neither, by a worker that is at work."""
    worker = troubled(ground, "")
    do(ground, "looks", "breaks")
    output, _ = stopped(worker)
    assert "sentry_sdk is False" in output
    assert FAILURE in output


def test_a_dsn_that_is_none(ground: Ground) -> None:
    """One sentence and 2, without what was given."""
    for wrong in ("https://sentry.example/5", f"https://{KEY}@sentry.example", f"{KEY}@sentry.example/5"):
        code, output = ended(ground.worker("w", SENTRY_DSN=wrong))
        assert code == 2, output
        assert "SENTRY_DSN must" in output
        assert KEY not in output
        assert "Traceback" not in output
