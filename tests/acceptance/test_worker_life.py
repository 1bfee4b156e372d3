"""Worker processes are started, stopped, killed and started again: what runs is finished, and what waits is left."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from redis import Redis

from tests.acceptance.worker_processes import PATIENCE_S, Ground, children, ended, gone, ground_on, interrupt
from tests.processes import wait_until
from weathertrigger.embedded import EmbeddedRedis


@pytest.fixture
def ground(migrated_url: str, redis_url: str, redis_client: Redis, tmp_path: Path) -> Iterator[Ground]:
    with ground_on(migrated_url, redis_url, redis_client, tmp_path) as made:
        yield made


def test_sigterm_finishes_what_runs(ground: Ground) -> None:
    """What was only fetched is back in the queue while the job still runs, the job is finished, exit code 0."""
    worker = ground.worker("w", WORKER_MAX_CONCURRENT_JOBS="1")
    with ground.jobs_held() as held:
        ground.send_jobs(5)
        wait_until(lambda: ground.waiting() == 3, patience_s=PATIENCE_S)  # one is done, one is fetched
        wait_until(lambda: ground.workers("w")[0].current_jobs == 1)
        worker.send_signal(signal.SIGTERM)
        wait_until(lambda: ground.waiting() == 4)
        ground.wait_for("w", "stopping")
        worker.send_signal(signal.SIGTERM)  # somebody is impatient: that changes nothing
        held.close()
        code, output = ended(worker)
    assert (code, ground.waiting()) == (0, 4), output
    (row,) = ground.workers("w")
    assert (row.status, row.jobs_succeeded, row.jobs_failed, row.lost) == ("stopped", 1, 0, False)
    assert ground.redis.keys("*__acks__*") == []


def test_a_stop_that_takes_too_long(ground: Ground) -> None:
    """The worker leaves in time without the job, and says so by its exit code."""
    worker = ground.worker("w", WORKER_GRACEFUL_SHUTDOWN_TIMEOUT="300")
    with ground.jobs_held():
        ground.send_jobs(1)
        wait_until(lambda: ground.workers("w") and ground.workers("w")[0].current_jobs == 1, patience_s=PATIENCE_S)
        worker.send_signal(signal.SIGTERM)
        code, output = ended(worker)
    assert code == 1, output
    assert "the time to stop is over" in output
    ground.wait_for("w", "stopped, gone")


def test_twins_kills_and_restarts(ground: Ground) -> None:
    """A live twin is refused with one sentence; a restart after kill -9 is not, at once; a child does not die alone."""
    first = ground.worker("w")
    ground.wait_for("w", "running")
    code, output = ended(ground.worker("w"))
    assert code == 5
    assert "A worker named w/rule-evaluator/1 is alive: stop it, or give this one another WORKER_ID." in output
    assert "Traceback" not in output
    assert first.poll() is None
    child = ground.child("w")
    first.kill()
    second = ground.worker("w")
    wait_until(lambda: gone(child) and ground.child("w") != child, patience_s=PATIENCE_S)
    ground.wait_for("w", "running")
    assert second.poll() is None
    os.kill(ground.child("w"), signal.SIGKILL)
    assert ended(second)[0] not in {0, None}


def test_ground_that_is_not_safe(ground: Ground, tmp_path: Path) -> None:
    """A Redis that evicts, an address that is none, no room for a job: one sentence and a code, no traceback."""
    with EmbeddedRedis(tmp_path) as server, closing(Redis.from_url(server.url)) as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
        refused = {
            "Redis evicts keys (allkeys-lru)": (ground.worker("w", REDIS_URL=server.url), 5),
            "WORKER_MAX_CONCURRENT_JOBS must be": (ground.worker("w", WORKER_MAX_CONCURRENT_JOBS="0"), 2),
            "DATABASE_URL must name a host": (ground.worker("w", DATABASE_URL="postgresql://"), 2),
            "DATABASE_URL is not an address": (ground.worker("w", DATABASE_URL="postgresql://h/d?nonsense=1"), 2),
            "REDIS_URL cannot be used: Invalid value for 'socket_timeout'": (
                ground.worker("w", REDIS_URL="redis://h?socket_timeout=soon"),
                2,
            ),
        }
        for sentence, (process, expected) in refused.items():
            code, output = ended(process)
            assert code == expected, output
            assert sentence in output
            assert "Traceback" not in output


def test_three_services_under_one_name(ground: Ground) -> None:
    """`start-worker` runs them in the foreground; `stop-worker` lets the one that is busy finish, and both end well."""
    started = ground.cli("start-worker", "worker-1", "3")
    ground.wait_for("worker-1", "running", "running", "running")
    assert [row.service for row in ground.workers("worker-1")] == ["ad-action", "rule-evaluator", "weather-fetcher"]
    with ground.jobs_held() as held:
        ground.send_jobs(5)
        wait_until(lambda: ground.workers("worker-1")[1].current_jobs == 3)
        stopping = ground.cli("stop-worker", "worker-1")
        ground.wait_for("worker-1", "stopped, gone", "stopping", "stopped, gone")
        wait_until(lambda: len(children(started.pid)) == 1)  # so the third has been told to stop once more
        assert (started.poll(), stopping.poll()) == (None, None)
        held.close()
        stopped, output = ended(stopping)
    code, log = ended(started)
    assert (stopped, code) == (0, 0), (output, log)
    assert output.endswith("Stopped.\n")
    assert [row.jobs_succeeded for row in ground.workers("worker-1")] == [0, 3, 0]
    assert ground.waiting() == 2


def test_one_service_and_ctrl_c(ground: Ground) -> None:
    """`--service` runs only that one; by its own name it is stopped; Ctrl-C ends well; who has stopped stays so."""
    only = ground.cli("start-worker", "one", "--service", "weather-fetcher")
    interrupted = ground.cli("start-worker", "two", "--service", "ad-action")
    bare = ground.worker("three")
    scheduler = ground.start([sys.executable, "-m", "services.scheduler"], WORKER_ID="four")
    for name in ("one", "two", "three", "four"):
        ground.wait_for(name, "running")
    assert ended(ground.cli("stop-worker", "one/weather-fetcher/1"))[0] == 0
    interrupt(interrupted)
    interrupt(bare)
    assert ended(ground.cli("stop-worker", "four"))[0] == 0
    codes = {name: ended(one) for name, one in zip("1234", (only, interrupted, bare, scheduler), strict=True)}
    assert {name: code for name, (code, _) in codes.items()} == dict.fromkeys("1234", 0), codes
    again, unknown = ground.cli("stop-worker", "one"), ground.cli("stop-worker", "wo")
    assert ended(again) == (0, "No worker one is running.\n")
    code, output = ended(unknown)
    assert code == 3
    assert "There is no worker 'wo'" in output
