"""preview: the numbers that a rule promises, and nothing changed anywhere (semantics 33)."""

from datetime import timedelta
from typing import Any

import pytest

from tests.integration.engine import AGES, EVERYTHING, Engine
from tests.integration.rule_documents import META, OWNER, RAIN, budget, campaign_budget, rule, status
from weathertrigger.domain.rule import Mode
from weathertrigger.domain.series import FORECAST_MAX_AGE
from weathertrigger.errors import NotThere
from weathertrigger.operations.preview import FieldPreview, Preview, preview
from weathertrigger.operations.switch_modes import switch
from weathertrigger.storage import pauses
from weathertrigger.storage.pauses import Covered, Scope

RAINY, FAIR = "2013-06-07T14:00", "2013-06-01T12:00"


def look(engine: Engine, rule_id: str) -> Preview:
    return preview(
        engine.database,
        rule_id,
        chain=engine.chain,
        platforms=engine.by_account,
        admissions=engine.ad_gates,
        ages=AGES,
        forecast_max_age=FORECAST_MAX_AGE,
    )


def only_field(engine: Engine, rule_id: str) -> FieldPreview:
    (field,) = look(engine, rule_id).fields
    return field


def contents(engine: Engine) -> dict[str, list[Any]]:
    """Every row of every table; the calls that were made are counted all the same."""
    counted = "('calls_apart', 'api_calls')"
    names = engine.rows(f"SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN {counted}")
    return {row.tablename: engine.rows(f"SELECT * FROM {row.tablename} ORDER BY 1") for row in names}


def test_a_preview_changes_nothing(engine: Engine) -> None:
    """Not a row, not a bell, not an ad; and its own calls are counted."""
    engine.sandbox.set_clock(RAINY)
    engine.apply(rule("wet", budget("23848"), campaign_budget("111"), status("23847")))
    engine.judge(RAIN, "wet")
    engine.act(META)
    written, before = engine.writes(), contents(engine)
    bells = engine.redis.zrange(engine.bells.key, 0, -1, withscores=True)
    for _ in range(3):
        look(engine, "wet")
    assert contents(engine) == before
    assert engine.redis.zrange(engine.bells.key, 0, -1, withscores=True) == bells
    assert engine.writes() == written
    assert engine.calls_counted() == engine.calls_made()


def test_what_would_change(engine: Engine) -> None:
    """The platform's values, and the sum in words."""
    engine.sandbox.set_clock(RAINY)
    engine.apply(rule("wet", budget("23848"), campaign_budget("111"), status("23847")))
    seen = look(engine, "wet")
    assert seen.sentence.startswith("Fired:")
    shown = {field.entity: (field.now, field.then, field.arithmetic, field.note) for field in seen.fields}
    assert shown == {
        "meta-acme ad_set 23848": ("8000", "9600", "80.00 USD -> 96.00 USD = baseline 80.00 USD + 20 %", None),
        "google-acme campaign 111": (
            "50000000",
            "60000000",
            "50.00 USD -> 60.00 USD = baseline 50.00 USD + 20 %",
            None,
        ),
        "meta-acme ad_set 23847": ("paused", "enabled", "enabled", None),
    }


def test_the_promise_is_kept(engine: Engine) -> None:
    """What the preview says is what the check and ad-action then do."""
    engine.sandbox.set_clock(RAINY)
    engine.apply(rule("wet", budget("23848")))
    promised = only_field(engine, "wet")
    engine.fetcher()(engine.leased({"40.69,-74.17": engine.make_due("wet")}))
    engine.evaluator()(engine.published[0])
    engine.act()
    assert engine.writes() == [("ad_set/23848", "daily_budget", promised.then)]
    again = only_field(engine, "wet")
    assert (again.now, again.then) == ("9600", "9600")
    assert again.arithmetic == "stays 96.00 USD = baseline 80.00 USD + 20 %"


def test_in_fair_weather_nothing_would_change(engine: Engine) -> None:
    """A rule that does not fire, on a field that nobody has."""
    engine.sandbox.set_clock(FAIR)
    engine.apply(rule("wet", budget("23848")))
    seen = look(engine, "wet")
    assert seen.sentence.startswith("Did not fire:")
    assert (seen.fields[0].now, seen.fields[0].then, seen.fields[0].arithmetic) == ("8000", "8000", "stays 80.00 USD")


def test_the_end_of_a_raise(engine: Engine) -> None:
    """A raise that would be put back shows the baseline."""
    engine.sandbox.set_clock(FAIR)
    engine.apply(rule("wet", budget("23848")))
    engine.judge(RAIN, "wet")
    engine.act()
    engine.execute("DELETE FROM weather_readings")
    field = only_field(engine, "wet")
    assert (field.now, field.then) == ("9600", "8000")
    assert field.arithmetic == "96.00 USD -> 80.00 USD = baseline"


@pytest.mark.parametrize(
    ("more", "note"),
    [({"mode": "dry_run"}, "dry run"), ({"enabled": False}, "disabled")],
)
def test_a_rule_that_would_write_nothing_shows_what_it_would(engine: Engine, more: dict[str, Any], note: str) -> None:
    """As if it were live, and says that it is not."""
    engine.sandbox.set_clock(RAINY)
    engine.apply(rule("wet", budget("23848"), **more))
    field = only_field(engine, "wet")
    assert (field.now, field.then) == ("8000", "9600")
    assert note in (field.note or "")


@pytest.mark.parametrize("covered", [EVERYTHING, Covered(Scope.ACCOUNT, META)], ids=str)
def test_a_dry_run_of_more_than_the_rule(engine: Engine, covered: Covered) -> None:
    """Semantics 27: the strictest applies, so it is said of what; the rule itself is live."""
    engine.sandbox.set_clock(RAINY)
    engine.apply(rule("wet", budget("23848")))
    with engine.database.transaction() as tx:
        switch(tx, covered, Mode.DRY_RUN, who="tester", leave=False)
    name = "the installation" if covered is EVERYTHING else str(covered)
    assert only_field(engine, "wet").note == f"{name} is in dry run: nothing would be written"


@pytest.mark.parametrize("covered", [EVERYTHING, Covered(Scope.USER, OWNER), Covered(Scope.RULE, "wet")], ids=str)
def test_a_pause(engine: Engine, covered: Covered) -> None:
    """Semantics 28: what would change is shown, and that nothing is written while the pause lasts; a way back that is
    let out is not stopped."""
    engine.sandbox.set_clock(FAIR)
    engine.apply(rule("wet", budget("23848")))
    engine.judge(RAIN, "wet")
    engine.act()
    engine.execute("DELETE FROM weather_readings")
    engine.pause(covered)
    assert only_field(engine, "wet").note == f"{covered} is paused, nothing is written: stop"
    with engine.database.transaction() as tx:
        pauses.pause(tx, covered, reason="back", who="tester", reverts=True, loosen=True)
    field = only_field(engine, "wet")
    assert (field.then, field.note) == ("8000", None)


def test_a_stronger_rule(engine: Engine) -> None:
    """Semantics 19: it would be overridden, by whom."""
    engine.sandbox.set_clock(RAINY)
    engine.apply(rule("strong", budget("23848", "+50 %"), priority=5), rule("weak", budget("23848", "+10 %")))
    engine.judge(RAIN, "strong")
    engine.act()
    field = only_field(engine, "weak")
    assert (field.now, field.then, field.note) == ("12000", "12000", "overridden by rule strong")


def test_without_weather_the_state_stays(engine: Engine) -> None:
    """Semantics 2: no verdict, the reason, and what the last one left."""
    engine.apply(rule("wet", budget("23848")))
    engine.judge(RAIN, "wet")
    engine.act()
    engine.execute("DELETE FROM weather_readings")
    engine.sandbox.fault("openweather", "status", status=503)
    seen = look(engine, "wet")
    assert (seen.conditions_met, seen.explanation) == (None, None)
    assert seen.sentence.startswith("No verdict: there is no weather")
    assert (seen.fields[0].now, seen.fields[0].then) == ("9600", "9600")
    assert engine.calls_counted() == engine.calls_made()


def test_a_platform_that_cannot_be_read(engine: Engine) -> None:
    """The verdict is shown all the same, and why the field is not known; the call is counted."""
    engine.sandbox.set_clock(RAINY)
    engine.apply(rule("wet", budget("23848"), campaign_budget("111")))
    engine.sandbox.fault("meta_ads", "status", status=503)
    meta, google = sorted(look(engine, "wet").fields, key=lambda field: field.entity, reverse=True)
    assert (meta.now, meta.then) == (None, None)
    assert meta.note
    assert google.then == "60000000"
    assert engine.calls_counted() == engine.calls_made()


def test_data_that_come_back_are_seen_to_come_back(engine: Engine) -> None:
    """Semantics 2: a raise that was given up for want of data would be made again."""
    engine.sandbox.set_clock(RAINY)
    engine.apply(rule("wet", budget("23848")))
    engine.execute("UPDATE automation_rules SET state = 'active', data_lost = true, unknown_since = clock_ms()")
    assert only_field(engine, "wet").then == "9600"


def test_outside_its_hours_nobody_is_asked_for_the_weather(engine: Engine) -> None:
    """Semantics 10 and 33: the preview says until when, and what would be put back."""
    begin = engine.value("SELECT clock_ms()") + timedelta(hours=2)
    hours = {"hours": f"{begin:%H:%M}-{begin + timedelta(hours=1):%H:%M}"}
    place = {"latitude": 40.69, "longitude": -74.17, "timezone": "UTC"}
    engine.apply(rule("wet", budget("23848"), place=place, active=hours))
    shown = look(engine, "wet")
    assert shown.conditions_met is False
    assert shown.sentence.startswith("Not active: outside its active hours until ")
    assert shown.explanation is not None
    assert "openweather" not in engine.calls_made()


def test_a_rule_that_is_not_there(engine: Engine) -> None:
    """One sentence with what to do."""
    with pytest.raises(NotThere, match="There is no rule 'nobody'"):
        look(engine, "nobody")
