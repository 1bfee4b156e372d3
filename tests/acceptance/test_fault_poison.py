"""One rule whose check always ends the process that evaluates it; an independent checker counts the slots."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.acceptance.deadly_condition import DEADLY_DEGREES
from tests.acceptance.fault_ground import fault_ground
from tests.acceptance.fault_rules import frequent_rules, make_rule
from tests.processes import wait_until

pytestmark = pytest.mark.faults

_DEADLY = "deadly"
_GIVEN_UP = "SELECT reason FROM automation_executions WHERE rule_id = 'deadly' AND outcome = 'failed'"


def test_one_deadly_rule_among_a_thousand(tmp_path: Path) -> None:
    """The other 999 go on while its evaluators die, and in the end it is recorded as failed."""
    with fault_ground(tmp_path, starts={"rule-evaluator": "tests.acceptance.deadly_condition:start"}) as ground:
        deadly = make_rule(_DEADLY, 0, timedelta(hours=1), above=DEADLY_DEGREES)
        ground.add_rules([*frequent_rules(999, intervals=(20, 30, 40)), deadly], daily=0)
        promised = next(span for span in ground.spans if span.rule_id == _DEADLY)
        ground.spans[ground.spans.index(promised)] = replace(promised, outcomes=frozenset({"failed"}))
        wait_until(lambda: ground.database.run(lambda tx: tx.rows(_GIVEN_UP)), patience_s=230)
        result = ground.settled("one deadly rule among 999")
    assert not result.found
    assert result.late(99) <= 45_000
