"""`automation-cli pause`, `resume`, `pauses`: what is stopped, what still goes out, and what is said (semantics 28)."""

import json
from threading import Thread
from typing import Any

import pytest

from tests.integration.commands import NOWHERE, Run, assert_refused
from tests.integration.engine import EVERYTHING, Engine
from tests.integration.rule_documents import DRY, GOOGLE, META, OWNER, RAIN, budget, campaign_budget, rule, status
from tests.processes import wait_until
from weathertrigger.broker import queue_key
from weathertrigger.storage.pauses import Covered, Scope

BUDGET = "ad_set/23848", "daily_budget"
RAISED, BACK = (*BUDGET, "9600"), (*BUDGET, "8000")
GOOGLE_RAISED = ("campaign_budget/444", "daily_budget", "60000000")

COVERING = [
    EVERYTHING,
    Covered(Scope.USER, OWNER),
    Covered(Scope.ACCOUNT, META),
    Covered(Scope.RULE, "wet"),
]
NOT_COVERING = [
    Covered(Scope.USER, "somebody-else"),
    Covered(Scope.ACCOUNT, GOOGLE),
    Covered(Scope.RULE, "other"),
]


@pytest.fixture
def wet(engine: Engine) -> Engine:
    """A change of ad set 23848 is decided, and waits."""
    engine.apply(rule("wet", budget("23848")), rule("other", campaign_budget("111")))
    engine.judge(RAIN, "wet")
    return engine


@pytest.fixture
def raised(wet: Engine) -> Engine:
    """Its budget is raised."""
    wet.act()
    assert wet.writes() == [RAISED]
    return wet


@pytest.fixture
def wet_or_paused(engine: Engine) -> Engine:
    """Ad set 23847 is enabled, by a rule that pauses it as soon as it is inactive."""
    engine.apply(rule("wet", status("23847", otherwise={"status": "paused"})))
    engine.judge(RAIN, "wet")
    engine.act()
    return engine


def paused(run: Run, *arguments: str, **changed: str) -> dict[str, Any]:
    """The command succeeds; what it says as JSON."""
    done = run("pause", *arguments, "--reason", "budgets run away", "--output", "json", **changed)
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def audited(engine: Engine) -> list[tuple[str, str]]:
    return [(row.what, row.subject) for row in engine.rows("SELECT what, subject FROM audit_log ORDER BY id")]


@pytest.mark.parametrize("covered", COVERING, ids=str)
def test_what_waits_is_stopped_and_goes_on(wet: Engine, covered: Covered) -> None:
    """Semantics 12 and 28: a change that waits in the outbox is stopped without a call, and is made after the end."""
    wet.pause(covered)
    calls = wet.calls_made()
    wet.act()
    (change,) = wet.changes(*BUDGET)
    assert (wet.writes(), change.state, change.attempts) == ([], "planned", 0)
    assert wet.calls_made() == calls
    wet.act()
    wet.resume(covered)
    wet.act()
    assert wet.writes() == [RAISED]


@pytest.mark.parametrize("covered", NOT_COVERING, ids=str)
def test_others_go_on(wet: Engine, covered: Covered) -> None:
    """Semantics 28: a pause stops what it names."""
    wet.pause(covered)
    wet.act()
    assert wet.writes() == [RAISED]


def test_a_stopped_field_does_not_hold_up_its_account(wet: Engine) -> None:
    """Semantics 28: of one account, the rule that is not paused goes on."""
    wet.apply(rule("beside", budget("23868")))
    wet.judge(RAIN, "beside")
    wet.pause(Covered(Scope.RULE, "wet"))
    wet.act(META)
    assert [resource for resource, _, _ in wet.writes()] == ["ad_set/23868"]


def test_pausing_a_rule_stops_it_as_it_stands(raised: Engine) -> None:
    """Semantics 28: what the rule ends meanwhile is not put back either; `resume` makes up for it."""
    raised.pause(Covered(Scope.RULE, "wet"))
    raised.turn(DRY, "wet")
    assert raised.writes() == [RAISED]
    raised.resume(Covered(Scope.RULE, "wet"))
    raised.act()
    assert raised.writes() == [RAISED, BACK]


def test_a_paused_rule_does_not_stop_another_on_its_field(wet: Engine) -> None:
    """Semantics 28: where another rule wins, that rule goes on."""
    wet.apply(rule("first", budget("23848", "+50 %"), priority=5))
    wet.judge(RAIN, "first")
    wet.pause(Covered(Scope.RULE, "wet"))
    wet.act()
    assert wet.writes() == [(*BUDGET, "12000")]


@pytest.mark.parametrize("covered", COVERING, ids=str)
def test_reverts_still_go_out(raised: Engine, covered: Covered) -> None:
    """Semantics 28: with `--revert` what no rule wants any more is put back; what a rule wants is not written."""
    raised.pause(covered, reverts=True)
    raised.turn(DRY, "wet")
    assert raised.writes() == [RAISED, BACK]
    raised.turn(RAIN, "wet")
    assert raised.writes() == [RAISED, BACK]
    raised.resume(covered)
    raised.act()
    assert raised.writes() == [RAISED, BACK, RAISED]


def test_the_stricter_of_two_pauses_counts(raised: Engine) -> None:
    """Semantics 28: a pause of an account that lets nothing out stands, whatever a wider one lets out."""
    raised.pause(reverts=True)
    raised.pause(Covered(Scope.ACCOUNT, META))
    raised.turn(DRY, "wet")
    assert raised.writes() == [RAISED]


def test_what_a_superseded_decision_wanted_is_not_made_up_for(wet: Engine) -> None:
    """Semantics 25: at the end of a pause the then desired value counts."""
    wet.pause()
    wet.turn(DRY, "wet")
    wet.resume()
    wet.act()
    assert wet.writes() == []


def test_it_needs_no_redis(raised: Engine, run: Run) -> None:
    """Semantics 28: 0 with Redis down; the fields that are not as before, with the values to set by hand."""
    shown = paused(run, "--all", REDIS_URL=f"redis://{NOWHERE}/0")
    (field,) = shown["not_as_before"]
    assert (field["now"], field["before"], field["rule"]) == ("9600", "8000", "wet")
    assert field["becomes"] == "stays while the pause lasts"
    raised.turn(DRY, "wet")
    assert raised.writes() == [RAISED]
    done = run("resume", "--all", REDIS_URL=f"redis://{NOWHERE}/0")
    assert (done.returncode, "goes on" in done.stderr, "is saved" in done.stderr) == (6, True, True)
    raised.act()
    assert raised.writes() == [RAISED, BACK]
    assert audited(raised) == [("pause", "everything"), ("resume", "everything")]


def test_it_needs_no_setting_but_the_database(raised: Engine, run: Run) -> None:
    """Semantics 28: 0 where Redis has no URL and another setting is wrong; so for those who look at what was done, and
    what is resumed is saved."""
    broken = {"REDIS_URL": "", "RAISE_COOL_DOWN": "soon", "META_URL": "nowhere"}
    assert paused(run, "--all", **broken)["paused"] == "everything"
    for command in (("pauses",), ("changes",), ("fields", "list"), ("audit",), ("executions",)):
        assert run(*command, **broken).returncode == 0, command
    raised.turn(DRY, "wet")
    assert raised.writes() == [RAISED]
    done = run("resume", "--all", **broken)
    assert (done.returncode, "REDIS_URL is not set" in done.stderr, "is saved" in done.stderr) == (6, True, True)
    raised.act()
    assert raised.writes() == [RAISED, BACK]


def test_directly_without_redis_and_workers(raised: Engine, run: Run) -> None:
    """Semantics 28: `--direct` puts back from the command itself what no rule wants any more, and nothing else."""
    raised.judge(DRY, "wet")
    raised.judge(RAIN, "other")
    assert paused(run, "--all", "--revert", "--direct", REDIS_URL=f"redis://{NOWHERE}/0")["not_as_before"] == []
    assert raised.writes() == [RAISED, BACK]
    assert raised.calls_counted() == raised.calls_made()
    change = raised.changes(*BUDGET)[-1]
    assert (change.state, "ad-action-direct" in change.worker_id) == ("confirmed", True)
    again = paused(run, "--all", "--revert", "--direct")
    assert (again["not_as_before"], raised.writes()) == ([], [RAISED, BACK])
    assert run("resume", "--all").returncode == 0
    raised.act()
    assert raised.writes() == [RAISED, BACK, GOOGLE_RAISED]


def test_directly_waits_for_the_lease_of_the_dead(raised: Engine, run: Run) -> None:
    """A worker that died with the account keeps it for as long as its lease says, and no longer."""
    raised.judge(DRY, "wet")
    raised.execute("UPDATE ad_accounts SET lease_until = clock_ms() + interval '1 h', fence = fence + 1")
    done: list[int] = []
    arguments = ("pause", "--account", META, "--reason", "x", "--revert", "--direct")
    commanding = Thread(target=lambda: done.append(run(*arguments).returncode))
    commanding.start()
    acting = "SELECT FROM pg_stat_activity WHERE application_name = 'weathertrigger ad-action direct'"
    wait_until(lambda: raised.rows(acting), patience_s=60)
    assert raised.writes() == [RAISED]
    raised.execute("UPDATE ad_accounts SET lease_until = clock_ms()")
    commanding.join()
    assert (done, raised.writes()) == ([0], [RAISED, BACK])


def test_what_cannot_be_put_back_is_for_a_person(raised: Engine, run: Run) -> None:
    """Semantics 28: the token is revoked: the value to set by hand, and why."""
    raised.judge(DRY, "wet")
    raised.sandbox.fault("meta_ads", "status", status=401, count=100)
    done = run("pause", "--all", "--reason", "x", "--revert", "--direct")
    assert done.returncode == 0, done.stderr
    assert "80.00 USD" in done.stdout
    assert "for you: set it by hand;" in done.stdout
    assert f"accounts check {META}" in " ".join(done.stdout.split())
    (field,) = paused(run, "--all", "--revert", "--direct")["not_as_before"]
    assert (field["before"], field["becomes"].startswith("for you: ")) == ("8000", True)


def test_what_an_inactive_rule_wants_is_not_called_its_wish(wet_or_paused: Engine, run: Run) -> None:
    """Semantics 28: a rule whose `otherwise` is explicit has the say while it is inactive; what it wants is told where
    it is not there, and with a revoked token it is for a person."""
    wet_or_paused.judge(DRY, "wet")
    (field,) = paused(run, "--all", "--revert")["not_as_before"]
    assert (field["now"], field["wanted"]) == ("enabled", "paused")
    assert field["becomes"] == "stays while the pause lasts; rule wet wants paused"
    wet_or_paused.resume()
    wet_or_paused.sandbox.meta("tokens", token="sandbox", state="revoked")
    wet_or_paused.act()
    (field,) = paused(run, "--all", "--revert", "--direct")["not_as_before"]
    assert field["becomes"].startswith("for you: set it by hand; rule wet wants paused; Meta refused the access token")
    assert "(code 190, subcode 467)" in field["becomes"]


def test_writes_that_never_answered_are_told(raised: Engine, run: Run) -> None:
    """A call of somebody gone may have happened: that is said, after the time that a call can take."""
    raised.execute("UPDATE ad_fields SET generation = generation + 1")
    raised.execute(
        "INSERT INTO ad_changes (field_id, generation, rule_id, why, state)"
        " SELECT id, generation, 'wet', 'x', 'calling' FROM ad_fields WHERE resource = 'ad_set/23848'"
    )
    done = run("pause", "--rule", "wet", "--reason", "x")
    assert (done.returncode, "1 write(s) have no answer" in done.stderr) == (0, True)


def test_paused_twice_and_resumed_twice(engine: Engine, run: Run) -> None:
    """5: it says who paused it, when and why, or that it is not; a pause may be made to let reverts out."""
    assert run("pause", "--all", "--reason", "first").returncode == 0
    assert_refused(run("pause", "--all", "--reason", "second"), 5, "everything is paused already: first (by ")
    assert run("pause", "--all", "--reason", "third", "--revert").returncode == 0
    listed = json.loads(run("pauses", "--output", "json").stdout)
    assert [(one["scope"], one["subject"], one["reason"], one["reverts"]) for one in listed] == [
        ("all", None, "third", True)
    ]
    assert_refused(
        run("resume", "--account", META),
        5,
        f"There is no pause of account {META}. But everything is still paused: third.",
    )
    assert run("pause", "--account", META, "--reason", "own.").returncode == 0
    (still,) = json.loads(run("resume", "--all", "--output", "json").stdout)["still_paused"]
    assert still == {"of": f"account {META}", "reason": "own.", "reverts": False}
    assert run("pause", "--all", "--reason", "again").returncode == 0
    done = run("resume", "--all")
    assert (done.returncode, f"But account {META} is still paused: own." in done.stderr) == (0, True)
    done = run("resume", "--account", META, "--output", "json")
    assert json.loads(done.stdout) == {"resumed": f"account {META}", "still_paused": []}
    assert_refused(run("resume", "--all"), 5, "There is no pause of everything.")
    assert run("pauses").stderr == "Nothing is paused.\n"
    assert [what for what, _ in audited(engine)] == [
        *["pause"] * 3,
        "resume",
        "pause",
        *["resume"] * 2,
    ]


@pytest.mark.usefixtures("engine")
def test_bad_input(run: Run) -> None:
    """2 and 3, with one sentence that says what to do."""
    assert_refused(run("pause", "--reason", "x"), 2, "exactly one of --all, --user ID, --account ID and --rule ID")
    assert_refused(run("pause", "--all", "--rule", "wet", "--reason", "x"), 2, "exactly one of")
    assert_refused(run("pause", "--all"), 2, "--reason")
    assert_refused(run("pause", "--all", "--reason", " "), 2, "A reason is a line of text.")
    assert_refused(run("pause", "--all", "--reason", "x", "--direct"), 2, "give both")
    assert_refused(run("pause", "--rule", "wt", "--reason", "x"), 3, "There is no rule 'wt'")
    assert_refused(run("pause", "--user", "user", "--reason", "x"), 3, "There is no user 'user'")
    assert_refused(run("resume", "--account", "x"), 3, "There is no ad account 'x'")
    assert_refused(run("pause", "--all", "--reason", "x", DATABASE_URL=f"postgresql://{NOWHERE}/x"), 6)


def test_the_rules_that_are_paused_are_seen(raised: Engine, run: Run) -> None:
    """The list of rules says which ones change nothing, and why."""
    raised.pause(Covered(Scope.RULE, "wet"))
    listed = {one["id"]: one["paused"] for one in json.loads(run("rules", "--output", "json").stdout)}
    assert listed == {"wet": "stop", "other": None}
    assert "live, paused" in run("rules").stdout


def test_the_workers_are_rung(raised: Engine, run: Run) -> None:
    """What may go out goes out at once, and not with the next repair."""
    raised.judge(DRY, "wet")
    key = queue_key("wt-test", "actions.meta_ads")
    paused(run, "--all")
    assert raised.redis.llen(key) == 0
    paused(run, "--all", "--revert")
    assert raised.redis.llen(key) == 1
    assert run("resume", "--all").returncode == 0
    assert raised.redis.llen(key) == 2
