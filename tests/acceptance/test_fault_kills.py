"""Processes are killed every second (`kill -9`); an independent checker counts the slots afterwards."""

import random
from functools import partial
from pathlib import Path
from signal import SIGKILL

import pytest

from tests.acceptance.fault_fleet import WORKERS
from tests.acceptance.fault_ground import every_second, fault_ground, pass_seconds
from tests.processes import wait_until

pytestmark = pytest.mark.faults

_SECONDS = 120
_SCHEDULERS = ("scheduler-1", "scheduler-2")


def test_killing_a_random_worker_every_second(tmp_path: Path) -> None:
    """For two minutes a fetcher or an evaluator dies every second: every slot is recorded once, at most 45 s late."""
    chance = random.Random(20130607)  # noqa: S311 - a run that can be repeated
    with fault_ground(tmp_path) as ground:
        ground.add_rules()
        for _ in every_second(_SECONDS):
            ground.fleet.kill_one(chance, *WORKERS)
        result = ground.settled(f"kill -9 of a worker, {ground.fleet.kills} times")
    assert not result.found
    assert result.late(100) <= 45_000


def test_killing_a_random_scheduler_every_second(tmp_path: Path) -> None:
    """For two minutes one of the two schedulers dies every second, as soon as the other one runs (on a busy machine a
    start takes longer than that): 99 of 100 checks are recorded within 5 s."""
    chance = random.Random(20130608)  # noqa: S311 - a run that can be repeated
    with fault_ground(tmp_path) as ground:
        ground.add_rules()
        for _ in every_second(_SECONDS):
            victim, other = chance.sample(_SCHEDULERS, 2)
            wait_until(partial(ground.runs, other))
            ground.fleet.kill(victim)
        result = ground.settled(f"kill -9 of a scheduler, {ground.fleet.kills} times")
    assert not result.found
    assert result.late(99) <= 5_000


def test_killing_everything(tmp_path: Path) -> None:
    """Every service and both servers die at once, three times; all is started again, and what was due is caught up."""
    with fault_ground(tmp_path) as ground:
        ground.add_rules()
        for _ in range(3):
            pass_seconds(10)
            ground.fleet.kill_all()
            ground.crash(ground.postgres, SIGKILL)
            ground.crash(ground.redis, SIGKILL)
            ground.start(ground.postgres)
            ground.start(ground.redis)
        pass_seconds(5)
        result = ground.settled("kill -9 of everything, 3 times")
    assert not result.found
    assert result.late(100) <= 45_000
