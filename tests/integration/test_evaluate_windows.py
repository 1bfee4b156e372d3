"""EvaluateRulesStep with rules that look at other hours: forecasts, stored readings, local days (semantics 9)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.integration.engine import Engine, asking
from tests.integration.rule_documents import DRY, NEWARK, RAIN, rule, status
from tests.integration.test_missing_weather import rule_with_a_slot
from weathertrigger.domain.forecast import DayFigures, EachDay, Forecast, hour_of
from weathertrigger.domain.weather import Metric, Reading, Value, place_at
from weathertrigger.instants import to_ms
from weathertrigger.messages import EvaluateRules, ReadingChecks
from weathertrigger.rules.needs import Needs
from weathertrigger.storage import checks, forecasts, readings, rules
from weathertrigger.weather.series_of import series_of

AHEAD = {"metric": "rain", "above": 0.5, "unit": "mm/h", "over": {"from": "0 h", "to": "3 h", "take": "any"}}
DOWN = "OpenWeather: the server answers 503"
SOON, LATER = (timedelta(), timedelta(minutes=5)), (timedelta(minutes=11), timedelta(minutes=25))


def now_of(engine: Engine) -> datetime:
    now: datetime = engine.value("SELECT clock_ms()")
    return now


def foretell(
    engine: Engine,
    amounts: Sequence[float],
    days: Mapping[date, DayFigures] | None = None,
    *,
    age: timedelta = timedelta(),
) -> None:
    """Stores a forecast of the rain in Newark from this hour on."""
    at = now_of(engine)
    hours = {hour_of(at) + hour: {Metric.RAIN: amount} for hour, amount in enumerate(amounts)}
    with engine.database.transaction() as tx:
        rules.ensure_places(tx, [NEWARK])
        forecasts.put(tx, [Forecast(NEWARK.id, "openweather", at - age, hours, days or {})])


def without_a_reading(engine: Engine, *rule_ids: str) -> EvaluateRules:
    return EvaluateRules(0, [ReadingChecks(NEWARK.id, None, {}, engine.make_due(*rule_ids), DOWN)])


def test_a_rule_that_only_looks_ahead_needs_no_reading(engine: Engine) -> None:
    """Semantics 4: the present may be down where the forecast is good; a rule that looks at both still needs both."""
    engine.apply(rule("ahead", when=AHEAD), rule("both", status("23848"), when={"any": [AHEAD, rule("")["when"]]}))
    foretell(engine, [2.0] * 6)
    engine.evaluator()(without_a_reading(engine, "ahead", "both"))
    (row,) = engine.executions("ahead")
    assert (row.outcome, row.conditions_met) == ("met", True)
    assert "forecast by OpenWeather" in row.reason
    assert (row.explanation["provider"], row.explanation["reading"]) == (None, None)
    assert all(row.outcome == "no_data" for row in engine.executions("both"))


@pytest.mark.parametrize("if_missing", ["unknown", False, True])
def test_a_slot_without_the_forecast_it_needs_is_postponed(engine: Engine, if_missing: object) -> None:
    """S10: a rule that is looked at once a day must not lose the day because a call failed; nor does `if_missing`
    answer it, as long as there is a second try."""
    name = rule_with_a_slot(engine, *SOON)
    engine.apply(rule(name, when={**AHEAD, "if_missing": if_missing}))
    dues = engine.make_due(name)
    foretell(engine, [2.0] * 6, age=timedelta(hours=4))
    engine.evaluator()(asking(dues, engine.reading(RAIN)))
    assert engine.executions() == []
    left = engine.row("SELECT next_slot_at, slot_not_before, clock_ms() AS clock FROM automation_rules")
    assert to_ms(left.next_slot_at) == dues[name]
    assert left.slot_not_before > left.clock
    engine.execute("UPDATE automation_rules SET slot_not_before = NULL")
    engine.execute("DELETE FROM weather_forecasts")
    foretell(engine, [2.0] * 6)
    engine.evaluator()(asking(dues, engine.reading(RAIN)))
    assert [row.outcome for row in engine.executions()] == ["met"]


@pytest.mark.parametrize(("if_missing", "outcome"), [("unknown", "no_data"), (False, "not_met"), (True, "met")])
def test_a_slot_without_its_forecast_for_too_long_is_recorded(engine: Engine, if_missing: object, outcome: str) -> None:
    """S10: after ten minutes it is `no_data` and says why, unless `if_missing` settles it (semantics 2)."""
    name = rule_with_a_slot(engine, *LATER)
    engine.apply(rule(name, when={**AHEAD, "if_missing": if_missing}))
    reading = engine.reading(RAIN)
    engine.evaluator()(EvaluateRules(0, [ReadingChecks(NEWARK.id, reading, {}, engine.make_due(name), DOWN)]))
    (row,) = engine.executions()
    assert row.outcome == outcome
    assert row.reason.endswith(f"The forecast could not be had: {DOWN}.")


def test_a_verdict_that_no_forecast_could_change_does_not_wait(engine: Engine) -> None:
    """S10: it is dry now, and so whatever comes cannot make the rule true."""
    name = rule_with_a_slot(engine, *SOON)
    engine.apply(rule(name, when={"all": [rule("")["when"], AHEAD]}))
    engine.evaluator()(asking(engine.make_due(name), engine.reading(DRY)))
    assert [row.outcome for row in engine.executions()] == ["not_met"]


def test_each_rule_has_the_days_of_its_own_time_zone(engine: Engine) -> None:
    """Semantics 9: three rules look at one place; the zone that one gives is not that of the others, whoever came last.
    It rains today as Pago Pago has it, where it is never the day that it is at Kiritimati."""
    zones = {"west": "Pacific/Pago_Pago", "here": "America/New_York", "east": "Pacific/Kiritimati"}
    today = {name: datetime.now(ZoneInfo(zone)).date() for name, zone in zones.items()}
    place = {"latitude": NEWARK.latitude, "longitude": NEWARK.longitude}
    when = {**AHEAD, "over": {"days": [0, 0], "each_day": "max", "take": "max"}}
    engine.apply(rule("west", when=when, place={**place, "timezone": zones["west"]}))
    engine.apply(rule("east", status("23848"), when=when, place={**place, "timezone": zones["east"]}))
    engine.apply(rule("here", status("23849"), when=when, place=place))
    foretell(engine, [], {day: {EachDay.MAX: {Metric.RAIN: 2.0 * (day == today["west"])}} for day in today.values()})
    rows = engine.judge(DRY, *zones)
    assert {name: row.conditions_met for name, row in rows.items()} == {
        name: day == today["west"] for name, day in today.items()
    }
    assert engine.value("SELECT time_zone FROM places") == zones["here"]


def test_of_the_past_only_what_is_needed_is_read(engine: Engine) -> None:
    """Of each place the hours that its own rules look back, and the newest reading of each; of those their metrics."""
    places = [NEWARK, place_at(47.37, 8.54)]
    values: dict[Metric, Value] = {Metric.RAIN: 1.0, Metric.CLOUDS: 50.0}
    at = now_of(engine)
    with engine.database.transaction() as tx:
        rules.ensure_places(tx, places)
        for hours in range(12):
            for place, minutes in ((places[0], 0), (places[0], 1), (places[1], 0)):
                seen = at - timedelta(hours=hours, minutes=minutes)
                more = {Metric.RAIN: 1.0 + minutes} if seen.hour == (at - timedelta(hours=hours)).hour else {}
                readings.add(tx, [Reading(place.id, "openweather", seen, seen, values | more)])
        rain = frozenset({Metric.RAIN})
        needs = [Needs(looks_back_hours=back, metrics=rain) for back in (3, 8)]
        asked = [(place.id, one) for place, one in zip(places, needs, strict=True)]
        around = series_of(tx, asked, checks.clock(tx), timedelta(hours=3))
    assert [len(around[place.id].past) for place in places] == [pytest.approx(3, abs=1), pytest.approx(8, abs=1)]
    for series in around.values():
        assert all(values == {Metric.RAIN: 1.0} for hour, values in series.past.items() if hour > hour_of(at) - 3)
