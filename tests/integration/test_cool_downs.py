"""Cool-downs of single fields, counted from the changes in PostgreSQL (semantics 24); the sandbox is the witness."""

from datetime import timedelta

import pytest

from services.ad_action.restraint import Pace
from tests.integration.commands import Run
from tests.integration.engine import Engine
from tests.integration.rule_documents import DRY, META, RAIN, budget, campaign_budget, rule, status
from weathertrigger.platforms.registry import PLATFORMS

SIX_MINUTES = timedelta(minutes=6)
BUDGET = ("ad_set/23848", "daily_budget")
RAISED, BACK = (*BUDGET, "9600"), (*BUDGET, "8000")


@pytest.fixture
def paced(engine: Engine) -> Engine:
    """An engine as it is by default: a quarter of an hour between raises, and Meta's four changes in an hour."""
    engine.pace = Pace()
    meta = PLATFORMS["meta_ads"]({"access_token": "sandbox", "base_url": engine.sandbox.url})
    engine.platforms = {**engine.platforms, "meta_ads": meta}
    return engine


def wait(engine: Engine) -> timedelta:
    """How long until the budget is looked at again."""
    waits: timedelta = engine.field(*BUDGET).next_at - engine.value("SELECT clock_ms()")
    return waits


def newest(engine: Engine) -> tuple[str, int]:
    change = engine.changes(*BUDGET)[-1]
    return change.state, change.attempts


def test_rain_that_comes_and_goes_raises_once_in_a_quarter_of_an_hour(paced: Engine, run: Run) -> None:
    """Semantics 24: the second raise waits, and says until when and why; it costs no attempt. What is desired then
    applies (semantics 25)."""
    paced.apply(rule("wet", budget("23848")))
    paced.turn(RAIN, "wet")
    paced.later(SIX_MINUTES)
    paced.turn(DRY, "wet")
    paced.turn(RAIN, "wet")
    assert paced.writes() == [RAISED, BACK]
    assert newest(paced) == ("planned", 0)
    assert "UTC: it was raised at " in paced.changes(*BUDGET)[-1].error
    assert "it was raised at" in " ".join(run("changes", COLUMNS="400").stdout.split())
    assert timedelta(minutes=8) < wait(paced) <= timedelta(minutes=9)
    paced.later(timedelta(minutes=9, seconds=1))
    paced.act(META)
    assert paced.writes() == [RAISED, BACK, RAISED]
    assert newest(paced) == ("confirmed", 1)
    assert paced.changes(*BUDGET)[-1].error is None
    assert paced.calls_counted() == paced.calls_made()


def test_a_raise_that_waits_and_is_no_longer_wanted_is_never_made(paced: Engine) -> None:
    """Semantics 25: it is dry again before the cool-down is over."""
    paced.apply(rule("wet", budget("23848")))
    for weather in (RAIN, DRY, RAIN, DRY):
        paced.turn(weather, "wet")
    paced.later(timedelta(minutes=20))
    paced.act(META)
    assert paced.writes() == [RAISED, BACK]
    assert [change.state for change in paced.changes(*BUDGET)] == ["confirmed", "confirmed", "superseded", "unchanged"]


def test_a_raise_with_one_meta_budget_change_left_in_the_hour(paced: Engine) -> None:
    """Semantics 24: a raise needs two of Meta's four changes free. With three used it waits until the oldest has left
    the hour; a revert is free to go all the while. Meta refuses nothing."""
    paced.pace = Pace(cool_down=timedelta())
    paced.apply(rule("wet", budget("23848")), rule("more", budget("23848", "+50 %"), priority=5))
    paced.turn(RAIN, "wet")
    paced.later(SIX_MINUTES)
    paced.turn(RAIN, "more")
    assert paced.writes() == [RAISED, (*BUDGET, "12000")]
    paced.turn(DRY, "more")
    assert paced.writes()[2:] == [RAISED]
    paced.turn(RAIN, "more")
    assert (paced.writes()[3:], newest(paced)) == ([], ("planned", 0))
    assert timedelta(minutes=54) < wait(paced) <= timedelta(minutes=54, seconds=30)
    paced.judge(DRY, "more")
    paced.turn(DRY, "wet")
    assert paced.writes()[3:] == [BACK]
    paced.turn(RAIN, "wet")
    assert (paced.writes()[4:], newest(paced)) == ([], ("planned", 0))
    paced.later(timedelta(minutes=61))
    paced.sandbox.meta("budget_changes", most=4)  # the sandbox's clock has not gone on: it forgets instead
    paced.act(META)
    assert paced.writes()[4:] == [RAISED]


def test_a_preview_says_that_a_raise_would_wait(paced: Engine, run: Run) -> None:
    """Semantics 24 and 33: until when and why; a first raise would not."""
    paced.apply(rule("wet", budget("23848")))
    paced.reading(RAIN)
    assert "it would wait" not in run("test-rule", "wet", COLUMNS="400").stdout
    paced.turn(RAIN, "wet")
    paced.turn(DRY, "wet")
    paced.reading(RAIN)
    shown = run("test-rule", "wet", COLUMNS="400").stdout
    assert "80.00 USD -> 96.00 USD" in shown
    assert "it would wait until " in shown
    assert "UTC: it was raised at " in shown


def test_flapping_weather_never_meets_the_wall(paced: Engine) -> None:
    """Semantics 24: ten turns within the hour, and the sandbox, which has Meta's rule, refuses none of the writes."""
    paced.pace = Pace(cool_down=timedelta())
    paced.apply(rule("wet", budget("23848")))
    for _ in range(5):
        paced.turn(RAIN, "wet")
        paced.turn(DRY, "wet")
    assert paced.writes() == [RAISED, BACK, RAISED, BACK]
    assert paced.field(*BUDGET).failures == 0


def test_what_a_dry_run_would_do_begins_no_cool_down(paced: Engine) -> None:
    """Semantics 27: a dry run touches nothing, not even cool-downs; the live raise after it goes out at once."""
    paced.apply(rule("dry", budget("23848"), mode="dry_run"), rule("wet", budget("23848")))
    paced.turn(RAIN, "dry")
    assert [change.state for change in paced.changes(*BUDGET)] == ["dry_run"]
    paced.turn(RAIN, "wet")
    assert paced.writes() == [RAISED]


def test_a_raise_that_did_not_arrive_is_sent_again_without_a_cool_down(paced: Engine) -> None:
    """Semantics 24 and 26: attempts of one decision are one raise."""
    paced.apply(rule("wet", budget("23848")))
    paced.judge(RAIN, "wet")
    paced.sandbox.fault("meta_ads", "reset", method="POST", count=1)
    paced.act(META)
    paced.later(timedelta(minutes=1, seconds=1))
    paced.act(META)
    assert paced.writes() == [RAISED]


def test_what_a_platform_refused_begins_no_cool_down(paced: Engine) -> None:
    """Semantics 24: a raise that was limited or refused has raised nothing."""
    paced.apply(rule("wet", budget("23848")))
    paced.judge(RAIN, "wet")
    paced.sandbox.fault("meta_ads", "rate_limit", method="POST", count=1)
    paced.act(META)
    assert paced.value("SELECT called_at FROM ad_changes") == []
    paced.sandbox.meta("troubles", node="23848", kind="error", code=100, subcode=1885272, method="POST", count=1)
    paced.later(timedelta(minutes=61))
    paced.act(META)
    assert (newest(paced)[0], paced.value("SELECT called_at FROM ad_changes")) == ("rejected", [])


def test_a_status_and_a_google_budget_have_cool_downs_too(paced: Engine) -> None:
    """Semantics 24: each field has its own; a pause is made at once."""
    paced.apply(rule("wet", status("23847"), campaign_budget("111")))
    for weather in (RAIN, DRY, RAIN, DRY, RAIN):
        paced.turn(weather, "wet")
    written = [
        ("ad_set/23847", "status", "ACTIVE"),
        ("campaign_budget/444", "daily_budget", "60000000"),
        ("ad_set/23847", "status", "PAUSED"),
        ("campaign_budget/444", "daily_budget", "50000000"),
    ]
    assert sorted(paced.writes()) == sorted(written)
    paced.later(timedelta(minutes=16))
    paced.act()
    assert len(paced.writes()) == 6
