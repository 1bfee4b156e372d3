"""The clocks of hosts are wrong; PostgreSQL's alone decides (semantics 14)."""

import os
from pathlib import Path

import pytest

from tests.acceptance.fault_fleet import SERVICES
from tests.acceptance.fault_ground import HEARTBEATS, fault_ground, pass_seconds

pytestmark = pytest.mark.faults

_FOLDER = Path(__file__).parent / "shifted_clock"


@pytest.mark.parametrize("shift", [90, -90])
def test_a_host_clock_that_is_wrong(tmp_path: Path, shift: int) -> None:
    """A scheduler, a fetcher and an evaluator run on a host that is 90 s ahead, or behind: nothing is early or late."""
    path = os.pathsep.join([str(_FOLDER), *filter(None, [os.environ.get("PYTHONPATH")])])
    wrong = {"PYTHONPATH": path, "CLOCK_SHIFT_SECONDS": str(shift)}
    with fault_ground(tmp_path, apart={f"{service}-1": wrong for service in SERVICES}) as ground:
        ground.add_rules()
        pass_seconds(40)
        beats = [at for _, at in ground.client.zscan_iter(HEARTBEATS)]
        result = ground.settled(f"one host {shift} s wrong")
    assert max(beats) - min(beats) > 80_000, "Dramatiq's heartbeats show that the clocks differ"
    assert not result.found
    assert result.late(99) <= 5_000
