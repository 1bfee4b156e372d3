"""Messages come twice and in any order; an independent checker counts the slots afterwards."""

import random
from pathlib import Path

import pytest

from tests.acceptance.fault_ground import NAMESPACE, fault_ground, pass_seconds
from tests.acceptance.message_doubler import MessageDoubler

pytestmark = pytest.mark.faults


def test_every_message_comes_twice_and_not_in_order(tmp_path: Path) -> None:
    """For a minute every message is delivered again, under its own id and under another, up to 20 s later."""
    chance = random.Random(20130609)  # noqa: S311 - a run that can be repeated
    with fault_ground(tmp_path) as ground:
        ground.add_rules()
        with MessageDoubler(ground.redis.url, NAMESPACE, chance) as doubler:
            pass_seconds(60)
        result = ground.settled(f"{doubler.messages} messages delivered again")
    assert doubler.messages > 60
    assert not result.found
    assert result.late(99) <= 5_000
