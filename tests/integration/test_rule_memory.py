"""What a rule remembers between checks, in PostgreSQL: each check is made by a new evaluator."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.integration.engine import Engine, asking
from tests.integration.rule_documents import DRY, RAIN, rule
from weathertrigger.domain.weather import Metric
from weathertrigger.instants import from_ms
from weathertrigger.storage.database import Row

_WHEN = {"metric": "rain", "above": 0.5, "unit": "mm/h", "release": 0.1}


def _states(engine: Engine, *rain: float | None) -> list[str]:
    states = []
    for value in rain:
        engine.judge({} if value is None else {Metric.RAIN: value}, "wet")
        states.append(engine.value("SELECT state FROM automation_rules"))
    return states


def test_a_last_result_survives_restarts(engine: Engine) -> None:
    """Semantics 7: in between the last result stands, whoever evaluates; unknown keeps it."""
    engine.apply(rule("wet", when=_WHEN))
    assert _states(engine, 0.3, 0.6, 0.3, None, 0.3) == ["inactive", "active", "active", "active", "active"]
    assert engine.value("SELECT memory FROM automation_rules") == {"on": ["0"]}
    assert _states(engine, 0.05, 0.3) == ["inactive", "inactive"]
    assert engine.value("SELECT memory FROM automation_rules") is None


def test_another_condition_has_no_last_result(engine: Engine) -> None:
    """Semantics 7: what was true of another condition, or at another place, says nothing; other edits keep it."""
    engine.apply(rule("wet", when=_WHEN))
    assert _states(engine, 0.6) == ["active"]
    engine.apply(rule("wet", when=_WHEN, priority=3))
    assert _states(engine, 0.3) == ["active"]
    engine.apply(rule("wet", when={**_WHEN, "above": 0.4}, priority=3))
    assert _states(engine, 0.3) == ["inactive"]


def _rule(engine: Engine) -> Any:  # Any: a row of the database
    return engine.row("SELECT * FROM automation_rules")


def _later(engine: Engine, passed: timedelta) -> None:
    """As if so much time had passed for everything that a rule remembers."""
    engine.execute(
        "UPDATE automation_rules SET next_boundary_at = next_boundary_at - %(passed)s, memory = jsonb_strip_nulls("
        " jsonb_build_object('met_since', (memory ->> 'met_since')::bigint - %(ms)s,"
        " 'ended_at', (memory ->> 'ended_at')::bigint - %(ms)s)), unknown_since = unknown_since - %(passed)s",
        passed=passed,
        ms=passed // timedelta(milliseconds=1),
    )


def _boundary(engine: Engine, reading_id: int | None) -> Row:
    """The check of the boundary that has just come; gives its row."""
    dues = engine.dues("wet")
    engine.evaluator()(asking(dues, reading_id))
    (row,) = engine.rows("SELECT * FROM automation_executions WHERE trigger = 'boundary' ORDER BY id DESC LIMIT 1")
    assert row.scheduled_for == from_ms(dues["wet"])
    return row


def test_a_rule_waits_and_becomes_active_at_its_own_time(engine: Engine) -> None:
    """Semantics 8, S5c: `for` rings as a boundary, with a row of its own time; the state survives restarts."""
    engine.apply(rule("wet", hold={"for": "20 min"}))
    (row,) = engine.judge(RAIN, "wet").values()
    assert (row.conditions_met, _rule(engine).state) == (True, "inactive")
    assert row.reason.startswith("Not active yet: rain 2 mm/h is above 0.5 mm/h")
    assert _rule(engine).next_boundary_at - row.executed_at == timedelta(minutes=20)
    _later(engine, timedelta(minutes=21))
    row = _boundary(engine, engine.reading(RAIN))
    assert (row.conditions_met, _rule(engine).state, _rule(engine).memory) == (True, "active", None)
    (change,) = engine.rows("SELECT rule_id, state, why FROM ad_changes")
    assert (change.rule_id, change.state, change.why) == ("wet", "planned", row.reason)


@pytest.mark.parametrize("weather", [True, False])
def test_a_rule_is_kept_and_ends_at_its_own_time(engine: Engine, weather: bool) -> None:
    """Semantics 8, S10: `keep_for` rings as a boundary and never waits for weather."""
    engine.apply(rule("wet", hold={"keep_for": "60 min"}))
    engine.judge(RAIN, "wet")
    (row,) = engine.judge(DRY, "wet").values()
    assert (row.conditions_met, _rule(engine).state) == (False, "active")
    _later(engine, timedelta(minutes=61))
    row = _boundary(engine, engine.reading(DRY) if weather else None)
    assert (row.outcome, _rule(engine).state) == ("not_met" if weather else "no_data", "inactive")
    assert _rule(engine).next_boundary_at is None


def test_a_rule_ends_without_data_if_it_says_so(engine: Engine) -> None:
    """Semantics 2: `on_no_data: revert` ends the rule at the deadline, whatever it sets."""
    engine.apply(rule("wet", on_no_data="revert"))
    engine.judge(RAIN, "wet")
    engine.judge(None, "wet")
    _later(engine, timedelta(hours=6, minutes=1))
    row = _boundary(engine, None)
    assert (row.outcome, _rule(engine).state, _rule(engine).data_lost) == ("no_data", "inactive", False)
    assert row.reason.endswith("The rule ends: there has been no verdict for 6 h.")


def test_an_edit_of_a_hold_is_looked_at_at_once(engine: Engine) -> None:
    """S8: a boundary is computed anew by the check that the edit asks for; what is remembered stays."""
    engine.apply(rule("wet", hold={"for": "60 min"}))
    engine.judge(RAIN, "wet")
    before = _rule(engine)
    engine.apply(rule("wet", hold={"for": "60 min"}, priority=3))
    assert _rule(engine).next_boundary_at == before.next_boundary_at
    engine.apply(rule("wet", hold={"for": "20 min"}, priority=3))
    after = _rule(engine)
    assert (after.next_boundary_at, after.memory) == (None, before.memory)
    assert after.next_check_at == after.run_requested_at
    engine.evaluator()(asking(engine.dues("wet"), engine.reading(RAIN)))
    assert before.next_boundary_at - _rule(engine).next_boundary_at == timedelta(minutes=40)


_IN_UTC = {"latitude": 40.69, "longitude": -74.17, "timezone": "UTC"}


def _later_today(engine: Engine) -> tuple[datetime, dict[str, str]]:
    """A full minute in two hours, and hours that begin then."""
    now: datetime = engine.value("SELECT clock_ms()")
    begin = (now + timedelta(hours=2)).replace(second=0, microsecond=0)
    return begin, {"hours": f"{begin:%H:%M}-{begin + timedelta(hours=2):%H:%M}"}


def test_the_hours_end_without_weather(engine: Engine) -> None:
    """Semantics 10: outside its hours the rule is inactive, with a row that says so, and rings when they begin."""
    begin, hours = _later_today(engine)
    engine.apply(rule("wet", place=_IN_UTC))
    engine.judge(RAIN, "wet")
    assert _rule(engine).state == "active"
    engine.apply(rule("wet", place=_IN_UTC, active=hours))
    assert _rule(engine).next_boundary_at == begin
    (row,) = engine.judge(None, "wet").values()
    assert (row.outcome, row.conditions_met, row.success) == ("not_met", False, True)
    assert row.reason.startswith("Not active: outside its active hours until ")
    assert (_rule(engine).state, _rule(engine).next_boundary_at) == ("inactive", begin)
    engine.apply(rule("wet", place=_IN_UTC))
    assert (_rule(engine).memory, _rule(engine).next_boundary_at) == (None, None)
    engine.judge(RAIN, "wet")
    assert _rule(engine).state == "active"


def test_a_new_rule_has_the_boundary_of_its_hours(engine: Engine) -> None:
    """S5c: it becomes active on time, whatever its interval is."""
    begin, hours = _later_today(engine)
    engine.apply(rule("wet", every="24 h", place=_IN_UTC, active=hours))
    assert _rule(engine).next_boundary_at == begin
    engine.execute("UPDATE automation_rules SET next_boundary_at = clock_ms()")
    assert _boundary(engine, engine.reading(RAIN)).outcome == "not_met"
    assert _rule(engine).next_boundary_at == begin
