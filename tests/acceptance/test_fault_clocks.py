"""The clocks of hosts are wrong; PostgreSQL's alone decides (semantics 14)."""

import os
from datetime import datetime
from pathlib import Path

import orjson
import pytest

from tests.acceptance.fault_fleet import SERVICES, WORKERS
from tests.acceptance.fault_ground import fault_ground, pass_seconds

pytestmark = pytest.mark.faults

_FOLDER = Path(__file__).parent / "shifted_clock"


@pytest.mark.parametrize("shift", [90, -90])
def test_a_host_clock_that_is_wrong(tmp_path: Path, shift: int) -> None:
    """A scheduler, a fetcher and an evaluator run on a host that is 90 s ahead, or behind: nothing is early or late."""
    path = os.pathsep.join([str(_FOLDER), *filter(None, [os.environ.get("PYTHONPATH")])])
    wrong = {"PYTHONPATH": path, "CLOCK_SHIFT_SECONDS": str(shift)}
    with fault_ground(tmp_path, apart={f"{service}-1": wrong for service in SERVICES}) as ground:
        for service in WORKERS:
            ahead = _begun(ground.fleet.log(f"{service}-1")) - _begun(ground.fleet.log(f"{service}-2"))
            assert abs(ahead.total_seconds() - shift) < 30, "the clocks of the two differ"
        ground.add_rules()
        pass_seconds(40)
        result = ground.settled(f"one host {shift} s wrong")
    assert not result.found
    assert result.late(99) <= 5_000


def _begun(log: Path) -> datetime:
    """When the process wrote its first line, by its own clock."""
    return datetime.fromisoformat(orjson.loads(log.read_text().partition("\n")[0])["timestamp"])
