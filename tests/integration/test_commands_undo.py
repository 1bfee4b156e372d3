"""`automation-cli undo`, `fields release` and `fields rebaseline`: a person takes a field back, and gives it over."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.integration.at_a_terminal import typed
from tests.integration.commands import NOWHERE, Run, assert_refused
from tests.integration.engine import Engine
from tests.integration.rule_documents import DRY, META, RAIN, budget, rule, status
from weathertrigger.storage.database import Row

BUDGET = "ad_set/23848", "daily_budget"
RAISED, BACK = (*BUDGET, "9600"), (*BUDGET, "8000")
A_WHILE = timedelta(minutes=16)
TWO_MINUTES = timedelta(minutes=2, seconds=1)
AN_HOUR = timedelta(minutes=61)


@pytest.fixture
def raised(engine: Engine) -> Engine:
    """An engine whose rule `wet` has raised the budget of ad set 23848 and enabled ad set 23847."""
    engine.apply(rule("wet", budget("23848"), status("23847")))
    engine.turn(RAIN, "wet")
    assert sorted(engine.writes()) == [("ad_set/23847", "status", "ACTIVE"), RAISED]
    return engine


def budgets(engine: Engine) -> list[str]:
    """What was written to the budget, one after the other."""
    return [value for resource, field, value in engine.writes() if (resource, field) == BUDGET]


def check_of(engine: Engine, rule_id: str = "wet") -> str:
    """The number of the rule's newest check."""
    return str(engine.executions(rule_id)[-1].id)


def number_of(engine: Engine) -> str:
    return str(engine.field(*BUDGET).id)


def ordered(run: Run, *arguments: str, **changed: str) -> Any:  # Any: JSON
    """The command succeeds; what it says as JSON."""
    done = run(*arguments, "--output", "json", **changed)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def hold(engine: Engine, value: str = "7000") -> None:
    """A person changes the budget, and is seen twice."""
    engine.by_hand("ad_set/23848", daily_budget=value)
    for passed in (AN_HOUR, TWO_MINUTES):
        engine.later(passed)
        engine.act(META)
    assert engine.field(*BUDGET).state == "held"


def newest(engine: Engine) -> Row:
    return engine.changes(*BUDGET)[-1]


def test_a_check_is_undone_and_stays_so(raised: Engine, run: Run) -> None:
    """Semantics 29: 0; the values of before come back without workers and Redis, and a rule that still fires leaves
    them alone until its verdict changes; then they are the baseline."""
    shown = ordered(run, "undo", check_of(raised), "--yes", "--direct", REDIS_URL=f"redis://{NOWHERE}/0")
    assert {(one["what"], one["now"], one["state"], one["change"]) for one in shown} == {
        ("daily budget of ad set 23848", "8000", "held", "confirmed"),
        ("status of ad set 23847", "paused", "held", "confirmed"),
    }
    assert all(one["note"].startswith("undone by ") for one in shown)
    change = newest(raised)
    assert (change.from_value, change.to_value, "@" in change.who) == ("9600", "8000", True)
    assert change.why == f"Check {check_of(raised)} of rule wet was undone."
    for _ in range(2):
        raised.later(AN_HOUR)
        raised.turn(RAIN, "wet")
    assert budgets(raised) == ["9600", "8000"]
    raised.turn(DRY, "wet")
    raised.turn(RAIN, "wet")
    assert budgets(raised) == ["9600", "8000", "9600"]
    assert raised.calls_counted() == raised.calls_made()


def test_an_undo_without_a_worker_is_only_ordered(raised: Engine, run: Run) -> None:
    """0: it is said what it waits for; the worker that comes does it."""
    done = run("undo", check_of(raised), "--yes")
    assert (done.returncode, "2 of 2 is still to be done" in done.stderr) == (0, True)
    raised.act()
    assert budgets(raised) == ["9600", "8000"]


def test_an_undo_of_what_was_changed_since(raised: Engine, run: Run) -> None:
    """Semantics 29: 5, with the drift, and nothing is done; `--force` does it."""
    raised.by_hand("ad_set/23848", daily_budget="7000")
    done = run("undo", check_of(raised), "--yes")
    assert (done.returncode, "without --force" in done.stderr) == (5, True)
    assert "was changed since" in done.stdout
    assert "70.00 USD" in done.stdout
    assert raised.rows("SELECT FROM audit_log") == []
    raised.act()
    assert budgets(raised) == ["9600"]
    ordered(run, "undo", check_of(raised), "--yes", "--force", "--direct")
    assert budgets(raised) == ["9600", "8000"]


def test_an_undo_of_what_is_as_before(raised: Engine, run: Run) -> None:
    """5: there is nothing left to undo; nor where a check has changed nothing."""
    first = check_of(raised)
    raised.turn(DRY, "wet")
    assert_refused(run("undo", first, "--yes"), 5, "is as it was before")
    raised.turn(DRY, "wet")
    assert_refused(run("undo", check_of(raised), "--yes"), 5, "has changed nothing")


def test_an_undo_waits_for_the_kill_switch(raised: Engine, run: Run) -> None:
    """Semantics 28: a pause stops it too, unless reverts may go out."""
    raised.pause()
    (shown, _) = ordered(run, "undo", check_of(raised), "--yes", "--direct")
    assert shown["note"] == "paused: stop"
    assert budgets(raised) == ["9600"]
    raised.resume()
    raised.pause(reverts=True)
    raised.act()
    assert budgets(raised) == ["9600", "8000"]


def test_a_release_of_what_was_undone(raised: Engine, run: Run) -> None:
    """Semantics 20: the rule takes the field again, from the value that was put back."""
    ordered(run, "undo", check_of(raised), "--yes", "--direct")
    ordered(run, "fields", "release", number_of(raised))
    raised.act()
    assert budgets(raised) == ["9600", "8000", "9600"]
    assert_refused(run("fields", "release", number_of(raised)), 5, "is owned, and not held")


def test_a_release_before_the_undo_is_done(raised: Engine, run: Run) -> None:
    """Semantics 17: nothing compounds: the order is dropped, and the value of before is the baseline."""
    run("undo", check_of(raised), "--yes")
    ordered(run, "fields", "release", number_of(raised))
    raised.act()
    assert (budgets(raised), raised.field(*BUDGET).baseline) == (["9600"], "8000")


def test_a_release_of_what_a_person_set(raised: Engine, run: Run) -> None:
    """Semantics 20: their value is the baseline, and the rule counts from it."""
    hold(raised)
    ordered(run, "fields", "release", number_of(raised))
    raised.act()
    assert budgets(raised) == ["9600", "8400"]
    last = newest(raised)
    assert (last.why, last.rule_id, "@" in last.who) == ("It was given back to the rules.", "wet", True)
    (deed,) = raised.rows("SELECT * FROM audit_log")
    assert (deed.what, deed.before["baseline"], deed.after["baseline"]) == (
        "fields release",
        "80.00 USD",
        "70.00 USD",
    )


def test_a_way_back_that_is_not_wanted(raised: Engine, run: Run) -> None:
    """0: what is there stays, once a person has said so; the next raise counts from it."""
    raised.judge(DRY, "wet")
    raised.pause()
    raised.execute("UPDATE ad_fields SET state = 'settling'")
    done = run("fields", "rebaseline", number_of(raised))
    assert (done.returncode, "say --yes" in done.stderr) == (2, True)
    assert "let 96.00 USD be what comes back, in the place of 80.00 USD?" in done.stderr
    ordered(run, "fields", "rebaseline", number_of(raised), "--yes")
    raised.resume()
    raised.act()
    assert budgets(raised) == ["9600"]
    assert raised.field(*BUDGET).baseline == "9600"


def test_a_rebaseline_that_would_compound(raised: Engine, run: Run) -> None:
    """5: where the present value cannot be what was there before, with the reason."""
    refused = run("fields", "rebaseline", number_of(raised), "--yes")
    assert_refused(refused, 5, "rule wet changes it by a percentage")
    hold(raised)
    assert_refused(run("fields", "rebaseline", number_of(raised), "--yes"), 5, "`fields release`")
    assert budgets(raised) == ["9600"]


def test_nothing_is_undone_blindly(raised: Engine, run: Run) -> None:
    """6: a field cannot be read, so nobody knows whose value is there."""
    raised.sandbox.fault("meta_ads", "status", status=500, count=100)
    done = run("undo", check_of(raised), "--yes")
    assert (done.returncode, "2 of 2 field(s) cannot be read; nothing was undone" in done.stderr) == (6, True)
    assert raised.field(*BUDGET).state == "owned"


def test_nothing_is_undone_without_a_yes(raised: Engine, run: Run, environment: dict[str, str], tmp_path: Path) -> None:
    """What would be put back is shown, with the rule and the time of the check: 2 where nobody can be asked, 1 for a
    no; nothing is done then."""
    done = run("undo", check_of(raised))
    assert (done.returncode, "Nobody can be asked here: say --yes." in done.stderr) == (2, True)
    assert "80.00 USD" in done.stdout
    for answer, code in (("n\n", 1), ("\n", 1), ("y\n", 0)):
        assert raised.rows("SELECT FROM audit_log") == []
        undo = ("undo", check_of(raised), "--direct")
        done = typed(answer, *undo, environment=environment, folder=tmp_path)
        assert (done.returncode, "of rule wet, " in done.stderr) == (code, True), done
        assert "put 2 fields back to `before`?" in done.stderr
    assert budgets(raised) == ["9600", "8000"]


def test_an_undo_that_nobody_can_carry_out(raised: Engine, run: Run) -> None:
    """It is said that no worker is alive, or that Redis is away, and that the command can do it itself."""
    done = run("undo", check_of(raised), "--yes")
    assert (done.returncode, "No ad-action worker is alive: start one. With --direct" in done.stderr) == (0, True)
    done = run("undo", check_of(raised), "--yes", REDIS_URL=f"redis://{NOWHERE}/0")
    assert (done.returncode, "With --direct it is done from here." in done.stderr) == (6, True)


@pytest.mark.usefixtures("engine")
def test_bad_input(run: Run) -> None:
    """2 and 3, with one sentence."""
    assert_refused(run("undo", "77"), 3, "There is no execution 77")
    assert_refused(run("undo", "x"), 2, "not a valid whole number")
    assert_refused(run("fields", "release", "77"), 3, "There is no field 77")
    assert_refused(run("fields", "rebaseline", "77"), 3, "There is no field 77")
