"""Checks without weather: postponed, recorded, and what they leave of a rule (semantics 2 and 4, protocol S, S10)."""

from datetime import timedelta
from itertools import count

from tests.integration.engine import Engine, asking
from tests.integration.rule_documents import NEWARK, RAIN, budget, rule, status
from weathertrigger.domain.schedule import latest_slot
from weathertrigger.domain.weather import Metric
from weathertrigger.instants import to_ms

HALF_HOUR = timedelta(minutes=30)


def rule_with_a_slot(engine: Engine, since: timedelta, until: timedelta) -> str:
    """A rule id whose latest half-hourly slot was between `since` and `until` ago."""
    now = engine.value("SELECT clock_ms()")
    names = (f"wet-{number}" for number in count())
    return next(name for name in names if since <= now - latest_slot(name, HALF_HOUR, now) <= until)


def test_a_slot_without_weather_is_postponed(engine: Engine) -> None:
    """S10: there is no row yet; the truth and the bell move a little, the slot stays."""
    name = rule_with_a_slot(engine, timedelta(), timedelta(minutes=5))
    engine.apply(rule(name))
    dues = engine.make_due(name)
    engine.evaluator()(asking(dues, None, lease=engine.leased({NEWARK.id: dues}).lease))
    left = engine.row("SELECT *, clock_ms() AS clock FROM automation_rules")
    assert engine.executions() == []
    assert to_ms(left.next_slot_at) == dues[name]
    assert left.clock < left.slot_not_before <= left.next_slot_at + timedelta(minutes=10)
    assert engine.redis.zscore(engine.bells.key, name) == to_ms(left.slot_not_before)


def test_a_slot_without_weather_for_too_long_is_recorded(engine: Engine) -> None:
    """S10: after ten minutes the slot is `no_data`, and the next one is as the grid says."""
    name = rule_with_a_slot(engine, timedelta(minutes=11), timedelta(minutes=25))
    engine.apply(rule(name))
    dues = engine.make_due(name)
    engine.evaluator()(asking(dues, None))
    (row,) = engine.executions()
    assert (row.outcome, row.success, row.conditions_met) == ("no_data", False, None)
    assert to_ms(row.scheduled_for) == dues[name]
    assert engine.value("SELECT next_slot_at FROM automation_rules") == row.scheduled_for + HALF_HOUR


def test_a_wish_and_a_boundary_never_wait_for_weather(engine: Engine) -> None:
    """S10: both are recorded at once, and so is the slot that is due with them."""
    name = rule_with_a_slot(engine, timedelta(), timedelta(minutes=5))
    engine.apply(rule(name))
    engine.make_due(name)
    engine.execute("UPDATE automation_rules SET run_requested_at = clock_ms()")
    engine.evaluator()(asking(engine.dues(name), None))
    assert sorted((row.trigger, row.outcome) for row in engine.executions()) == [
        ("manual", "no_data"),
        ("slot", "no_data"),
    ]


def test_unknown_keeps_the_state_and_plans_nothing(engine: Engine) -> None:
    """Semantics 2: an active rule whose metric is missing stays active, and the row says which one was missing."""
    engine.apply(rule("windy", when={"metric": "wind_gust", "above": 10, "unit": "m/s"}))
    engine.judge({Metric.WIND_GUST: 20.0}, "windy")
    planned = len(engine.changes("ad_set/23847", "status"))
    row = engine.judge({Metric.WIND_SPEED: 3.0}, "windy")["windy"]
    assert (row.outcome, row.conditions_met, row.success) == ("unknown", None, False)
    assert "wind_gust" in row.reason.replace("wind gust", "wind_gust")
    assert engine.value("SELECT state FROM automation_rules") == "active"
    assert len(engine.changes("ad_set/23847", "status")) == planned == 1


def test_a_reading_that_is_too_old_is_unknown(engine: Engine) -> None:
    """Semantics 4: the age counts from the observation; after 90 minutes nothing is known."""
    engine.apply(rule("wet"))
    dues = engine.make_due("wet")
    engine.evaluator()(asking(dues, engine.reading(RAIN, age=timedelta(minutes=91))))
    (row,) = engine.executions()
    assert row.outcome == "unknown"
    assert engine.value("SELECT state FROM automation_rules") == "unjudged"


def test_a_raise_ends_after_six_hours_without_data(engine: Engine) -> None:
    """Semantics 2: the deadline rings as a boundary, the budget goes back, a plain status stays; data bring it back."""
    engine.apply(rule("wet", budget("23848"), status("23847")))
    engine.judge(RAIN, "wet")
    engine.judge({}, "wet")
    rung_at = engine.row("SELECT next_boundary_at, unknown_since FROM automation_rules")
    assert rung_at.next_boundary_at - rung_at.unknown_since == timedelta(hours=6)
    engine.execute(
        "UPDATE automation_rules SET unknown_since = unknown_since - interval '6 h',"
        " next_boundary_at = next_boundary_at - interval '6 h'"
    )
    engine.evaluator()(asking(engine.dues("wet"), None))
    assert engine.executions()[-1].trigger == "boundary"
    assert engine.field("ad_set/23848", "daily_budget").winner is None
    assert engine.field("ad_set/23847", "status").winner is not None
    engine.judge(RAIN, "wet")
    assert engine.field("ad_set/23848", "daily_budget").winner is not None
