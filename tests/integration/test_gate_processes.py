"""The gate with workers in processes of their own: its promises hold for all of them together."""

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import cast

import pytest
from redis import Redis

from tests.integration.gate_calls import (
    KEYS,
    Ground,
    Made,
    calling,
    clock_ms,
    fail,
    failing,
    gate_on,
    hanging,
    in_processes,
    is_let_in,
    probing,
)
from tests.processes import wait_until
from weathertrigger.broker import connect_redis
from weathertrigger.call_limits import CallLimit
from weathertrigger.embedded import EmbeddedRedis
from weathertrigger.limits.passage import LEASE
from weathertrigger.storage.database import Database

SHORT = CallLimit(40, timedelta(seconds=1))
LONG = CallLimit(100, timedelta(days=1))


@pytest.fixture
def ground(migrated_url: str, redis_url: str, redis_client: Redis) -> Ground:
    return Ground(migrated_url, redis_url)


def assert_never_too_many(calls: list[Made], limit: CallLimit) -> None:
    """A hit lies between the asking and the beginning of its call. Of one more calls than the limit, in a row, the hits
    are not all in one window."""
    window = limit.window // timedelta(milliseconds=1)
    began = sorted(calls, key=lambda one: one.began_ms)
    for first in range(len(began) - limit.calls):
        row = began[first : first + limit.calls + 1]
        assert row[-1].began_ms - min(one.asked_ms for one in row) > window


def hits(redis: Redis) -> int:
    """How many there are."""
    return max(redis.zcard(KEYS.hits) - 1, 0)


def has_hits(redis: Redis, least: int) -> bool:
    return hits(redis) >= least


@pytest.mark.parametrize("lost", ["nothing", "scripts"])
def test_never_more_than_the_limits_and_all_of_them(ground: Ground, redis_client: Redis, lost: str) -> None:
    """Six processes with two threads each: exactly the long limit goes out, in no window more than the short one."""
    limited = Ground(ground.database_url, ground.redis_url, (SHORT, LONG))

    def lose_scripts() -> None:
        wait_until(partial(has_hits, redis_client, SHORT.calls))
        redis_client.script_flush()

    losing = threading.Thread(target=lose_scripts)
    if lost == "scripts":
        losing.start()
    calls = [one for made in in_processes(6, calling, limited) for one in cast("list[Made]", made)]
    assert len(calls) == LONG.calls
    assert_never_too_many(calls, SHORT)
    assert hits(redis_client) == LONG.calls


def test_a_flushed_redis_lets_no_burst_out(ground: Ground, redis_client: Redis) -> None:
    """Again and again in the middle of six processes at work. A call that was counted and then held back, because its
    place was lost with the keys, is not made up for."""
    limited = Ground(ground.database_url, ground.redis_url, (LONG,))

    def lose() -> None:
        for seen in (10, 30, 50, 70, 90):
            wait_until(partial(has_hits, redis_client, seen))
            redis_client.flushall()

    losing = threading.Thread(target=lose)
    losing.start()
    calls = [one for made in in_processes(6, calling, limited) for one in cast("list[Made]", made)]
    losing.join()
    assert LONG.calls - 5 * 12 <= len(calls) <= LONG.calls


def test_redis_restarts_in_the_middle(migrated_url: str, tmp_path: Path) -> None:
    """It comes back with its hits; what was called before counts."""
    with EmbeddedRedis(tmp_path) as server:
        limited = Ground(migrated_url, server.url, (SHORT, LONG))
        client = connect_redis(server.url)

        def restart() -> None:
            wait_until(partial(has_hits, client, 20))
            os.kill(server.pid, signal.SIGKILL)
            wait_until(lambda: not server.is_running())

        with ThreadPoolExecutor(1) as beside:
            calls = beside.submit(calling, limited, 4)
            restart()
            assert server.start() == limited.redis_url
            made = calls.result()
        assert LONG.calls - 4 <= len(made) <= LONG.calls
        assert hits(client) == LONG.calls
        assert_never_too_many(made, SHORT)
        client.close()


def test_a_service_that_hangs_gets_twenty_calls(ground: Ground, redis_client: Redis, database: Database) -> None:
    """Of forty threads in four processes, before all leave it alone; and one notification."""
    in_processes(4, failing, ground, attempts=5, threads=10, hang_seconds=0.4)
    assert 5 <= int(cast("bytes", redis_client.get("went_out"))) <= 20
    gate = gate_on(redis_client, database)
    assert (gate.state().breaker, gate.state().in_flight) == ("open", 0)
    with database.transaction() as tx:
        assert [row.kind for row in tx.rows("SELECT kind FROM notifications")] == ["breaker_open"]


def test_one_probe_over_all_processes(ground: Ground, redis_client: Redis, database: Database) -> None:
    """Six of them ask all the time; each time that the breaker has been open for long enough, one call goes out."""
    gate = gate_on(redis_client, database)
    for _ in range(5):
        fail(gate)
    quick = Ground(ground.database_url, ground.redis_url, reset=timedelta(seconds=1))
    in_processes(6, probing, quick, seconds=4.0, hang_seconds=0.3)
    probes = [int(one) for one in cast("list[bytes]", redis_client.lrange("probes", 0, -1))]
    assert len(probes) >= 2
    assert all(later - earlier >= 1300 for earlier, later in pairwise(probes))
    assert set(cast("list[bytes]", redis_client.lrange("at_once", 0, -1))) == {b"1"}
    with database.transaction() as tx:
        assert [row.kind for row in tx.rows("SELECT kind FROM notifications")] == ["breaker_open"]


@pytest.mark.parametrize("breaker", ["closed", "open"])
def test_a_killed_holder_holds_its_place_for_its_lease(
    ground: Ground, redis_client: Redis, database: Database, breaker: str
) -> None:
    """And no longer; also as the probe of an open breaker."""
    gate = gate_on(redis_client, database, most_at_once=1)
    if breaker == "open":
        for _ in range(5):
            fail(gate)
        redis_client.hset(KEYS.breaker, "opened_at", 1)
    holder = get_context("spawn").Process(target=hanging, args=(ground,))
    holder.start()
    wait_until(lambda: redis_client.get("holder"))
    os.kill(cast("int", holder.pid), signal.SIGKILL)
    holder.join()
    assert not is_let_in(gate)
    ((place, ends),) = cast("list[tuple[bytes, float]]", redis_client.zrange(KEYS.in_flight, 0, -1, withscores=True))
    assert 0 < ends - clock_ms(redis_client) <= LEASE / timedelta(milliseconds=1)
    redis_client.zadd(KEYS.in_flight, {place: clock_ms(redis_client) + 300})
    wait_until(lambda: is_let_in(gate))
    assert (gate.state().breaker, gate.state().in_flight) == ("closed", 0)
