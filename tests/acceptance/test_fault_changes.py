"""Changes of ads while everything goes wrong at once: 0 wrong values, 0 repeated changes, by the sandbox's journal."""

import random
import sys
import time
from pathlib import Path

import pytest

from tests.acceptance.changes_ground import ChangesGround, Shape, changes_ground
from tests.acceptance.changes_judge import Judgement, judge
from tests.processes import wait_until

KILL_EVERY_S = 0.4
LOST = 0.3
_META = {"service": "meta_ads", "method": "POST"}
_GOOGLE = {"service": "google_ads", "path": "mutate"}


def storm(ground: ChangesGround, chance: random.Random, turns: int, kills_a_turn: int) -> None:
    """The weather turns so often for some of the rules, and workers die; then the sky clears."""
    for number, where in enumerate((_META, _GOOGLE)):
        more = {name: value for name, value in where.items() if name != "service"}
        ground.sandbox.fault(
            where["service"], "reset_after_applying", probability=LOST, seed=chance.randrange(1000) + number, **more
        )
    rule_ids = sorted(ground.documents)
    for _ in range(turns):
        ground.turn({one: chance.random() < 0.5 for one in chance.sample(rule_ids, 1 + len(rule_ids) // 3)})
        for _ in range(kills_a_turn):
            pause(KILL_EVERY_S)
            ground.kill_workers()
    ground.sandbox.heal()
    quiet(ground)


def quiet(ground: ChangesGround) -> None:
    """Minutes pass until nothing is left to be done."""
    rounds = 0
    while ground.open_work():
        rounds += 1
        assert rounds < 200, "there is no end of it"
        pause(KILL_EVERY_S)
        ground.kill_workers()


def tell(ground: ChangesGround, result: Judgement) -> None:
    """A line for people."""
    sys.stdout.write(f"{ground.kills} workers killed: {result}\n")


def pause(seconds: float) -> None:
    """So long, by the clock."""
    until = time.monotonic() + seconds
    wait_until(lambda: time.monotonic() >= until)


def test_changes_in_short(tmp_path: Path) -> None:
    """Semantics 16, 25 and 26, in short: 48 fields, 8 rules, every message twice, workers killed, answers lost."""
    chance = random.Random(20130612)  # noqa: S311 - a run that can be repeated
    with changes_ground(tmp_path, Shape(accounts=2, campaigns=6, rules=8), chance) as ground:
        storm(ground, chance, turns=4, kills_a_turn=2)
        result = judge(ground)
    tell(ground, result)
    assert result.fields == ground.shape.fields
    assert result.changes > ground.shape.fields / 2
    assert not result.wrong
    assert not result.repeated


@pytest.mark.faults
def test_changes_of_five_hundred_fields(tmp_path: Path) -> None:
    """Semantics 16, 25 and 26: 500 fields, 50 rules with overlaps, every message twice, workers killed each 0.4 s, 30 %
    of the writes applied with the answer lost: 0 wrong values, 0 repeated changes."""
    chance = random.Random(20130613)  # noqa: S311 - a run that can be repeated
    with changes_ground(tmp_path, Shape(accounts=5, campaigns=25, rules=50), chance) as ground:
        storm(ground, chance, turns=25, kills_a_turn=5)
        result = judge(ground)
    tell(ground, result)
    assert result.fields == 500
    assert result.changes > 1000
    assert not result.wrong
    assert not result.repeated
