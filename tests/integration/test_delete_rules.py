"""Rules that are deleted, by name or because a file no longer has them: what was due, what they set, what stays."""

import contextlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.integration.engine import WORKER, Engine, rule_file
from tests.integration.rule_documents import DRY, META, OWNER, RAIN, budget, campaign_budget, rule, status
from tests.integration.test_changes import A_WHILE, AN_HOUR
from weathertrigger.domain.rule import Mode
from weathertrigger.errors import InvalidRules, NotThere
from weathertrigger.operations.apply_rules import Applied, apply_rules
from weathertrigger.operations.delete_rules import Deleted, delete_rules
from weathertrigger.storage import accounts, rules
from weathertrigger.storage.accounts import Account


def delete(engine: Engine, *rule_ids: str, leave: bool = False) -> Deleted:
    done = delete_rules(engine.database, rule_ids, leave=leave, worker_id=WORKER)
    engine.bells.set(done.next_checks)
    return done


def prune(engine: Engine, *documents: dict[str, Any], of: tuple[str, ...], owner: str = OWNER) -> Applied:
    file = rule_file(*documents, owner=owner)
    return apply_rules(engine.database, file, engine.by_account, worker_id=WORKER, prune=of)


def there(engine: Engine) -> list[str]:
    """The rules that have a row, deleted or not."""
    return [row.id for row in engine.rows("SELECT id FROM automation_rules ORDER BY id")]


def settle(engine: Engine) -> None:
    """Until every field has been looked at twice."""
    for passed in (A_WHILE, AN_HOUR):
        engine.act()
        engine.later(passed)
    engine.act()


def test_a_rule_that_set_nothing_is_gone_at_once(engine: Engine) -> None:
    """Semantics 12: a slot that was due and a wish are recorded as superseded; executions stay; nothing rings."""
    engine.apply(rule("wet"))
    engine.judge(DRY, "wet")
    engine.make_due("wet")
    engine.execute("UPDATE automation_rules SET run_requested_at = clock_ms()")
    done = delete(engine, "wet")
    assert (there(engine), done.retiring, engine.redis.zscore(engine.bells.key, "wet")) == ([], [], None)
    assert sorted((row.trigger, row.outcome) for row in engine.executions("wet")) == [
        ("manual", "not_met"),
        ("manual", "superseded"),
        ("slot", "superseded"),
    ]
    assert {row.reason for row in engine.executions("wet") if row.outcome == "superseded"} == {
        "The rule was deleted first."
    }


def test_what_a_rule_set_is_put_back_and_then_it_is_gone(engine: Engine) -> None:
    """Semantics 18, C11: the exact value of before; the row stays, unseen, until the field has settled."""
    engine.apply(rule("wet", budget("23848"), campaign_budget("111")))
    engine.turn(RAIN, "wet")
    done = delete(engine, "wet")
    assert (done.retiring, set(done.to_ring)) == (["wet"], {META, "google-acme"})
    with engine.database.transaction() as tx:
        assert (rules.get(tx, "wet"), rules.listed(tx), rules.beginning_with(tx, "w", limit=9)) == (None, [], [])
    engine.act()
    assert engine.writes()[-2:] == [
        ("ad_set/23848", "daily_budget", "8000"),
        ("campaign_budget/444", "daily_budget", "50000000"),
    ]
    assert there(engine) == ["wet"]
    settle(engine)
    assert there(engine) == []
    assert engine.field("ad_set/23848", "daily_budget").state == "free"
    assert len(engine.executions("wet")) == 1
    assert {row.why for row in engine.changes("ad_set/23848", "daily_budget")[-1:]} == {"Rule wet was deleted."}


def test_an_explicit_otherwise_is_the_last_word(engine: Engine) -> None:
    """Semantics 18: applied once; then the field is free, and a person's edit stays."""
    engine.apply(
        rule("wet", status("23847", otherwise={"status": "paused"}), status("23848", otherwise={"status": "paused"}))
    )
    engine.turn(RAIN, "wet")
    delete(engine, "wet")
    settle(engine)
    assert there(engine) == []
    assert engine.sandbox.value("ad_set/23848", "status") == "PAUSED"
    engine.by_hand("ad_set/23848", status="ACTIVE")
    settle(engine)
    assert engine.sandbox.value("ad_set/23848", "status") == "ACTIVE"


def test_leave_keeps_the_value(engine: Engine) -> None:
    """Semantics 18: `--leave`, whatever the rule's `otherwise` says."""
    engine.apply(rule("wet", budget("23848"), status("23847", otherwise={"status": "paused"})))
    engine.turn(RAIN, "wet")
    written = len(engine.writes())
    delete(engine, "wet", leave=True)
    settle(engine)
    assert (len(engine.writes()), there(engine)) == (written, [])
    assert engine.sandbox.value("ad_set/23848", "daily_budget") == "9600"
    assert engine.field("ad_set/23848", "daily_budget").state == "free"


def test_leave_keeps_the_value_from_others_too(engine: Engine) -> None:
    """Semantics 17, 18: a live rule that is inactive puts nothing back, and counts from the baseline of before."""
    storm = {"metric": "rain", "above": 50, "unit": "mm/h"}
    engine.apply(rule("wet", budget("23848")), rule("other", budget("23848", "+50 %"), when=storm))
    engine.turn(RAIN, "wet", "other")
    delete(engine, "wet", leave=True)
    settle(engine)
    assert [value for _, _, value in engine.writes()] == ["9600"]
    assert there(engine) == ["other"]
    left = engine.field("ad_set/23848", "daily_budget")
    assert (left.state, left.baseline) == ("left", "8000")


def test_a_live_winner_goes_before_the_last_word(engine: Engine) -> None:
    """Semantics 18: another rule that is active has its say at once; the deleted one is gone without another write."""
    engine.apply(rule("first", budget("23848", "+50 %"), priority=9), rule("second", budget("23848")))
    engine.turn(RAIN, "first", "second")
    delete(engine, "first")
    settle(engine)
    assert [value for _, _, value in engine.writes()] == ["12000", "9600"]


def test_a_live_winner_ends_the_last_word(engine: Engine) -> None:
    """Semantics 18, C2: the deleted rule is gone at once, and has no say any more when the winner ends one day."""
    weaker = rule("weaker", status("23848", otherwise={"status": "paused"}))
    engine.apply(weaker, rule("stronger", status("23848"), priority=9))
    engine.turn(RAIN, "weaker", "stronger")
    done = delete(engine, "weaker")
    assert (done.retiring, there(engine)) == ([], ["stronger"])
    engine.turn(DRY, "stronger")
    settle(engine)
    assert engine.writes() == []
    assert engine.sandbox.value("ad_set/23848", "status") == "ACTIVE"


def test_a_live_winner_ends_the_last_word_of_a_disabled_rule(engine: Engine) -> None:
    """Semantics 18, C2: also where it begins to win only later, before the field has settled."""
    engine.apply(rule("first", status("23848", otherwise={"status": "paused"})), rule("second", status("23848")))
    engine.turn(RAIN, "first")
    engine.apply(rule("first", status("23848", otherwise={"status": "paused"}), enabled=False))
    engine.turn(RAIN, "second")
    engine.turn(DRY, "second")
    settle(engine)
    assert engine.sandbox.value("ad_set/23848", "status") == "ACTIVE"


def test_a_rule_comes_back_before_it_is_gone(engine: Engine) -> None:
    """As a new one: unjudged and checked at once, and its raise counts from the same baseline."""
    document = rule("wet", budget("23848"), enabled=True)
    engine.apply(document)
    engine.turn(RAIN, "wet")
    delete(engine, "wet")
    applied = engine.apply(document)
    assert (applied.added, applied.changed) == (("wet",), ())
    assert engine.value("SELECT state FROM automation_rules WHERE deleted_at IS NULL") == "unjudged"
    engine.turn(RAIN, "wet")
    settle(engine)
    assert there(engine) == ["wet"]
    assert engine.sandbox.value("ad_set/23848", "daily_budget") == "9600"
    assert engine.field("ad_set/23848", "daily_budget").baseline == "8000"


def test_a_disabled_rule_that_was_deleted_comes_back_disabled(engine: Engine) -> None:
    """A file that says the very words that the deleted row holds is no `unchanged`."""
    engine.apply(rule("wet", budget("23848")))
    engine.turn(RAIN, "wet")
    delete(engine, "wet")
    assert engine.apply(rule("wet", budget("23848"), enabled=False)).added == ("wet",)
    settle(engine)
    assert there(engine) == ["wet"]
    assert engine.sandbox.value("ad_set/23848", "daily_budget") == "8000"


def test_all_or_nothing(engine: Engine) -> None:
    """One that is not there, or is deleted already: nothing is deleted."""
    engine.apply(rule("wet", budget("23848")), rule("off", status("23847")))
    engine.turn(RAIN, "wet")
    with pytest.raises(NotThere, match="'gone', 'more'"):
        delete(engine, "wet", "gone", "more")
    assert engine.value("SELECT count(*) FROM automation_rules WHERE deleted_at IS NULL") == 2
    delete(engine, "wet")
    with pytest.raises(NotThere, match="'wet'"):
        delete(engine, "off", "wet")
    assert there(engine) == ["off", "wet"]


def test_prune_takes_only_what_was_said_and_is_the_owners(engine: Engine) -> None:
    """Semantics A: of another owner nothing, of the file nothing; in the transaction that takes the file in."""
    with engine.database.transaction() as tx:
        rules.ensure_owners(tx, ["user-789"])
        accounts.add(tx, Account("kasa", "user-789", "meta_ads", "act_1002", "JPY", Mode.LIVE))
    engine.apply(rule("theirs", {**status("33847"), "account": "kasa"}), owner="user-789")
    engine.apply(rule("wet", budget("23848")), rule("old"), rule("older"))
    engine.turn(RAIN, "wet", "old")
    applied = prune(engine, rule("wet", budget("23848")), rule("new"), of=("old", "wet", "theirs", "never"))
    assert (applied.added, applied.changed, applied.unchanged, applied.removed) == (("new",), (), ("wet",), ("old",))
    assert applied.next_checks["old"] is None
    settle(engine)
    assert there(engine) == ["new", "older", "theirs", "wet"]
    assert engine.sandbox.value("ad_set/23847", "status") == "PAUSED"
    assert engine.sandbox.value("ad_set/23848", "daily_budget") == "9600"


def test_a_file_with_faults_prunes_nothing(engine: Engine) -> None:
    """All of it or nothing."""
    engine.apply(rule("wet", budget("23848")))
    with pytest.raises(InvalidRules):
        prune(engine, rule("broken", budget("23857")), of=("wet",))
    assert there(engine) == ["wet"]


def test_an_id_of_a_rule_that_is_going_keeps_its_owner(engine: Engine) -> None:
    """Nobody else takes it over while its fields are put back."""
    with engine.database.transaction() as tx:
        rules.ensure_owners(tx, ["user-789"])
        accounts.add(tx, Account("kasa", "user-789", "meta_ads", "act_1002", "JPY", Mode.LIVE))
    engine.apply(rule("wet", budget("23848")))
    engine.turn(RAIN, "wet")
    delete(engine, "wet")
    with pytest.raises(InvalidRules, match="of another owner"):
        engine.apply(rule("wet", {**status("33847"), "account": "kasa"}), owner="user-789")


def test_deletes_edits_and_verdicts_at_once(engine: Engine) -> None:
    """In any order they end with what the last edit says: no rule is half there, every field is free or wanted."""
    documents = [rule(f"rule-{number}", budget("23848"), status("23847")) for number in range(4)]
    names = [document["id"] for document in documents]
    engine.apply(*documents)

    def work(number: int) -> None:
        if number % 3 == 0:
            engine.judge(RAIN, *names)
        elif number % 3 == 1:
            with contextlib.suppress(NotThere):
                delete(engine, names[number % 4])
        else:
            engine.apply(documents[(number + 2) % 4])
        engine.act(META)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(24)))
    with engine.database.transaction() as tx:
        left = [row.id for row in rules.listed(tx)]
    if left:
        delete(engine, *left)
    settle(engine)
    settle(engine)
    assert there(engine) == []
    assert engine.sandbox.value("ad_set/23848", "daily_budget") == "8000"
    assert engine.sandbox.value("ad_set/23847", "status") == "PAUSED"
