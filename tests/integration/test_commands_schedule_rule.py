"""`automation-cli schedule-rule`: another interval for one rule, and a check at once (semantics 13, S8, S9)."""

from datetime import timedelta

import pytest

from tests.integration.commands import NOWHERE, Run, assert_refused
from tests.integration.engine import Engine
from tests.integration.rule_documents import OWNER, RAIN, rule
from weathertrigger.domain.schedule import next_slot
from weathertrigger.instants import to_ms
from weathertrigger.rules.rule_documents import read_rule

_ROW = "SELECT *, clock_ms() AS clock FROM automation_rules WHERE id = 'wet'"


def test_a_new_interval(engine: Engine, run: Run) -> None:
    """0: the new grid begins after now, what was due is superseded, a check is asked for, and the bell is set."""
    engine.apply(rule("wet"), rule("other"))
    others = engine.row("SELECT * FROM automation_rules WHERE id = 'other'")
    (first,) = engine.make_due("wet", slots_ago=2).values()
    done = run("schedule-rule", "wet", OWNER, "60")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "every 1 h" in done.stderr
    after = engine.row(_ROW)
    (due,) = engine.executions()
    assert (due.outcome, due.trigger, to_ms(due.coalesced_from)) == ("superseded", "slot", first)
    assert to_ms(due.scheduled_for) == first + 2 * 30 * 60 * 1000
    assert due.executed_at <= after.run_requested_at == after.next_check_at
    assert after.next_slot_at == next_slot("wet", timedelta(hours=1), due.executed_at)
    assert (after.interval_ms, after.version) == (3_600_000, 2)
    assert engine.redis.zscore(engine.bells.key, "wet") == to_ms(after.run_requested_at)
    assert engine.row("SELECT * FROM automation_rules WHERE id = 'other'") == others


def test_the_day_is_planned_anew(engine: Engine, run: Run) -> None:
    """More checks need more of the day's calls: said, and kept at once."""
    engine.apply(rule("wet"))
    done = run("schedule-rule", "wet", OWNER, "10", OPENWEATHER_CALLS_PER_DAY="100")
    assert done.returncode == 0, done.stderr
    assert "The rules need at most 144 calls of openweather a day; the limit is 100." in done.stderr
    assert engine.value("SELECT starved FROM places") is True


def test_the_document_follows(engine: Engine, run: Run) -> None:
    """Applying the same file again is an edit, since it says another interval; applying the new one is none."""
    engine.apply(rule("wet"))
    assert run("schedule-rule", "wet", OWNER, "60").returncode == 0
    assert read_rule(engine.row(_ROW).document).interval == timedelta(hours=1)
    assert engine.apply(rule("wet", every="1 h")).unchanged == ("wet",)
    assert engine.apply(rule("wet")).changed == ("wet",)


def test_the_same_interval_again(engine: Engine, run: Run) -> None:
    """Nothing of the grid changes, a slot that is due is still due, and a check is asked for all the same."""
    engine.apply(rule("wet"))
    engine.make_due("wet")
    before = engine.row(_ROW)
    done = run("schedule-rule", "wet", OWNER, "30")
    assert "as before" in done.stderr
    after = engine.row(_ROW)
    assert (after.next_slot_at, after.version) == (before.next_slot_at, 1)
    assert before.clock <= after.run_requested_at <= after.clock
    assert engine.executions() == []
    assert engine.redis.zscore(engine.bells.key, "wet") == to_ms(before.next_slot_at)


def test_a_check_that_was_asked_for_survives(engine: Engine, run: Run) -> None:
    """S8, S9: the wish keeps its time; where the grid stays too, its bell is left to whoever is at it."""
    engine.apply(rule("wet"))
    assert run("run-now", "wet").returncode == 0
    asked = engine.row(_ROW).run_requested_at
    engine.redis.zadd(engine.bells.key, {"wet": 17})
    assert run("schedule-rule", "wet", OWNER, "30").returncode == 0
    assert engine.redis.zscore(engine.bells.key, "wet") == 17
    assert run("schedule-rule", "wet", OWNER, "60").returncode == 0
    assert engine.row(_ROW).run_requested_at == asked
    assert engine.redis.zscore(engine.bells.key, "wet") == to_ms(asked)


def test_the_verdict_and_the_changes_are_left_alone(engine: Engine, run: Run) -> None:
    """An interval is no reason to write anything at a platform."""
    engine.apply(rule("wet"))
    engine.turn(RAIN, "wet")
    written = engine.writes()
    assert run("schedule-rule", "wet", OWNER, "7.5").returncode == 0
    engine.act()
    assert (engine.row(_ROW).state, engine.row(_ROW).interval_ms) == ("active", 450_000)
    assert engine.writes() == written


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        ("0", "5 min to 24 h"),
        ("1", "5 min to 24 h"),
        ("0.5", "5 min to 24 h"),
        ("1000000000", "5 min to 24 h"),
        ("1441", "5 min to 24 h"),
        ("-5", "5 min to 24 h"),
        ("x", "not a number of minutes"),
        ("", "not a number of minutes"),
        ("nan", "not a number of minutes"),
        ("--fast", "not a number of minutes"),
        ("5.001", "whole number of seconds"),
    ],
)
def test_minutes_that_cannot_be(engine: Engine, run: Run, minutes: str, words: str) -> None:
    """2, one sentence, and nothing is changed."""
    engine.apply(rule("wet"))
    done = run("schedule-rule", "wet", OWNER, minutes)
    assert_refused(done, 2, words)
    assert done.stderr.count("\n") == 1
    assert (engine.row(_ROW).version, engine.row(_ROW).run_requested_at) == (1, None)


def test_half_a_minute_where_the_installation_allows_it(engine: Engine, run: Run) -> None:
    """MINIMUM_INTERVAL says what is too short."""
    engine.apply(rule("wet"))
    assert run("schedule-rule", "wet", OWNER, "0.5", MINIMUM_INTERVAL="30").returncode == 0
    assert engine.row(_ROW).interval_ms == 30_000


def test_a_rule_of_somebody_else(engine: Engine, run: Run) -> None:
    """3: a rule of another user, or none; nothing is changed."""
    engine.apply(rule("wet"))
    for rule_id, user in (("wet", "user-789"), ("dry", OWNER)):
        assert_refused(run("schedule-rule", rule_id, user, "60"), 3, f"User {user!r} has no rule {rule_id!r}")
    assert (engine.row(_ROW).version, engine.row(_ROW).run_requested_at) == (1, None)


def test_a_disabled_rule(engine: Engine, run: Run) -> None:
    """5: it is not checked, whatever its interval; nothing is changed."""
    engine.apply(rule("wet", enabled=False))
    assert_refused(run("schedule-rule", "wet", OWNER, "60"), 5, "'wet' is disabled", "nothing was changed")
    assert engine.row(_ROW).interval_ms == 1_800_000


def test_without_redis(engine: Engine, run: Run) -> None:
    """6; the interval and the wish are saved all the same, and that is said."""
    engine.apply(rule("wet"))
    done = run("schedule-rule", "wet", OWNER, "60", REDIS_URL=f"redis://{NOWHERE}/0")
    assert_refused(done, 6, "What was asked for is saved")
    assert (engine.row(_ROW).interval_ms, engine.row(_ROW).next_check_at) == (
        3_600_000,
        engine.row(_ROW).run_requested_at,
    )


def test_a_time_of_day_gives_way_to_an_interval(engine: Engine, run: Run) -> None:
    """Semantics 11 and 13: lists show the time of day; another interval takes it away, and the command says so."""
    engine.apply(rule("wet", every="24 h", at="06:00"))
    assert "24 h at 06:00" in run("rules", "--output", "json").stdout
    assert "24 h at 06:00" in run("list-jobs", "--output", "json").stdout
    done = run("schedule-rule", "wet", OWNER, "60")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "wet is checked at once, and then every 1 h, no longer at 06:00, next at" in " ".join(done.stderr.split())
    assert engine.row(_ROW).daily_at is None
