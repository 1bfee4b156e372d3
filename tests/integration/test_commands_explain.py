"""`automation-cli explain`: what is stored of a check and of what became of it, for people and for scripts."""

import json
from typing import Any

from tests.integration.commands import Run, assert_refused
from tests.integration.engine import Engine
from tests.integration.rule_documents import DRY, RAIN, budget, rule, status


def explained(run: Run, what: str) -> dict[str, Any]:
    done = run("explain", what, "--output", "json")
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_a_check_that_changed_something(engine: Engine, run: Run) -> None:
    """Semantics 32: the tree with value, unit, threshold, age, provider and result; the sentence; the change with the
    baseline that it counts from and what became of it; when the rule is checked next."""
    engine.apply(rule("wet", budget("23848"), status("23847")))
    row = engine.judge(RAIN, "wet")["wet"]
    engine.act()
    done = run("explain", str(row.id))
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert said[0].startswith(f"Execution {row.id} of wet (Rule wet): met, manual of ")
    assert said[1] == row.reason
    assert said[2].split() == ["true", "rain", "2", "mm/h,", "wanted", "above", "0.5", "mm/h"]
    assert said[3].startswith("Reading ")
    assert "OpenWeather, observed" in said[3]
    assert said[3].endswith(", 5 min old.")
    assert said[4] == "Asked for:"
    arithmetic = (
        "meta-acme ad set 23848 daily_budget: 80.00 USD -> 96.00 USD = baseline 80.00 USD + 20 %; confirmed at "
    )
    assert any(line.strip().startswith(arithmetic) for line in said)
    assert any(
        line.strip().startswith("meta-acme ad set 23847 status: paused -> enabled; confirmed at") for line in said
    )
    assert said[-3].startswith("Now: active since ")
    assert said[-2].startswith("Next check: ")
    assert said[-1] == "Next boundary: none"


def test_the_same_as_json(engine: Engine, run: Run) -> None:
    """Semantics 32: everything of the execution, and the platform's own integers beside the arithmetic."""
    engine.apply(rule("wet", budget("23848")))
    row = engine.judge(RAIN, "wet")["wet"]
    engine.act()
    document = explained(run, "wet")
    assert (document["id"], document["outcome"], document["reason"]) == (row.id, "met", row.reason)
    leaf = {"metric": "rain", "value": 2.0, "unit": "mm/h", "above": 0.5, "result": True}
    assert document["explanation"]["condition"] == leaf
    (change,) = document["changes"]
    assert (change["from_value"], change["to_value"], change["state"]) == ("8000", "9600", "confirmed")
    assert change["arithmetic"] == "96.00 USD = baseline 80.00 USD + 20 %"
    assert document["now"]["state"] == "active"
    assert document["now"]["next_check_at"] == document["now"]["next_slot_at"]
    assert document["now"]["next_boundary_at"] is None


def test_a_rule_by_its_last_check(engine: Engine, run: Run) -> None:
    """A rule's id stands for its newest execution; an older one is still told by its number, as it was."""
    engine.apply(rule("wet", budget("23848")))
    first = engine.judge(RAIN, "wet")["wet"]
    engine.act()
    last = engine.judge(DRY, "wet")["wet"]
    assert explained(run, "wet")["id"] == last.id
    old = explained(run, str(first.id))
    assert (old["id"], old["conditions_met"], old["now"]["state"]) == (first.id, True, "inactive")


def test_a_check_that_asked_for_nothing(engine: Engine, run: Run) -> None:
    """It says so; where there was no weather there is no tree."""
    engine.apply(rule("wet", budget("23848")))
    engine.judge(DRY, "wet")
    engine.judge(None, "wet")
    said = run("explain", "wet").stdout
    assert "No verdict: there is no weather" in said
    assert "Asked for no change." in said
    assert "wanted" not in said


def test_without_data_the_next_boundary_is_told(engine: Engine, run: Run) -> None:
    """Semantics 32: six hours without a verdict end a raise at a time of their own, which is the next boundary."""
    engine.apply(rule("wet", budget("23848")))
    engine.judge(RAIN, "wet")
    engine.judge(None, "wet")
    now = explained(run, "wet")["now"]
    assert now["next_boundary_at"] is not None
    assert now["next_check_at"] == min(now["next_slot_at"], now["next_boundary_at"])


def test_what_is_held(engine: Engine, run: Run) -> None:
    """Semantics 8 and 32: the rain has ended and the rule has not; until when is told, and that it is a boundary."""
    engine.apply(rule("wet", hold={"keep_for": "2 h"}))
    engine.judge(RAIN, "wet")
    engine.judge(DRY, "wet")
    document = explained(run, "wet")
    hold = document["explanation"]["hold"]
    assert (document["conditions_met"], document["now"]["state"], hold["keep_for"]) == (False, "active", "2 h")
    assert document["now"]["next_boundary_at"][:19] == hold["kept_until"][:19]
    said = run("explain", "wet").stdout
    assert f"active until {hold['kept_until'][:10]} {hold['kept_until'][11:19]} UTC (keep_for 2 h)." in said


def test_outside_the_active_hours(engine: Engine, run: Run) -> None:
    """Semantics 10 and 32: no weather was looked at, so there is no tree; until when is told."""
    engine.apply(rule("wet", dates={"from": "2001-01-01", "until": "2001-01-02"}))
    engine.judge(RAIN, "wet")
    done = run("explain", "wet")
    assert done.returncode == 0, done.stderr
    assert "Active hours: outside for good (America/New_York)." in done.stdout
    assert explained(run, "wet")["explanation"] == {
        "active": {"within": False, "until": None, "timezone": "America/New_York"}
    }


def test_what_is_not_there(engine: Engine, run: Run) -> None:
    """3, and which commands list what there is."""
    engine.apply(rule("new"))
    for unknown in ("nobody", "999999", "9" * 30):
        assert_refused(run("explain", unknown), 3, f"neither an execution nor a rule '{unknown}'", "executions")
    assert_refused(run("explain", "new"), 3, "has not been checked yet")


def test_a_rule_that_is_gone(engine: Engine, run: Run) -> None:
    """Its executions are still explained."""
    engine.apply(rule("wet"))
    row = engine.judge(DRY, "wet")["wet"]
    engine.execute("DELETE FROM rule_targets")
    engine.execute("DELETE FROM automation_rules")
    done = run("explain", str(row.id))
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "The rule is gone."
    assert explained(run, str(row.id))["now"] is None
