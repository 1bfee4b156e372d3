"""`automation-cli fields`, `verify`, `changes` and `audit`: what a person is told, and what nobody can edit."""

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.integration.commands import Run, assert_refused
from tests.integration.engine import Engine
from tests.integration.rule_documents import DRY, GOOGLE, META, OWNER, RAIN, budget, campaign_budget, rule
from weathertrigger.errors import ConstraintViolated
from weathertrigger.messages import ApplyChanges

BUDGET = "ad_set/23848", "daily_budget"
RAISED, BACK = (*BUDGET, "9600"), (*BUDGET, "8000")
TWO_MINUTES = timedelta(minutes=2, seconds=1)
AN_HOUR = timedelta(minutes=61)


@pytest.fixture
def raised(engine: Engine) -> Engine:
    """An engine whose rule `wet` has raised the budget of ad set 23848, and whose rule `other` waits for rain."""
    engine.apply(rule("wet", budget("23848")), rule("other", campaign_budget("111"), priority=3))
    engine.judge(RAIN, "wet")
    engine.act()
    assert engine.writes() == [RAISED]
    return engine


def told(run: Run, *arguments: str, code: int = 0) -> Any:  # Any: JSON
    """What the command says as JSON."""
    done = run(*arguments, "--output", "json")
    assert done.returncode == code, done
    return json.loads(done.stdout)


def number_of(engine: Engine) -> str:
    """The number of the field of ad set 23848's budget."""
    return str(engine.field(*BUDGET).id)


def hold(engine: Engine, value: str = "7000") -> None:
    """A person changes the budget, and is seen twice."""
    engine.by_hand("ad_set/23848", daily_budget=value)
    for passed in (AN_HOUR, TWO_MINUTES):
        engine.later(passed)
        engine.act(META)
    assert engine.field(*BUDGET).state == "held"


def test_fields_are_listed(raised: Engine, run: Run) -> None:
    """0: what each was, is and should be, by account, state and rule; JSON in the platform's unit, money for people."""
    found = told(run, "fields", "list", "--state", "owned")
    assert [(one["resource"], one["rule"], one["baseline"], one["confirmed"], one["wanted"]) for one in found] == [
        ("ad_set/23848", "wet", "8000", "9600", "9600")
    ]
    assert [one["resource"] for one in told(run, "fields", "list", "--rule", "other")] == ["campaign_budget/444"]
    assert told(run, "fields", "list", "--account", GOOGLE, "--state", "owned") == []
    shown = run("fields", "list").stdout
    assert "96.00 USD" in shown
    assert "daily budget of ad set 23848" in shown
    hold(raised)
    (held,) = told(run, "fields", "list", "--state", "held")
    assert "1 of them held for a person" in run("verify").stderr
    assert held["note"] == "held: somebody set it to 70.00 USD while rule wet had the say"
    raised.judge(RAIN, "other")
    raised.pause()
    assert {one["note"] for one in told(run, "fields", "list", "--account", GOOGLE)} == {"planned, paused: stop"}


def test_a_field_is_shown_whole(raised: Engine, run: Run) -> None:
    """0: which rules say what, who wins and why, and what was changed; for people too."""
    raised.apply(rule("idle", budget("23848", "+50 %"), mode="dry_run"))
    found = told(run, "fields", "show", number_of(raised))
    assert found["arithmetic"] == "96.00 USD = baseline 80.00 USD + 20 %"
    assert found["why"].startswith("Fired: rain 2 mm/h")
    assert [(one["rule"], one["says"], one["stands"], one["wins"]) for one in found["claims"]] == [
        ("wet", "change +20 %", "active", True),
        ("idle", "change +50 %", "unjudged, dry run of the rule", False),
    ]
    assert [(one["from_value"], one["to_value"], one["who"]) for one in found["changes"]] == [
        ("8000", "9600", "engine")
    ]
    shown = run("fields", "show", number_of(raised))
    assert (shown.returncode, "change +20 %" in shown.stdout, "96.00 USD" in shown.stdout) == (0, True, True)


def test_a_way_back_that_finds_a_persons_value(raised: Engine, run: Run) -> None:
    """Semantics 31: why nothing was put back is told while the second look is waited for, and afterwards."""
    raised.by_hand("ad_set/23848", daily_budget="7000")
    raised.judge(DRY, "wet")
    raised.act(META)
    ended = str(raised.row("SELECT max(id) AS id FROM automation_executions").id)
    suspicion = "70.00 USD is there, which is not ours: looked at again at "
    assert told(run, "fields", "show", number_of(raised))["note"].startswith(f"planned, {suspicion}")
    assert f"planned: {suspicion}" in " ".join(run("explain", ended).stdout.split())
    raised.later(TWO_MINUTES)
    raised.act(META)
    assert raised.field(*BUDGET).state == "free"
    assert told(run, "changes", "--limit", "1")[0]["error"] == "somebody set it to 70.00 USD, which stays"
    assert "which stays" in " ".join(run("explain", ended).stdout.split())


def test_verify(raised: Engine, run: Run) -> None:
    """Semantics 29: where a platform differs from what is wanted, without a write: 0, 1, or 6 where nobody can tell."""
    assert told(run, "verify") == []
    assert "all are as they should be" in run("verify").stderr
    raised.by_hand("ad_set/23848", daily_budget="7000")
    (found,) = told(run, "verify", "--account", META, code=1)
    assert (found["wanted"], found["shown"], found["rule"]) == ("9600", "7000", "wet")
    assert found["why"].startswith("somebody else may have changed it; next look ")
    assert told(run, "verify", "--account", GOOGLE) == []
    raised.judge(RAIN, "other")
    raised.pause()
    waiting, _ = told(run, "verify", code=1)
    assert (waiting["wanted"], waiting["shown"], waiting["why"]) == ("60000000", "50000000", "paused: stop")
    raised.sandbox.fault("meta_ads", "status", status=500, count=100)
    assert [one["verdict"] for one in told(run, "verify", code=6)] == ["differs", "unread"]
    assert raised.writes() == [RAISED]
    assert raised.calls_counted() == raised.calls_made()


def test_verify_names_what_does_not_run(raised: Engine, run: Run) -> None:
    """0: the field is as wanted, and the campaign above it is paused: said, though no rule sets that."""
    assert "does not run" not in run("verify").stderr
    raised.by_hand("campaign/23801", status="PAUSED")
    done = run("verify")
    assert done.returncode == 0
    assert f"{META} ad set 23848 does not run all the same: " in done.stderr
    (found,) = told(run, "verify", "--every")
    assert (found["verdict"], "campaign" in found["obstacle"]) == ("same", True)


def test_changes_by_what_they_are_of(raised: Engine, run: Run) -> None:
    """0: by rule, account, field, state, check and time; one change whole, with the platform's id of the request."""
    raised.turn(DRY, "wet")
    raised.turn(RAIN, "other")
    everything = told(run, "changes")
    assert [(one["rule"], one["to_value"], one["state"]) for one in everything] == [
        ("other", "60000000", "confirmed"),
        ("wet", "8000", "confirmed"),
        ("wet", "9600", "confirmed"),
    ]
    assert all(one["request_id"] and one["who"] == "engine" and one["why"] for one in everything)
    newest, _, oldest = everything
    chosen = {
        ("--rule", "other"): [newest],
        ("--account", GOOGLE): [newest],
        ("--account", META, "--limit", "1"): [everything[1]],
        ("--field", number_of(raised)): everything[1:],
        ("--field", "status"): [],
        ("--state", "rejected"): [],
        ("--execution", str(oldest["execution"])): [oldest],
        ("--since", "1h"): everything,
        ("--since", "2999-01-01"): [],
        (str(newest["id"]),): newest,
    }
    for arguments, expected in chosen.items():
        assert told(run, "changes", *arguments) == expected, arguments
    assert newest["request_id"] in run("changes", str(newest["id"])).stdout


def test_changes_name_the_check_that_undo_wants(raised: Engine, run: Run) -> None:
    """0: its number is in the table; 3 for one that is not there, as for a field."""
    (check,) = raised.executions("wet")
    heading, line = (line.split() for line in run("changes").stdout.split("\n")[1:4:2])
    assert "execution" in heading
    assert str(check.id) in line
    assert_refused(run("changes", "--execution", "999"), 3, "There is no execution 999")
    assert_refused(run("changes", "--field", "999"), 3, "There is no field 999")


def test_finished_changes_stay(raised: Engine) -> None:
    """Semantics 31: the database refuses to edit or delete what is finished, whoever asks."""
    for statement in (
        "UPDATE ad_changes SET why = 'nothing'",
        "UPDATE ad_changes SET finished_at = NULL",
        "DELETE FROM ad_changes",
        "TRUNCATE ad_changes",
    ):
        with pytest.raises(ConstraintViolated) as refusal:
            raised.execute(statement)
        assert refusal.value.constraint == "ad_changes_append_only"


def test_a_decision_that_is_carried_out_again_is_another_row(raised: Engine) -> None:
    """Semantics 25 and 31: a late write of ours is put right by a change of its own; the first one stays as it was."""
    raised.judge(DRY, "wet")
    raised.act()
    first, back = raised.changes(*BUDGET)
    raised.execute("UPDATE ad_fields SET confirmed = '9600', next_at = clock_ms() WHERE resource = 'ad_set/23848'")
    raised.by_hand("ad_set/23848", daily_budget="9600")
    raised.action()(ApplyChanges(META))
    again = raised.changes(*BUDGET)
    assert again[:2] == [first, back]
    assert [(one.generation, one.from_value, one.to_value, one.state, one.why) for one in again[2:]] == [
        (back.generation, "9600", "8000", "confirmed", back.why)
    ]
    assert raised.writes() == [RAISED, BACK, BACK]


def test_edits_name_the_person(engine: Engine, run: Run, tmp_path: Any) -> None:
    """Semantics 31: a change that a command brought about says whose."""
    engine.apply(rule("wet", budget("23848")))
    engine.judge(RAIN, "wet")
    engine.act()
    file = tmp_path / "rules.json"
    file.write_text(json.dumps({"owner": OWNER, "rules": [rule("wet", budget("23848", "+10 %"))]}))
    assert run("apply", str(file)).returncode == 0
    first, second = (one.who for one in engine.changes(*BUDGET))
    assert (first, "@" in second) == ("engine", True)


def test_who_did_what(engine: Engine, run: Run) -> None:
    """0: the newest first, by person, command, subject and time; before and after in words."""
    assert run("pause", "--all", "--reason", "look into it").returncode == 0
    assert run("pause", "--account", META, "--reason", "own").returncode == 0
    assert run("resume", "--all").returncode == 0
    every = told(run, "audit")
    assert [(one["what"], one["subject"]) for one in every] == [
        ("resume", "everything"),
        ("pause", f"account {META}"),
        ("pause", "everything"),
    ]
    assert [one["subject"] for one in told(run, "audit", "--what", "pause")] == [f"account {META}", "everything"]
    assert [one["what"] for one in told(run, "audit", "--subject", "everything", "--limit", "1")] == ["resume"]
    assert len(told(run, "audit", "--who", every[0]["who"].split("@")[0], "--since", "30 min")) == 3
    assert told(run, "audit", "--who", "nobody@nowhere") == []
    assert "paused: none -> look into it, reverts: none -> no" in " ".join(run("audit").stdout.split())


@pytest.mark.usefixtures("engine")
def test_bad_input(run: Run) -> None:
    """2 and 3, with one sentence."""
    assert_refused(run("fields", "show", "77"), 3, "There is no field 77; `automation-cli fields list`")
    assert_refused(run("fields", "show", "x"), 2, "'x' is not a valid whole number")
    assert_refused(run("fields", "list", "--rule", "x"), 3, "There is no rule 'x'")
    assert_refused(run("fields", "list", "--account", "x"), 3, "There is no ad account 'x'")
    assert_refused(run("verify", "--account", "x"), 3, "There is no ad account 'x'")
    assert_refused(run("changes", "77"), 3, "There is no change 77")
    assert_refused(run("changes", "--field", "colour"), 2, "There is no field 'colour': name one of status, ")
    assert_refused(run("changes", "--since", "yesterday"), 2, "'yesterday' is neither a length of time")
    assert_refused(run("changes", "--account", "x"), 3, "There is no ad account 'x'")
