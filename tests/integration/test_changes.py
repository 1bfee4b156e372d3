"""Changes of ads, with the sandbox as the witness: who wins, what is written, what is put back (protocol C)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from services.scheduler.ring_due_changes import RingDueChanges
from tests.integration.engine import Engine
from tests.integration.rule_documents import DRY, GOOGLE, META, RAIN, budget, campaign_budget, rule, status
from weathertrigger.messages import ApplyChanges

A_WHILE = timedelta(minutes=16)
AN_HOUR = timedelta(minutes=61)


def test_a_raise_and_its_revert_at_both_platforms(engine: Engine) -> None:
    """Semantics 15 to 18: the rule sets three fields while it rains, and puts each back to what was there."""
    engine.apply(rule("wet", status("23847"), budget("23847"), campaign_budget("111")))
    row = engine.judge(RAIN, "wet")["wet"]
    engine.act()
    raised = {
        ("ad_set/23847", "status", "ACTIVE"),
        ("ad_set/23847", "daily_budget", "6000"),
        ("campaign_budget/444", "daily_budget", "60000000"),
    }
    assert sorted(engine.writes()) == sorted(raised)
    counted = engine.row("SELECT * FROM automation_executions WHERE id = %(id)s", id=row.id)
    assert counted.execution_metrics["actionsExecuted"] == 3
    assert counted.success
    engine.judge(DRY, "wet")
    engine.act()
    assert set(engine.writes()) - raised == {
        ("ad_set/23847", "status", "PAUSED"),
        ("ad_set/23847", "daily_budget", "5000"),
        ("campaign_budget/444", "daily_budget", "50000000"),
    }
    assert {change.state for change in engine.rows("SELECT state FROM ad_changes")} == {"confirmed"}
    assert engine.calls_counted() == engine.calls_made()


def test_a_raise_never_compounds(engine: Engine) -> None:
    """Semantics 17: +20 % is of the baseline, over on and off and on again, before and after it has settled."""
    engine.apply(rule("wet", budget("23848")))
    engine.sandbox.meta("budget_changes", most=100)
    for _ in range(3):
        engine.turn(RAIN, "wet")
        engine.turn(DRY, "wet")
    engine.later(A_WHILE)
    engine.act()
    assert engine.field("ad_set/23848", "daily_budget").state == "free"
    engine.turn(RAIN, "wet")
    values = [value for _, _, value in engine.writes()]
    assert values == ["9600", "8000"] * 3 + ["9600"]


def test_duplicate_doorbells_at_once_make_one_write(engine: Engine) -> None:
    """C3: whoever has the account does the work; eight doorbells and two workers change nothing more."""
    engine.apply(rule("wet", status("23847"), budget("23848")))
    engine.judge(RAIN, "wet")
    steps = [engine.action(), engine.action()]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: steps[number % 2](ApplyChanges(META)), range(8)))
    engine.act(META)
    assert sorted(engine.writes()) == [("ad_set/23847", "status", "ACTIVE"), ("ad_set/23848", "daily_budget", "9600")]
    assert engine.calls_counted() == engine.calls_made()


def test_what_is_so_already_is_not_written(engine: Engine) -> None:
    """Semantics 16: equal is `unchanged`."""
    engine.apply(rule("wet", status("23848")))
    engine.turn(RAIN, "wet")
    (change,) = engine.changes("ad_set/23848", "status")
    assert (change.state, engine.writes()) == ("unchanged", [])


def test_an_ending_never_enables_what_was_paused_before(engine: Engine) -> None:
    """Semantics 21: the baseline of a paused ad set is paused; of an enabled one, enabled."""
    engine.apply(rule("wet", status("23847"), status("23848", "paused")))
    engine.turn(RAIN, "wet")
    engine.turn(DRY, "wet")
    assert engine.sandbox.value("ad_set/23847", "status") == "PAUSED"
    assert engine.sandbox.value("ad_set/23848", "status") == "ACTIVE"


def test_overlapping_rules_share_the_baseline(engine: Engine) -> None:
    """Semantics 17 and 19: the highest priority wins, and when it ends the next one counts from the same baseline."""
    engine.apply(
        rule("high", budget("23848", "+50 %"), priority=10),
        rule("low", budget("23848", "+20 %"), priority=1),
        rule("last", budget("23848", "-10 %"), priority=1),
    )
    engine.sandbox.meta("budget_changes", most=100)
    engine.turn(RAIN, "low")
    engine.turn(RAIN, "last", "high")
    engine.turn(DRY, "high")
    engine.turn(DRY, "last")
    engine.turn(DRY, "low")
    values = [value for _, _, value in engine.writes()]
    assert values == ["9600", "12000", "7200", "9600", "8000"]  # "last" comes before "low" in the alphabet
    overridden = [change.why for change in engine.changes("ad_set/23848", "daily_budget")][1]
    assert overridden.endswith("(overridden: last, low)")


def test_losers_are_recorded_when_the_winner_comes_first_too(engine: Engine) -> None:
    """Semantics 19: a rule that fires while another one has the say asks for no change; its check says who overrides it
    and where. So it is when both fire at once, and not for what it wins."""
    engine.apply(
        rule("high", budget("23848", "+50 %"), priority=10),
        rule("low", budget("23848", "+20 %"), status("23847"), priority=1),
        rule("last", budget("23848", "-10 %")),
    )
    first = engine.judge(RAIN, "high", "last")
    later = engine.judge(RAIN, "low")
    said = {rule_id: row.reason.partition(").")[2] for rule_id, row in (first | later).items()}
    overridden = " Overridden by rule high: ad_set/23848 daily_budget."
    assert said == {"high": "", "low": overridden, "last": overridden}
    assert [change.rule_id for change in engine.changes("ad_set/23848", "daily_budget")] == ["high"]
    assert engine.judge(RAIN, "low")["low"].reason.endswith(").")  # nothing is decided anew


def test_an_explicit_otherwise_holds_from_the_first_false_verdict(engine: Engine) -> None:
    """Semantics 18: `{status: paused}` is level-based, and is not there to be undone while the rule is inactive."""
    engine.apply(rule("wet", status("23848", otherwise={"status": "paused"})))
    engine.turn(DRY, "wet")
    assert engine.writes() == [("ad_set/23848", "status", "PAUSED")]
    engine.turn(RAIN, "wet")
    engine.turn(DRY, "wet")
    assert [value for _, _, value in engine.writes()] == ["PAUSED", "ACTIVE", "PAUSED"]


def test_leave_keeps_the_value_and_the_baseline(engine: Engine) -> None:
    """Semantics 17 and 18: nothing is put back, and the next time +20 % is still of the first baseline."""
    engine.apply(rule("wet", budget("23848", otherwise="leave")))
    engine.turn(RAIN, "wet")
    engine.turn(DRY, "wet")
    assert engine.field("ad_set/23848", "daily_budget").state == "left"
    engine.turn(RAIN, "wet")
    assert engine.writes() == [("ad_set/23848", "daily_budget", "9600")]
    assert engine.field("ad_set/23848", "daily_budget").baseline == "8000"


def test_a_clamped_raise(engine: Engine) -> None:
    """Semantics 22: the cap cuts the raise and the change says so; the revert is the stored integer."""
    capped = {"account": GOOGLE, "campaign": "111", "set": {"daily_budget": {"change": "+20 %", "max": "55.00 USD"}}}
    engine.apply(rule("wet", capped))
    engine.turn(RAIN, "wet")
    engine.turn(DRY, "wet")
    assert [value for _, _, value in engine.writes()] == ["55000000", "50000000"]
    assert "clamped" in engine.changes("campaign_budget/444", "daily_budget")[0].arithmetic


def test_a_clamped_raise_that_changes_nothing(engine: Engine) -> None:
    """Semantics 22: where the cap leaves the value that is there, the change says so all the same."""
    capped = {"account": GOOGLE, "campaign": "111", "set": {"daily_budget": {"change": "+20 %", "max": "50.00 USD"}}}
    engine.apply(rule("wet", capped))
    engine.turn(RAIN, "wet")
    (change,) = engine.changes("campaign_budget/444", "daily_budget")
    said = "50.00 USD = baseline 50.00 USD + 20 %, clamped"
    assert (engine.writes(), change.state, change.arithmetic) == ([], "unchanged", said)


def test_an_owned_field_is_read_hourly_and_a_settled_one_no_more(engine: Engine) -> None:
    """C6 and C9: looks write nothing, and when the field is free nobody looks any more."""
    engine.apply(rule("wet", budget("23848")))
    engine.turn(RAIN, "wet")
    reads = engine.calls_made()["meta_ads"]
    engine.later(AN_HOUR)
    engine.act(META)
    assert engine.calls_made()["meta_ads"] == reads + 1
    engine.turn(DRY, "wet")
    engine.later(A_WHILE)
    engine.act(META)
    field = engine.field("ad_set/23848", "daily_budget")
    assert (field.state, field.next_at) == ("free", None)
    assert len(engine.writes()) == 2
    assert engine.calls_counted() == engine.calls_made()


def test_an_account_with_changes_due_is_rung_again(engine: Engine) -> None:
    """C4: a doorbell that was lost is rung by the scheduler, until nothing is due, and not while somebody is at it."""
    engine.apply(rule("wet", status("23847")))
    engine.judge(RAIN, "wet")
    ring = RingDueChanges(engine.database, engine.broker)
    assert ring() == 1
    engine.execute("UPDATE ad_accounts SET lease_until = clock_timestamp() + interval '1 min'")
    assert ring() == 0
    engine.later(timedelta(minutes=2))
    engine.act()
    assert ring() == 0


def test_a_rule_that_goes_on_after_a_pause_waits_for_a_verdict(engine: Engine) -> None:
    """Semantics 18: what the weather was before the pause is no reason to spend money now, nor to pause an ad."""
    wet = [budget("23848"), status("23847", otherwise={"status": "paused"})]
    engine.apply(rule("wet", *wet))
    engine.turn(RAIN, "wet")
    engine.apply(rule("wet", *wet, enabled=False))
    for _ in range(4):
        engine.act(META)
        engine.later(timedelta(hours=25))
    written = engine.writes()
    engine.apply(rule("wet", *wet))
    engine.act(META)
    assert engine.writes() == written
    engine.turn(RAIN, "wet")
    assert sorted(engine.writes()[len(written) :]) == [
        ("ad_set/23847", "status", "ACTIVE"),
        ("ad_set/23848", "daily_budget", "9600"),
    ]
