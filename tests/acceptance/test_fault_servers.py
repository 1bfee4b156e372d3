"""Redis and PostgreSQL restart, stay away and forget; an independent checker counts the slots afterwards."""

import time
from pathlib import Path
from signal import SIGKILL, SIGQUIT

import pytest

from tests.acceptance.fault_ground import FaultGround, every_second, fault_ground, pass_seconds
from tests.processes import wait_until
from weathertrigger.embedded.server import EmbeddedServer

pytestmark = pytest.mark.faults

_AWAY_S = 30
_UPCOMING = "SELECT id FROM automation_rules WHERE next_check_at <= clock_ms() + interval '1 minute'"


def test_redis_restarts(tmp_path: Path) -> None:
    """Four times, asked to and killed in turn: what rang and what waited in its queues may be gone, no check is."""
    with fault_ground(tmp_path) as ground:
        ground.add_rules()
        for number in range(4):
            pass_seconds(8)
            if number % 2:
                ground.crash(ground.redis, SIGKILL)
            else:
                ground.redis.stop()
            ground.start(ground.redis)
        pass_seconds(8)
        result = ground.settled("Redis restarts, 4 times")
    assert not result.found
    assert result.late(100) <= 45_000


@pytest.mark.parametrize("name", ["redis", "postgres"])
def test_a_server_is_away(tmp_path: Path, name: str) -> None:
    """For 30 s: when it is back, everything that came due meanwhile is caught up within 15 s."""
    with fault_ground(tmp_path) as ground:
        server: EmbeddedServer = getattr(ground, name)
        ground.add_rules()
        pass_seconds(8)
        server.stop()
        pass_seconds(_AWAY_S)
        ground.start(server)
        pass_seconds(8)
        result = ground.settled(f"{server.name} away for {_AWAY_S} s")
    assert not result.found
    assert result.late(100) <= (_AWAY_S + 15) * 1000


def test_redis_forgets_everything(tmp_path: Path) -> None:
    """FLUSHALL, three times: within 60 s every rule that is due soon has its bell again."""
    longest = 0.0
    with fault_ground(tmp_path) as ground:
        ground.add_rules()
        for _ in range(3):
            pass_seconds(8)
            ground.client.flushall()
            flushed_at = time.monotonic()
            wait_until(lambda: _all_ring(ground), patience_s=60)
            longest = max(longest, time.monotonic() - flushed_at)
        pass_seconds(8)
        result = ground.settled(f"FLUSHALL, 3 times; all bells there again after {longest:.1f} s")
    assert not result.found
    assert result.late(100) <= 45_000


def test_redis_forgets_its_scripts(tmp_path: Path) -> None:
    """SCRIPT FLUSH every second for half a minute."""
    with fault_ground(tmp_path) as ground:
        ground.add_rules()
        for _ in every_second(30):
            ground.client.script_flush()
        result = ground.settled("SCRIPT FLUSH, 30 times")
    assert not result.found
    assert result.late(99) <= 5_000


def test_postgresql_restarts_at_once(tmp_path: Path) -> None:
    """Four immediate shutdowns (SIGQUIT), after which it recovers from its log: what was committed is there, what was
    not is done again."""
    with fault_ground(tmp_path) as ground:
        ground.add_rules()
        for _ in range(4):
            pass_seconds(8)
            ground.crash(ground.postgres, SIGQUIT)
            ground.start(ground.postgres)
        pass_seconds(8)
        result = ground.settled("PostgreSQL restarts immediately, 4 times")
    assert not result.found
    assert result.late(100) <= 45_000


def _all_ring(ground: FaultGround) -> bool:
    soon = [row.id for row in ground.database.run(lambda tx: tx.rows(_UPCOMING))]
    return None not in ground.client.zmscore(ground.bells.key, soon)
