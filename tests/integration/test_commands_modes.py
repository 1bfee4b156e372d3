"""`automation-cli go-live` and `dry-run`: the three switches, what they would change, and what they put back."""

import json
from typing import Any

import pytest

from tests.integration.commands import Run, assert_refused
from tests.integration.engine import Engine
from tests.integration.rule_documents import DRY, META, OWNER, RAIN, budget, rule, status
from weathertrigger.storage import modes
from weathertrigger.storage.pauses import Covered, Scope

BUDGET = "ad_set/23848", "daily_budget"
RAISED, BACK = (*BUDGET, "9600"), (*BUDGET, "8000")
SWITCHES = [Covered(Scope.ALL), Covered(Scope.USER, OWNER), Covered(Scope.ACCOUNT, META), Covered(Scope.RULE, "wet")]


@pytest.fixture
def raised(engine: Engine) -> Engine:
    """An engine whose rule `wet` has raised the budget of ad set 23848, and would enable ad set 23847 in a gale."""
    engine.apply(rule("wet", budget("23848")), rule("gale", when={"metric": "rain", "above": 90, "unit": "mm/h"}))
    engine.judge(RAIN, "wet", "gale")
    engine.act()
    assert engine.writes() == [RAISED]
    return engine


def switched(run: Run, *arguments: str) -> Any:  # Any: JSON
    """The command succeeds; what it says as JSON."""
    done = run(*arguments, "--yes", "--output", "json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("covered", SWITCHES, ids=str)
def test_there_and_back(raised: Engine, run: Run, covered: Covered) -> None:
    """Semantics 18 and 27: each switch puts back what was set, once, and then only says what it would do; live again it
    acts at once on what the rule says."""
    told = switched(run, "dry-run", *covered.option.split())
    row = next(one for one in told["fields"] if one["field"] == "daily_budget")
    assert (row["now"], row["then"], row["note"]) == ("9600", "8000", "put back")
    raised.act()
    raised.judge(DRY, "wet")
    raised.judge(RAIN, "wet")
    raised.act()
    assert raised.writes() == [RAISED, BACK]
    assert raised.changes(*BUDGET)[-1].state == "dry_run"
    told = switched(run, "go-live", *covered.option.split())
    row = next(one for one in told["fields"] if one["field"] == "daily_budget")
    assert (row["now"], row["then"], row["rule"], row["note"]) == ("8000", "9600", "wet", "changed at once")
    raised.act()
    assert raised.writes() == [RAISED, BACK, RAISED]
    assert [one.what for one in raised.rows("SELECT what FROM audit_log ORDER BY id")] == ["dry-run", "go-live"]
    assert "@" in raised.changes(*BUDGET)[-1].who


def test_the_strictest_applies(raised: Engine, run: Run) -> None:
    """Semantics 27: with the installation live an account and a rule may still be in dry run, which is said."""
    for covered in SWITCHES:
        switched(run, "dry-run", *covered.option.split())
    raised.act()
    done = run("go-live", "--all", "--yes")
    assert done.returncode == 0
    said = " ".join(done.stderr.split())
    assert f"Still in dry run: account {META}, rule wet; `go-live` with --account {META} lets it go." in said
    assert raised.writes() == [RAISED, BACK]
    switched(run, "go-live", "--user", OWNER)
    raised.judge(RAIN, "wet")
    raised.act()
    assert raised.writes() == [RAISED, BACK]
    switched(run, "go-live", "--rule", "wet")
    raised.act()
    assert raised.writes() == [RAISED, BACK, RAISED]


def test_going_live_is_consent(raised: Engine, run: Run) -> None:
    """Semantics 21: which targets are paused now and would be enabled, at once or when their rule fires."""
    raised.apply(rule("now", status("23868")))
    raised.sandbox.json("/_sandbox/entities/act_1001/ad_set/23868", {"status": "PAUSED"})
    switched(run, "dry-run", "--account", META)
    raised.act()
    raised.judge(RAIN, "now")
    told = switched(run, "go-live", "--account", META)
    notes = {one["resource"]: one["note"] for one in told["fields"] if one["field"] == "status"}
    assert notes == {
        "ad_set/23868": "paused now; now would enable it at once",
        "ad_set/23847": "paused now; gale would enable it when it fires",
    }


def test_nobody_agrees(raised: Engine, run: Run) -> None:
    """2: nobody can be asked, and nothing is switched; the plan was shown all the same."""
    done = run("dry-run", "--rule", "wet")
    assert (done.returncode, "put back" in done.stdout, "say --yes" in done.stderr) == (2, True, True)
    with raised.database.transaction() as tx:
        assert modes.in_dry_run(tx, Covered(Scope.ALL)) == []
    assert raised.rows("SELECT FROM audit_log") == []
    raised.act()
    assert raised.writes() == [RAISED]


def test_what_is_set_may_be_left(raised: Engine, run: Run) -> None:
    """Semantics 17 and 18: `--leave` keeps the value, and the field is free; what is there is the next baseline, and
    that is said before."""
    told = switched(run, "dry-run", "--rule", "wet", "--leave")
    said = "stays; a rule that goes live later counts from 96.00 USD, not from 80.00 USD"
    assert [(one["now"], one["then"], one["note"]) for one in told["fields"]] == [("9600", "9600", said)]
    raised.act()
    assert raised.field(*BUDGET).state == "free"
    assert raised.writes() == [RAISED]
    switched(run, "go-live", "--rule", "wet")
    raised.act()
    assert raised.writes() == [RAISED, (*BUDGET, "11520")]


def test_what_is_left_is_no_baseline_while_a_live_rule_is_there(raised: Engine, run: Run) -> None:
    """Semantics 17 and 18: another rule on the field counts from what was there before both."""
    raised.apply(rule("hot", budget("23848", "+10 %")))
    told = switched(run, "dry-run", "--rule", "wet", "--leave")
    assert [one["note"] for one in told["fields"]] == ["stays"]
    raised.act()
    assert (raised.writes(), raised.field(*BUDGET).state) == ([RAISED], "left")
    raised.turn(RAIN, "hot")
    raised.turn(DRY, "hot")
    assert raised.writes() == [RAISED, (*BUDGET, "8800"), BACK]


def test_twice_changes_nothing(raised: Engine, run: Run) -> None:
    """0: it is said that it is so already."""
    version = raised.value("SELECT version FROM automation_rules WHERE id = 'wet'")
    done = run("go-live", "--rule", "wet")
    assert (done.returncode, done.stderr) == (0, "Nothing would be changed now.\nRule wet is live already.\n")
    assert raised.value("SELECT version FROM automation_rules WHERE id = 'wet'") == version


def test_a_fresh_real_installation_is_in_dry_run(run: Run, database_url: str) -> None:
    """Semantics 27: with real keys nothing is changed until `go-live`."""
    done = run("setup", DATABASE_URL=database_url)
    assert done.returncode == 0, done.stderr
    assert "the mode is dry_run" in done.stderr
    done = run("go-live", "--all", "--yes", DATABASE_URL=database_url)
    assert (done.returncode, "The installation is live." in done.stderr) == (0, True)
    assert "the mode is live" in run("setup", DATABASE_URL=database_url).stderr


def test_bad_input(engine: Engine, run: Run, database_url: str) -> None:
    """2 and 3, with one sentence."""
    assert_refused(run("go-live"), 2, "exactly one of --all")
    assert_refused(run("go-live", "--rule", "x"), 3, "There is no rule 'x'")
    assert_refused(run("dry-run", "--account", "x"), 3, "There is no ad account 'x'")
    assert run("migrate", DATABASE_URL=database_url).returncode == 0
    assert_refused(run("go-live", "--all", "--yes", DATABASE_URL=database_url), 3, "run `automation-cli setup`")
    assert engine.writes() == []
