"""One rule whose check always ends the process that evaluates it; an independent checker counts the slots."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.acceptance.deadly_condition import DEADLY
from tests.acceptance.fault_ground import fault_ground
from tests.acceptance.fault_rules import daily_rules, frequent_rules
from tests.processes import wait_until
from weathertrigger.instants import from_ms

pytestmark = pytest.mark.faults

_GIVEN_UP = "SELECT id FROM automation_executions WHERE outcome = 'failed'"


def test_one_deadly_rule_among_a_thousand(tmp_path: Path) -> None:
    """The other 999 go on while its evaluators die, and in the end its check is recorded as failed."""
    with fault_ground(tmp_path, starts={"rule-evaluator": "tests.acceptance.deadly_condition:start"}) as ground:
        deadly = [replace(rule, condition=DEADLY) for rule in daily_rules(1, from_ms(ground.now()))]
        ground.add_rules([*frequent_rules(999, intervals=(20, 30, 40)), *deadly], daily=0)
        ground.spans[-1] = replace(ground.spans[-1], outcomes=frozenset({"failed"}))
        wait_until(lambda: ground.database.run(lambda tx: tx.rows(_GIVEN_UP)), patience_s=230)
        result = ground.settled("one deadly rule among 999 others")
    assert not result.found
    assert result.outcomes["failed"] == 1
    *others, deadly_one = result.lateness
    assert result.late(99) <= 5_000
    assert others[-1] <= 75_000, "a good check may be with the deadly one thrice, until each rings at a time of its own"
    assert deadly_one <= 230_000
