"""Rules with several cases through the whole pipeline: verdict, change, edit, preview (semantics A, 17 to 19)."""

from typing import Any

import pytest

from tests.integration.engine import Engine
from tests.integration.rule_documents import META, Document, rule
from tests.integration.test_preview import look
from weathertrigger.domain.weather import Metric

BUDGET = ("ad_set/23848", "daily_budget")
STATUS = ("ad_set/23848", "status")
DRIZZLE, POUR, DRY = ({Metric.RAIN: amount} for amount in (1.0, 6.0, 0.0))


def case(above: float, **settings: object) -> Document:
    """A case of rain."""
    return {"when": {"metric": "rain", "above": above, "unit": "mm/h"}, "set": settings}


def change(percent: int) -> Document:
    """Of the daily budget."""
    return {"change": f"{percent:+} %"}


MORE, SOME = case(5, daily_budget=change(50)), case(0.5, daily_budget=change(20))


def with_cases(*cases: Document, target: Document | None = None, **more: object) -> Document:
    """A live rule with these cases on the Meta ad set 23848, whose daily budget is 80.00 USD."""
    document = rule("wet", {"account": META, "ad_set": "23848", **(target or {})}, cases=list(cases), **more)
    del document["when"]
    return document


def _written(engine: Engine) -> list[tuple[str, str]]:
    return [(name, value) for _, name, value in engine.writes()]


def test_from_case_to_case_and_back(engine: Engine) -> None:
    """Semantics 17 and A: each case counts from the same baseline; a change from one to another is a new decision."""
    engine.apply(with_cases(MORE, SOME))
    for weather in (DRIZZLE, POUR, POUR, DRIZZLE, DRY):
        engine.turn(weather, "wet")
    assert _written(engine) == [("daily_budget", value) for value in ("9600", "12000", "9600", "8000")]
    assert engine.field(*BUDGET).generation == 4
    reasons = [row.reason.partition(":")[0] for row in engine.executions("wet")]
    assert reasons == [
        "Fired, case 2 of 2",
        "Fired, case 1 of 2",
        "Fired, case 1 of 2",
        "Fired, case 2 of 2",
        "Did not fire, none of 2 cases",
    ]
    assert [row.explanation["case"] for row in engine.executions("wet")] == [2, 1, 1, 2, None]
    (newest, *_) = reversed(engine.changes(*BUDGET))
    assert newest.why.startswith("Did not fire")


def test_cases_that_take_turns_before_the_rule_is_active_are_no_news(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    """Semantics 8: while `for` waits nothing is planned, and nothing is told again."""
    engine.apply(with_cases(MORE, SOME, hold={"for": "2 h"}))
    engine.judge(DRIZZLE, "wet")
    caplog.clear()
    with caplog.at_level("INFO"):
        for weather in (POUR, DRIZZLE):
            engine.judge(weather, "wet")
    assert engine.changes(*BUDGET) == []
    assert [record.message for record in caplog.records if record.name.startswith("services.rule_evaluator")] == []


def test_a_field_that_the_case_does_not_set_is_put_back(engine: Engine) -> None:
    """Semantics 18 and A: for it the rule is as good as inactive, `otherwise` included."""
    pausing = case(5, status="paused")
    engine.apply(with_cases(pausing, case(0.5, daily_budget=change(20)), target={"otherwise": {"status": "enabled"}}))
    engine.turn(DRIZZLE, "wet")
    assert _written(engine) == [("daily_budget", "9600")]
    engine.turn(POUR, "wet")
    assert sorted(_written(engine)[1:]) == [("daily_budget", "8000"), ("status", "PAUSED")]
    engine.turn(DRIZZLE, "wet")
    assert sorted(_written(engine)[3:]) == [("daily_budget", "9600"), ("status", "ACTIVE")]


def test_without_a_verdict_the_last_case_stands(engine: Engine) -> None:
    """Semantics 2 and A: an unknown case keeps the state and the case, and plans nothing."""
    engine.apply(with_cases(MORE, SOME))
    engine.turn(POUR, "wet")
    engine.turn({}, "wet")
    left = engine.row("SELECT state, active_case, unknown_since FROM automation_rules")
    assert (left.state, left.active_case, left.unknown_since is None) == ("active", 1, False)
    assert (_written(engine), engine.field(*BUDGET).generation) == ([("daily_budget", "12000")], 1)
    assert engine.executions("wet")[-1].reason.startswith("No verdict, case 1 of 2 is unknown: rain is missing")


def test_a_case_in_front_changes_nothing_by_itself(engine: Engine) -> None:
    """S8: the rule stays in the case that it is in, known by what that asks, and is judged anew at once."""
    engine.apply(with_cases(MORE, SOME))
    engine.turn(DRIZZLE, "wet")
    engine.apply(with_cases(case(9, daily_budget=change(90)), MORE, SOME))
    left = engine.row("SELECT state, active_case, run_requested_at FROM automation_rules")
    assert (left.state, left.active_case, left.run_requested_at is None) == ("active", 3, False)
    engine.act()
    assert (_written(engine), engine.field(*BUDGET).generation) == ([("daily_budget", "9600")], 1)


def test_a_case_that_is_taken_away_ends_what_it_did(engine: Engine) -> None:
    """S8: nothing is done on a verdict that no case answers to any more; the next check says what holds."""
    engine.apply(with_cases(MORE, SOME))
    engine.turn(DRIZZLE, "wet")
    engine.apply(with_cases(MORE))
    left = engine.row("SELECT state, active_case, run_requested_at FROM automation_rules")
    assert (left.state, left.active_case, left.run_requested_at is None) == ("unjudged", 1, False)
    engine.act()
    engine.turn(POUR, "wet")
    assert _written(engine) == [("daily_budget", value) for value in ("9600", "8000", "12000")]


@pytest.mark.parametrize(("weather", "to"), [(POUR, "12000"), (DRIZZLE, "9600")])
def test_a_dry_run_knows_the_case(engine: Engine, weather: dict[Metric, Any], to: str) -> None:
    """Semantics 27: what would have been written is that of the case."""
    engine.apply(with_cases(MORE, SOME, mode="dry_run"))
    engine.turn(weather, "wet")
    (change_row,) = engine.changes(*BUDGET)
    assert (change_row.dry_run, change_row.to_value) == (True, to)
    assert engine.writes() == []


def test_a_preview_says_which_case(engine: Engine) -> None:
    """Semantics 33: the case and its sum; it was in another one before."""
    engine.sandbox.set_clock("2013-06-07T14:00")
    engine.apply(with_cases(case(500, daily_budget=change(50)), case(0.1, daily_budget=change(20))))
    engine.judge({Metric.RAIN: 600.0}, "wet")
    engine.execute("DELETE FROM weather_readings")
    seen = look(engine, "wet")
    assert seen.sentence.startswith("Fired, case 2 of 2: rain")
    (field,) = seen.fields
    assert (field.now, field.then) == ("8000", "9600")
    assert engine.value("SELECT active_case FROM automation_rules") == 1


def test_another_rule_wins_by_its_priority_whatever_the_case(engine: Engine) -> None:
    """Semantics 19: a case that sets the field is a claim like any other; one that does not set it gives way."""
    low = rule("low", {"account": META, "ad_set": "23848", "set": {"daily_budget": change(10)}}, priority=-1)
    engine.apply(low, with_cases(case(5, status="paused"), SOME))
    engine.turn(DRIZZLE, "low", "wet")
    engine.turn(POUR, "low", "wet")
    budgets = [value for name, value in _written(engine) if name == "daily_budget"]
    assert budgets == ["9600", "8800"]
