"""Workers stop in their tracks (SIGSTOP) for longer than their leases, and go on as if no time had passed."""

import time
from pathlib import Path

import pytest

from tests.acceptance.fault_ground import FaultGround, fault_ground, pass_seconds
from tests.acceptance.fault_rules import frequent_rules
from tests.processes import wait_until

pytestmark = pytest.mark.faults

_LEASE_S = 15
_STOPPED_S = 3 * _LEASE_S
_IN_TRANSACTION = """
SELECT pid FROM pg_stat_activity WHERE application_name = 'weathertrigger rule-evaluator'
    AND state = 'idle in transaction' AND backend_xid IS NOT NULL -- it holds locks
    AND state_change < clock_timestamp() - interval '200 milliseconds'
"""


@pytest.mark.parametrize("name", ["weather-fetcher-1", "rule-evaluator-1"])
def test_a_worker_that_stops_for_three_leases(tmp_path: Path, name: str) -> None:
    """What it had in its hands is done by the other one after a lease; what it does when it goes on repeats nothing."""
    with fault_ground(tmp_path) as ground:
        ground.add_rules()
        pass_seconds(5)
        ground.fleet.freeze(name)
        pass_seconds(_STOPPED_S)
        ground.fleet.thaw(name)
        pass_seconds(8)
        result = ground.settled(f"{name} stopped for {_STOPPED_S} s")
    assert not result.found
    assert result.late(100) <= 45_000


def test_an_evaluator_that_stops_in_its_transaction(tmp_path: Path) -> None:
    """PostgreSQL lets its locks go, so that only its own checks are late and nobody waits behind them for long."""
    with fault_ground(tmp_path) as ground:
        ground.add_rules(frequent_rules(200, intervals=(1, 2, 3)))  # so that it is at work most of the time
        wait_until(lambda: _stops_in_transaction(ground), patience_s=60)
        pass_seconds(_STOPPED_S)
        ground.fleet.thaw("rule-evaluator-1")
        pass_seconds(8)
        result = ground.settled(f"rule-evaluator-1 stopped in its transaction for {_STOPPED_S} s")
    assert not result.found
    assert result.late(99) <= 6_000
    assert result.late(100) <= 45_000


def _stops_in_transaction(ground: FaultGround) -> bool:
    """Stops it wherever it is, and lets it go on if that was not in a transaction."""
    ground.fleet.freeze("rule-evaluator-1")
    stopped_at = time.monotonic()
    wait_until(lambda: time.monotonic() > stopped_at + 0.3)
    if ground.database.run(lambda tx: tx.rows(_IN_TRANSACTION)):
        return True
    ground.fleet.thaw("rule-evaluator-1")
    return False
