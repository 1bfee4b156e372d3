"""A worker in the registry: its name, its heartbeat, its counts; asked to stop; with PostgreSQL in trouble."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest
from redis import Redis

from tests.integration.lives import HOLDER, NAME, Living, holder, kill, listed, living, name_taken
from tests.integration.workers import QUEUE, consume, doorbell, working
from tests.processes import wait_until
from tests.proxy import proxy_to
from weathertrigger.broker import enqueue_all, make_broker
from weathertrigger.embedded import EmbeddedPostgreSQL
from weathertrigger.errors import DoorbellExpired, StorageUnavailable, WorkerNameTaken
from weathertrigger.messages import ApplyChanges
from weathertrigger.storage import worker_registry
from weathertrigger.storage.database import Database
from weathertrigger.storage.migrate import migrate
from weathertrigger.storage.worker_registry import JobCounts, WorkerStatus
from weathertrigger.workers.life import Pace
from weathertrigger.workers.lifecycle import Lifecycle


@contextmanager
def pushed_out(database: Database) -> Iterator[None]:
    """The worker's session is killed, and somebody else holds its name in this block."""
    with ThreadPoolExecutor(1) as thread, ExitStack() as stack:
        waiting = thread.submit(lambda: stack.enter_context(name_taken(database)))
        wait_until(lambda: _queue_for_name(database))
        kill(database, holder(database))
        waiting.result(timeout=15)
        yield


def _queue_for_name(database: Database) -> bool:
    with database.transaction() as tx:
        return bool(tx.rows(HOLDER.replace("granted", "NOT granted"), {"name": NAME}))


def ask_to_stop(database: Database, name: str = NAME) -> list[str]:
    with database.transaction() as tx:
        return worker_registry.ask_to_stop(tx, name)


def test_a_life(database: Database) -> None:
    """Starting, running, stopping, stopped; alive until its end, and its name is free afterwards."""
    with living(database, Living(broker_id="b")) as life:
        born = listed(database)
        assert (born.status, born.alive, born.lost, born.stopped_at) == ("starting", True, False, None)
        assert (born.service, born.host, born.process_id, born.broker_id) == ("ad-action", "here", 17, "b")
        for status in (WorkerStatus.RUNNING, WorkerStatus.STOPPING):
            life.is_now(status)
            wait_until(partial(_has_status, database, status))
    wait_until(lambda: not listed(database).alive)
    dead = listed(database)
    assert (dead.status, dead.lost) == ("stopped", False)
    assert dead.started_at == born.started_at <= dead.stopped_at <= dead.clock
    with living(database):
        again = listed(database)
        assert (again.status, again.stopped_at) == ("starting", None)
        assert again.started_at > dead.stopped_at


def _has_status(database: Database, status: WorkerStatus) -> bool:
    return bool(listed(database).status == status)


@pytest.mark.parametrize("heartbeat_ms", [100, 1200])
def test_the_heart_beats(database: Database, heartbeat_ms: int) -> None:
    """In the interval, also when nothing changes, and when the interval does not fit the looks."""
    beats: set[datetime] = set()

    def enough() -> bool:
        beats.add(listed(database).last_heartbeat)
        return len(beats) > 3

    with living(database, Living(heartbeat_ms=heartbeat_ms, pace=Pace())):
        wait_until(enough)
        assert not worker_registry.is_late(listed(database))
    gap_ms = min((two - one).total_seconds() * 1000 for one, two in pairwise(sorted(beats)))
    assert heartbeat_ms * 0.9 <= gap_ms <= heartbeat_ms * 1.5, "the shortest: a busy machine makes some longer"


def test_counts_are_written_when_they_change(database: Database) -> None:
    """Long before the heartbeat is due."""
    one = Living(heartbeat_ms=3_600_000)
    with living(database, one):
        for counts in (JobCounts(current=1), JobCounts(succeeded=3, failed=2, expired=1)):
            one.counts = counts
            wait_until(lambda: listed(database).current_jobs == one.counts.current, patience_s=5)
            wait_until(lambda: listed(database).jobs_failed == one.counts.failed, patience_s=5)
        row = listed(database)
    assert (row.jobs_processed, row.jobs_succeeded, row.jobs_failed, row.jobs_expired) == (5, 3, 2, 1)


def test_the_jobs_of_a_worker(database: Database, redis_client: Redis) -> None:
    """What each job came to, while it runs and afterwards, and the states of a worker that boots and stops."""
    broker, go_on = make_broker(redis_client, "wt"), threading.Event()

    def step(message: ApplyChanges) -> None:
        match message.account_id:
            case "long":
                assert go_on.wait(20)
            case "late":
                raise DoorbellExpired("too late")
            case "away":
                raise StorageUnavailable("PostgreSQL: gone")
            case "fault":
                raise ZeroDivisionError

    consume(broker, database, step)
    ends: list[int] = []
    one = Living()
    life = one.on(database)
    life._counts = lambda: broker.jobs.counts
    life.start()
    broker.add_middleware(Lifecycle(life, broker, end=ends.append))
    with working(broker):
        wait_until(lambda: listed(database).status == "running")
        enqueue_all(broker, [doorbell(name) for name in ("long", "late", "away", "fault", "good")])
        wait_until(lambda: (listed(database).jobs_processed, listed(database).current_jobs) == (4, 1))
        go_on.set()
        wait_until(lambda: listed(database).jobs_processed == 5)
    row = listed(database)
    assert (row.jobs_succeeded, row.jobs_failed, row.jobs_expired, row.current_jobs) == (3, 2, 1, 0)
    assert (row.status, ends) == ("stopped", [])
    assert redis_client.zcard(f"wt:dramatiq:{QUEUE}.XQ") == 1, "the fault is kept"


def test_a_live_twin_is_refused(database: Database) -> None:
    """With the sentence, after a little patience; the first is untouched, and others are let in."""
    first, twin = Living(), Living(broker_id="twin")
    with living(database, first), living(database, Living("shop-1/ad-action/2")):
        before = listed(database)
        with pytest.raises(WorkerNameTaken, match=rf"^A worker named {NAME} is alive: stop it, or give this one"):
            twin.on(database).start()
        assert listed(database)[:6] == before[:6]
        assert (first.lost, twin.lost, first.stopped) == (0, 0, 0)


def test_a_name_that_is_free_a_moment_later(database: Database) -> None:
    """A restart right after a kill waits until the session of the killed one is gone."""
    with ExitStack() as stack:
        stack.enter_context(name_taken(database))
        threading.Timer(0.3, stack.close).start()
        with living(database, Living(pace=Pace())):
            assert listed(database).alive


def test_a_session_that_is_killed(database: Database) -> None:
    """The worker enters again by itself: the same life, with its counts; nobody is told to stop."""
    one = Living(counts=JobCounts(succeeded=7))
    with living(database, one) as life:
        life.is_now(WorkerStatus.RUNNING)
        before = holder(database)
        born = listed(database).started_at
        kill(database, before)
        wait_until(lambda: holder(database) not in {None, before})
        wait_until(lambda: listed(database).status == "running")
        row = listed(database)
        assert (row.jobs_succeeded, row.started_at, one.stopped, one.lost) == (7, born, 0, 0)


def test_a_request_while_it_was_away(database: Database) -> None:
    """Somebody asks it to stop while its session is broken: it is told when it is back."""
    one = Living()
    with living(database, one):
        with pushed_out(database):
            assert ask_to_stop(database) == [NAME]
        wait_until(lambda: one.stopped)
        assert (one.stopped, one.lost) == (1, 0)


def test_a_name_that_was_taken_meanwhile(database: Database) -> None:
    """It cannot go on under a name that another one has."""
    one = Living()
    with living(database, one), pushed_out(database):
        wait_until(lambda: one.lost)
    assert (one.lost, one.stopped) == (1, 0)


def test_a_name_that_turns_out_to_be_taken(database: Database) -> None:
    """A worker that had begun without PostgreSQL cannot go on either, when it learns of a twin."""
    one = Living(pace=Pace(enter=0.1, name_patience=0.5))
    with name_taken(database), living(database, one):
        wait_until(lambda: one.lost)


def test_postgresql_that_comes_back(tmp_path: Path) -> None:
    """It may be away at the start and in the middle; the worker goes on, and enters when it can."""
    with (
        EmbeddedPostgreSQL(tmp_path, durable=False) as server,
        closing(Database(server.url, application_name="weathertrigger tests")) as database,
    ):
        migrate(database)
        one = Living(counts=JobCounts(succeeded=7))
        with living(database, one) as life:
            life.is_now(WorkerStatus.RUNNING)
            wait_until(lambda: listed(database).status == "running")
            server.stop()
            one.counts = JobCounts(succeeded=8)
            server.start()
            database.close()
            wait_until(lambda: listed(database).jobs_succeeded == 8)
            assert (listed(database).status, one.stopped, one.lost) == ("running", 0, 0)
        assert listed(database).status == "stopped"


def test_a_connection_that_only_one_side_has_lost(migrated_url: str, database: Database) -> None:
    """PostgreSQL believes that the session of before is still there: the worker ends it and goes on."""
    one = Living()
    with proxy_to(migrated_url) as (proxy, url), closing(Database(url, application_name="proxied")) as proxied:
        with living(proxied, one):
            before = holder(database)
            proxy.lose_callers()
            wait_until(lambda: holder(database) not in {None, before})
            wait_until(lambda: listed(database).last_heartbeat > listed(database).started_at)
        assert (one.lost, listed(database).status) == (0, "stopped")


def test_asked_to_stop(database: Database) -> None:
    """Once, at once, and long before the next heartbeat; only who is meant."""
    one, other = [Living(name, heartbeat_ms=3_600_000, pace=Pace()) for name in (NAME, "shop-1/ad-action/10")]
    with living(database, one), living(database, other):
        assert ask_to_stop(database) == [NAME]
        wait_until(lambda: one.stopped, patience_s=5)
        one.counts = other.counts = JobCounts(succeeded=1)
        wait_until(lambda: listed(database).jobs_succeeded == listed(database, other.name).jobs_succeeded == 1)
        ask_to_stop(database)
        one.counts = JobCounts(succeeded=2)
        wait_until(lambda: listed(database).jobs_succeeded == 2)
        assert (one.stopped, other.stopped) == (1, 0)
    assert ask_to_stop(database) == [], "who has stopped is not asked"


def test_a_row_that_was_deleted_by_hand(database: Database) -> None:
    """It comes back with everything."""
    one = Living(counts=JobCounts(failed=2), heartbeat_ms=200)
    with living(database, one) as life:
        life.is_now(WorkerStatus.RUNNING)
        with database.transaction() as tx:
            assert tx.execute("DELETE FROM worker_registry") == 1
        wait_until(lambda: _rows(database) == [(NAME, "running", 2)])


def _rows(database: Database) -> list[tuple[str, str, int]]:
    with database.transaction() as tx:
        return [tuple(row) for row in tx.rows("SELECT worker_id, status, jobs_failed FROM worker_registry")]


def test_an_end_without_a_start(database: Database) -> None:
    """Of a worker that never came so far; and twice is as good as once."""
    life = Living().on(database)
    life.end()
    life.end()


def test_a_host_that_is_gone(database: Database) -> None:
    """PostgreSQL looks after its sessions too, so that the name of a worker whose host has died becomes free."""
    with database.transaction() as tx:
        settings = [tx.rows(f"SHOW tcp_keepalives_{name}")[0][0] for name in ("idle", "interval", "count")]
    assert settings == ["30", "10", "3"]
