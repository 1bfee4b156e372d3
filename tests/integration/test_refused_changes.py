"""Changes that a platform refuses: told, and tried again where money goes on being spent (semantics 28, 30)."""

from datetime import timedelta

import pytest

from tests.integration.engine import Engine
from tests.integration.interrupted_platform import InterruptedPlatform
from tests.integration.rule_documents import DRY, META, RAIN, budget, rule, status
from weathertrigger.messages import ApplyChanges
from weathertrigger.operations import field_orders
from weathertrigger.operations.delete_rules import delete_rules
from weathertrigger.storage import fields, pauses
from weathertrigger.storage.pauses import Covered, Scope

BUDGET = "ad_set/23848", "daily_budget"
AN_HOUR = timedelta(minutes=61)
REFUSES = {"kind": "error", "code": 100, "subcode": 1885272, "method": "POST"}


def messages(engine: Engine, kind: str) -> list[str]:
    rows = engine.rows("SELECT message FROM notifications WHERE kind = %(kind)s ORDER BY id", kind=kind)
    return [row.message for row in rows]


@pytest.fixture
def raised(engine: Engine) -> Engine:
    """An engine whose rule `wet` has raised the budget of ad set 23848 from 80 to 96 dollars."""
    engine.sandbox.meta("budget_changes", most=100)
    engine.apply(rule("wet", budget("23848")))
    engine.turn(RAIN, "wet")
    return engine


def test_a_refused_revert_is_tried_hourly_and_told_once(raised: Engine) -> None:
    """Protocol C8 and semantics 28: with the value to set by hand; and told once more when it is back."""
    raised.sandbox.meta("troubles", node="23848", **REFUSES)
    raised.turn(DRY, "wet")
    for _ in range(3):
        raised.later(AN_HOUR)
        raised.act(META)
    (told,) = messages(raised, "revert_refused")
    assert "meta-acme ad set 23848 daily budget could not be put back" in told
    assert told.endswith("by hand it is to be set to 80.00 USD.")
    posts = [entry for entry in raised.sandbox.journal() if (entry["service"], entry["method"]) == ("meta_ads", "POST")]
    assert len(posts) == 5  # the raise, the revert, and once an hour
    raised.sandbox.session.delete(f"{raised.sandbox.url}/_sandbox/meta_ads/troubles", timeout=5)
    raised.later(AN_HOUR)
    raised.act(META)
    assert raised.writes()[-1] == (*BUDGET, "8000")
    assert len(messages(raised, "revert_refused")) == len(messages(raised, "revert_refused_ended")) == 1


def test_what_is_deleted_has_nothing_to_put_back(raised: Engine) -> None:
    """Protocol C9: seen twice, it ends there; told once, with a change that says so, and no call is made any more."""
    raised.by_hand("ad_set/23848", status="DELETED")
    raised.turn(DRY, "wet")
    assert raised.field(*BUDGET).state == "owned"
    raised.later(timedelta(minutes=3))
    raised.act(META)
    (told,) = messages(raised, "entity_gone")
    assert "daily budget was to go back to 80.00 USD" in told
    assert "ad set 23848 is deleted at Meta." in told
    change = raised.changes(*BUDGET)[-1]
    assert (change.state, change.error) == (
        "rejected",
        "ad set 23848 is deleted at Meta. Nothing is left to put back.",
    )
    assert messages(raised, "revert_refused") == messages(raised, "rule_paused") == []
    calls = raised.calls_made()
    raised.later(AN_HOUR)
    raised.act(META)
    assert (raised.field(*BUDGET).state, raised.calls_made()) == ("free", calls)


def test_what_is_deleted_while_it_is_put_back_ends_the_trouble(raised: Engine) -> None:
    """Semantics 28, C9: a revert that was told as refused is told as over; a deleted rule goes with it."""
    raised.sandbox.meta("troubles", node="23848", **REFUSES)
    delete_rules(raised.database, ["wet"], leave=False, worker_id="tester")
    raised.act(META)
    raised.by_hand("ad_set/23848", status="ARCHIVED")
    for passed in (AN_HOUR, timedelta(minutes=3)):
        raised.later(passed)
        raised.act(META)
    (told,) = messages(raised, "revert_refused_ended")
    assert "nothing is left to put back: ad set 23848 is archived at Meta." in told
    assert raised.value("SELECT count(*) FROM automation_rules") == 0


def test_what_is_deleted_when_it_is_back_is_nobodys_trouble(raised: Engine) -> None:
    """Protocol C9: the budget had been put back; people are not told that it was still to be."""
    raised.turn(DRY, "wet")
    raised.by_hand("ad_set/23848", status="DELETED")
    for passed in (timedelta(minutes=16), timedelta(minutes=3)):
        raised.later(passed)
        raised.act(META)
    assert (raised.field(*BUDGET).state, raised.field(*BUDGET).next_at) == ("free", None)
    assert [change.state for change in raised.changes(*BUDGET)] == ["confirmed", "confirmed"]
    assert raised.rows("SELECT message FROM notifications") == []


def test_what_is_not_seen_when_it_is_back_is_nobodys_trouble(raised: Engine) -> None:
    """Semantics 28: a budget that had been put back is not told as one that could not be."""
    raised.turn(DRY, "wet")
    raised.sandbox.meta("troubles", node="23848", kind="error", code=100, subcode=33)
    raised.later(timedelta(minutes=16))
    raised.act(META)
    assert raised.rows("SELECT message FROM notifications") == []
    raised.sandbox.session.delete(f"{raised.sandbox.url}/_sandbox/meta_ads/troubles", timeout=5)
    raised.later(AN_HOUR)
    raised.act(META)
    assert raised.field(*BUDGET).state == "free"


def test_an_order_for_what_is_deleted_ends_with_it(engine: Engine) -> None:
    """Semantics 29, C9: somebody undoes a value that was left, and deletes the ad: nothing is asked for ever after."""
    engine.apply(rule("wet", budget("23848", otherwise="leave")))
    engine.turn(RAIN, "wet")
    engine.turn(DRY, "wet")
    (check,) = engine.rows("SELECT e.*, e.rule_id AS rule FROM automation_executions e ORDER BY id LIMIT 1")
    with engine.database.transaction() as tx:
        chosen = field_orders.restorable(tx, check.id)
        (field,) = fields.of_ids(tx, [chosen[0].field_id])
        assert field_orders.undo(tx, check, chosen, {field.id: (field, "9600")}, "anna") == []
    engine.by_hand("ad_set/23848", status="DELETED")
    engine.act(META)
    engine.later(timedelta(minutes=3))
    engine.act(META)
    (told,) = messages(engine, "entity_gone")
    assert "daily budget was to go back to 80.00 USD" in told
    calls = engine.calls_made()
    engine.later(AN_HOUR)
    engine.act(META)
    assert (engine.field(*BUDGET).state, engine.calls_made()) == ("free", calls)
    assert messages(engine, "revert_refused") == []


def test_a_revert_of_what_is_only_not_seen_is_tried_on(raised: Engine) -> None:
    """Protocol C8: that Meta shows nothing under these credentials does not mean that nothing is spent there."""
    raised.sandbox.meta("troubles", node="23848", kind="error", code=100, subcode=33)
    raised.turn(DRY, "wet")
    for _ in range(30):
        raised.later(AN_HOUR)
        raised.act(META)
    assert (raised.field(*BUDGET).state, len(messages(raised, "revert_refused"))) == ("owned", 1)
    raised.sandbox.session.delete(f"{raised.sandbox.url}/_sandbox/meta_ads/troubles", timeout=5)
    raised.later(AN_HOUR)
    raised.act(META)
    assert raised.writes()[-1] == (*BUDGET, "8000")


def test_a_refused_last_word_is_told_as_it_is(engine: Engine) -> None:
    """Semantics 18 and 28: a rule ends with a pause, and not with what was there before."""
    pausing = rule("wet", status("23848", otherwise={"status": "paused"}))
    engine.apply(pausing)
    engine.turn(RAIN, "wet")
    engine.sandbox.meta("troubles", node="23848", **REFUSES)
    engine.apply({**pausing, "enabled": False})
    engine.act(META)
    (told,) = messages(engine, "revert_refused")
    assert told.endswith("by hand it is to be set to paused.")


def test_a_revert_that_a_person_makes_is_known(raised: Engine) -> None:
    """Semantics 28: the value that was told is set by hand, and the trouble is over."""
    raised.sandbox.meta("troubles", node="23848", **REFUSES)
    raised.turn(DRY, "wet")
    raised.by_hand("ad_set/23848", daily_budget="8000")
    for passed in (AN_HOUR, timedelta(minutes=3)):
        raised.later(passed)
        raised.act(META)
    assert len(messages(raised, "revert_refused_ended")) == 1


def test_a_refused_raise_is_no_revert(engine: Engine) -> None:
    """Protocol C8: it is final for the decision; nothing has to be put back."""
    engine.sandbox.meta("troubles", node="23848", **REFUSES)
    engine.apply(rule("wet", budget("23848")))
    engine.turn(RAIN, "wet")
    assert engine.changes(*BUDGET)[0].state == "rejected"
    assert messages(engine, "revert_refused") == []


def test_a_refused_raise_whose_rule_has_ended_is_no_revert(engine: Engine) -> None:
    """Protocol C8: the rule ends while its raise is on its way; nobody is told to put back what was never set."""
    engine.sandbox.meta("troubles", node="23848", **REFUSES)
    engine.apply(rule("wet", budget("23848")))
    engine.judge(RAIN, "wet")
    ending = InterruptedPlatform(engine.platforms["meta_ads"], leaving=lambda: engine.judge(DRY, "wet"))
    engine.action({"meta_ads": ending})(ApplyChanges(META))
    assert [change.state for change in engine.changes(*BUDGET)] == ["rejected", "unchanged"]
    assert engine.rows("SELECT kind FROM notifications") == []


def test_a_rule_whose_changes_fail_for_good_is_paused(engine: Engine) -> None:
    """Semantics 30: after the fifth in a row, with a reason and one notification; a success in between begins anew."""
    engine.sandbox.meta("budget_changes", most=100)
    engine.apply(rule("wet", budget("23848"), budget("23868", otherwise="leave")))
    engine.sandbox.meta("troubles", node="23868", **REFUSES)
    for _ in range(6):  # each time one is refused, and one is done
        engine.turn(RAIN, "wet")
        engine.turn(DRY, "wet")
    assert messages(engine, "rule_paused") == []
    engine.sandbox.meta("troubles", node="23848", **REFUSES)
    for _ in range(4):
        engine.turn(RAIN, "wet")
        engine.turn(DRY, "wet")
    (told,) = messages(engine, "rule_paused")
    assert told.startswith("Rule wet is paused: its last 5 changes failed for good, the newest one so: ")
    assert "automation-cli resume --rule wet" in told
    written = len(engine.writes())
    engine.sandbox.session.delete(f"{engine.sandbox.url}/_sandbox/meta_ads/troubles", timeout=5)
    engine.turn(RAIN, "wet")
    assert len(engine.writes()) == written


def test_a_refusal_counts_for_the_rule_whose_expression_it_is(engine: Engine) -> None:
    """Semantics 30: one rule ends, and what another one wants then is refused: that one is paused."""
    engine.sandbox.meta("budget_changes", most=100)
    engine.apply(rule("first", budget("23848"), priority=9), rule("second", budget("23848", "+10 %")))
    engine.turn(RAIN, "first", "second")
    engine.sandbox.meta("troubles", node="23848", **REFUSES)
    for _ in range(5):
        engine.turn(DRY, "first")
        engine.turn(RAIN, "first")
    (told,) = messages(engine, "rule_paused")
    assert told.startswith("Rule second is paused")


def test_a_field_that_is_given_back_counts_for_its_rule_again(engine: Engine) -> None:
    """Semantics 30: what a rule wants of a released field is its wish, as before; what goes through breaks the row."""
    engine.sandbox.meta("budget_changes", most=100)
    engine.apply(rule("wet", budget("23848")))
    for _ in range(4):
        engine.turn(DRY, "wet")
        engine.sandbox.meta("troubles", node="23848", **REFUSES)
        engine.turn(RAIN, "wet")
    engine.by_hand("ad_set/23848", daily_budget="7000")
    for passed in (AN_HOUR, timedelta(minutes=3)):
        engine.later(passed)
        engine.act(META)
    with engine.database.transaction() as tx:
        assert field_orders.release(tx, engine.field(*BUDGET).id, "anna")
    engine.act(META)
    change = engine.changes(*BUDGET)[-1]
    assert (change.state, change.rule_id, change.winner) == ("rejected", "wet", "wet")
    assert len(messages(engine, "rule_paused")) == 1


def test_a_refused_revert_counts_for_no_rule(raised: Engine) -> None:
    """Semantics 30: no rule wants it; it is told by itself, and tried on."""
    raised.sandbox.meta("troubles", node="23848", **REFUSES)
    raised.turn(DRY, "wet")
    for _ in range(6):
        raised.later(AN_HOUR)
        raised.act(META)
    assert [change.state for change in raised.changes(*BUDGET)][1:] == ["rejected"] * 7
    assert messages(raised, "rule_paused") == []


def test_a_paused_rule_that_is_resumed_has_five_tries_again(engine: Engine) -> None:
    """Semantics 30: what failed before the pause is not held against it."""
    engine.apply(rule("wet", *[budget("23848", otherwise="leave"), budget("23868", otherwise="leave")]))
    for node in ("23848", "23868"):
        engine.sandbox.meta("troubles", node=node, **REFUSES)
    for _ in range(3):
        engine.turn(RAIN, "wet")
        engine.turn(DRY, "wet")
    assert len(messages(engine, "rule_paused")) == 1
    with engine.database.transaction() as tx:
        assert pauses.end(tx, Covered(Scope.RULE, "wet"))
    engine.turn(RAIN, "wet")
    assert len(messages(engine, "rule_paused")) == 1


def test_a_rule_that_is_paused_by_an_edit_of_its_ad(engine: Engine) -> None:
    """Semantics 20, `pause_rule`: the person's value stays, and the rule changes nothing more; both are told once."""
    engine.apply(rule("wet", budget("23848"), budget("23868"), on_manual_change="pause_rule"))
    engine.turn(RAIN, "wet")
    written = engine.writes()
    engine.by_hand("ad_set/23848", daily_budget="7000")
    for passed in (AN_HOUR, timedelta(minutes=3), AN_HOUR):
        engine.later(passed)
        engine.act(META)
    assert len(messages(engine, "field_held")) == len(messages(engine, "rule_paused")) == 1
    engine.turn(DRY, "wet")  # what it has set elsewhere still goes back
    assert engine.writes()[len(written) :] == [("ad_set/23868", "daily_budget", "4000")]
    engine.turn(RAIN, "wet")
    assert len(engine.writes()) == len(written) + 1
    assert engine.sandbox.value("ad_set/23848", "daily_budget") == "7000"


def test_a_rule_that_a_person_stopped_stays_stopped(engine: Engine) -> None:
    """Semantics 28: the engine pauses a rule that somebody has just stopped altogether; nothing is put back all the
    same."""
    engine.apply(rule("wet", budget("23848"), budget("23868"), on_manual_change="pause_rule"))
    engine.turn(RAIN, "wet")
    engine.by_hand("ad_set/23848", daily_budget="7000")
    engine.later(AN_HOUR)
    engine.act(META)
    engine.later(timedelta(minutes=3))
    written = engine.writes()
    stopping = InterruptedPlatform(
        engine.platforms["meta_ads"], looked=lambda: engine.pause(Covered(Scope.RULE, "wet"))
    )
    engine.action({"meta_ads": stopping})(ApplyChanges(META))
    assert len(messages(engine, "field_held")) == 1
    engine.turn(DRY, "wet")
    assert engine.writes() == written
