"""Rules are edited, paused and resumed while their checks run; an independent checker counts the slots afterwards."""

import random
from pathlib import Path

import pytest

from tests.acceptance.edit_storm import EditStorm
from tests.acceptance.fault_ground import every_second, fault_ground

pytestmark = pytest.mark.faults


def test_a_storm_of_edits(tmp_path: Path) -> None:
    """For a minute rules get other intervals and conditions and go on and off, several times a second, while evaluators
    are killed: every slot of every grid that stood is recorded once, some of them as overtaken by an edit."""
    chance = random.Random(20130610)  # noqa: S311 - a run that can be repeated
    with fault_ground(tmp_path) as ground:
        ground.add_rules()
        storm = EditStorm(ground, 20, chance)
        for number in every_second(60):
            for _ in range(4):
                storm.blow()
            if number % 3 == 0:
                ground.fleet.kill_one(chance, "rule-evaluator")
        result = ground.settled(f"{storm.edits} edits, {ground.fleet.kills} kills of an evaluator")
    assert not result.found
    assert result.outcomes["superseded"] > 0
    assert result.late(100) <= 45_000
