"""apply_rules: all of a file or nothing, nothing twice, and every refusal in a sentence (semantics A and 12)."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from tests.integration.engine import WORKER, Engine, rule_file
from tests.integration.interrupted_platform import InterruptedPlatform
from tests.integration.rule_documents import GOOGLE, META, OWNER, RAIN, budget, campaign_budget, rule, status
from weathertrigger.domain.change import Wanted
from weathertrigger.domain.rule import Mode
from weathertrigger.errors import InvalidRules, Transient
from weathertrigger.instants import to_ms
from weathertrigger.operations.apply_rules import apply_rules
from weathertrigger.platforms.port import AdAccount, Admit, ResolveAnswer, at_once
from weathertrigger.storage import accounts, rules
from weathertrigger.storage.accounts import Account

EVERYTHING = (
    "places",
    "automation_rules",
    "automation_executions",
    "ad_fields",
    "rule_targets",
    "ad_changes",
    "users",
)


def contents(engine: Engine) -> dict[str, list[Any]]:
    """Every row that an apply could write, the calls that were made left out."""
    return {table: engine.rows(f"SELECT * FROM {table} ORDER BY 1") for table in EVERYTHING}


def refusal(engine: Engine, *documents: dict[str, Any], owner: str = OWNER) -> str:
    """What the file is refused for; nothing of it is saved."""
    before = contents(engine)
    with pytest.raises(InvalidRules) as refused:
        engine.apply(*documents, owner=owner)
    assert contents(engine) == before
    return str(refused.value)


def test_applying_again_changes_nothing(engine: Engine) -> None:
    """Idempotent by id: no new version, no new time, no call to a platform, no bell."""
    documents = [rule("wet", budget("23848"), campaign_budget("111")), rule("off", status("23847"))]
    first = engine.apply(*documents)
    assert (set(first.added), first.changed, first.unchanged) == ({"wet", "off"}, (), ())
    before, calls = contents(engine), engine.calls_made()
    again = engine.apply(*reversed(documents))
    assert (again.added, again.changed, set(again.unchanged)) == ((), (), {"wet", "off"})
    assert (again.next_checks, again.to_ring) == ({}, {})
    assert (contents(engine), engine.calls_made()) == (before, calls)


def test_an_edit_is_a_new_version_and_the_rest_stay(engine: Engine) -> None:
    """Only what changed is changed, and the grid of a rule whose interval stays is left alone."""
    engine.apply(rule("wet"), rule("off", status("23848")))
    slots = engine.dues("wet", "off")
    applied = engine.apply(rule("wet", name="Another name"), rule("off", status("23848")))
    assert (applied.changed, applied.unchanged) == (("wet",), ("off",))
    assert {row.id: row.version for row in engine.rows("SELECT id, version FROM automation_rules")} == {
        "wet": 2,
        "off": 1,
    }
    assert engine.dues("wet", "off") == slots


def test_a_shorter_file_removes_nothing(engine: Engine) -> None:
    """Only `--prune` would."""
    engine.apply(rule("wet"), rule("off", status("23848")))
    engine.apply(rule("wet"))
    assert engine.value("SELECT count(*) FROM automation_rules") == 2


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ({**status("23847"), "account": "meta-nobody"}, "there is no ad account 'meta-nobody'"),
        ({**status("33847"), "account": "kasa"}, "the ad account 'kasa' belongs to another user"),
        (budget("23848", "90.00 EUR"), "is in USD, not in EUR"),
        (
            {"account": GOOGLE, "ad_group": "222", "set": {"daily_budget": {"change": "+10 %"}}},
            "google_ads has no daily_budget on the level ad_group",
        ),
        ({"account": META, "ad": "239471", "set": {"daily_budget": "5.00 USD"}}, "on: campaign, ad_set"),
        ({"account": META, "campaign": "23802", "set": {"bid": "1.00 USD"}}, "it has one on: ad_set, ad"),
        ({"account": META, "ad_set": "23847", "set": {"lifetime_budget": "900 USD"}}, "a daily budget, not a lifetime"),
        ({"account": META, "ad_set": "23857", "set": {"lifetime_budget": "900 USD"}}, "its campaign 23802 holds it"),
        ({"account": META, "ad_set": "23847", "set": {"bid": "1.00 USD"}}, "no bid to change"),
        ({"account": META, "ad": "239471", "set": {"bid": "1.00 USD"}}, "its ad set 23847"),
        (campaign_budget("113"), "is shared"),
        (budget("23857"), "its campaign 23802 holds it"),
        ({"account": META, "campaign": "23801", "set": {"daily_budget": "5.00 USD"}}, "its ad sets hold it"),
        (budget("23867"), "lifetime budget"),
        (status("99999"), "99999"),
        (status("33847"), "33847"),
    ],
)
def test_a_target_that_cannot_be(engine: Engine, target: dict[str, Any], sentence: str) -> None:
    """Semantics 15 and 22: refused with the rule and the reason; nothing of the file is saved."""
    with engine.database.transaction() as tx:
        rules.ensure_owners(tx, ["user-789"])
        accounts.add(tx, Account("kasa", "user-789", "meta_ads", "act_1002", "JPY", Mode.LIVE))
    said = refusal(engine, rule("well"), rule("broken", target))
    assert sentence in said
    assert "rules[1].targets" in said
    assert "broken" in said


def test_every_fault_is_told_at_once(engine: Engine) -> None:
    """Not one by one."""
    said = refusal(engine, rule("a", campaign_budget("113")), rule("b", budget("23857"), budget("23867")))
    assert said.count("(rule ") == 3


def test_an_id_keeps_its_owner(engine: Engine) -> None:
    """Another owner's file cannot take a rule over, whoever's account it names."""
    engine.apply(rule("wet"))
    with engine.database.transaction() as tx:
        rules.ensure_owners(tx, ["user-789"])
        accounts.add(tx, Account("kasa", "user-789", "meta_ads", "act_1002", "JPY", Mode.LIVE))
    said = refusal(engine, rule("wet", {**status("33847"), "account": "kasa"}), owner="user-789")
    assert "'wet' is a rule of another owner" in said


def test_two_owners_who_add_one_id_at_once(engine: Engine) -> None:
    """One of them gets it; the other is told, and no row is half of each."""
    with engine.database.transaction() as tx:
        rules.ensure_owners(tx, ["user-789"])
        accounts.add(tx, Account("kasa", "user-789", "meta_ads", "act_1002", "JPY", Mode.LIVE))
    mine = {"documents": [rule(f"rule-{number}") for number in range(20)], "owner": OWNER}
    target = {**status("33847"), "account": "kasa"}
    theirs = {"documents": [rule(f"rule-{number}", target) for number in range(20)], "owner": "user-789"}

    def take(wish: dict[str, Any]) -> bool:
        try:
            engine.apply(*wish["documents"], owner=wish["owner"])
        except InvalidRules:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        won = list(threads.map(take, [mine, theirs, mine, theirs]))
    assert won in ([True, False, True, False], [False, True, False, True])
    rows = engine.rows("SELECT user_id, document ->> 'owner' AS owner FROM automation_rules")
    assert len({row.user_id for row in rows} | {row.owner for row in rows}) == 1


def test_a_platform_that_cannot_be_reached(engine: Engine) -> None:
    """A clear error and nothing saved; the call is counted all the same."""
    engine.sandbox.fault("meta_ads", "status", status=503)
    before = contents(engine)
    with pytest.raises(Transient, match="Meta"):
        engine.apply(rule("wet"))
    assert contents(engine) == before
    assert engine.calls_counted() == engine.calls_made()


def test_a_platform_that_is_off(engine: Engine) -> None:
    """Semantics 27."""
    engine.platforms = {"google_ads": engine.platforms["google_ads"]}
    assert "meta_ads is off" in refusal(engine, rule("wet"))


def test_a_new_interval_supersedes_the_slot_that_was_due(engine: Engine) -> None:
    """Semantics 12: it is recorded, with the range that it stands for; the next slot is on the new grid, from now."""
    engine.apply(rule("wet"))
    (first,) = engine.make_due("wet", slots_ago=2).values()
    applied = engine.apply(rule("wet", every="1 h"))
    (row,) = engine.executions()
    assert (row.outcome, row.trigger, row.success) == ("superseded", "slot", False)
    assert (to_ms(row.coalesced_from), to_ms(row.scheduled_for)) == (first, first + 2 * 30 * 60 * 1000)
    next_slot = engine.value("SELECT next_slot_at FROM automation_rules")
    assert row.executed_at < next_slot <= row.executed_at + timedelta(hours=1)
    assert applied.next_checks == {"wet": next_slot}


def test_a_pause_supersedes_what_was_due_and_a_wish(engine: Engine) -> None:
    """Semantics 12: both are recorded, and nothing rings any more."""
    engine.apply(rule("wet"))
    engine.make_due("wet")
    engine.execute("UPDATE automation_rules SET run_requested_at = clock_ms()")
    applied = engine.apply(rule("wet", enabled=False))
    assert sorted((row.trigger, row.outcome) for row in engine.executions()) == [
        ("manual", "superseded"),
        ("slot", "superseded"),
    ]
    assert applied.next_checks == {"wet": None}
    assert engine.redis.zscore(engine.bells.key, "wet") is None


@pytest.mark.parametrize(
    "again",
    [
        pytest.param({"when": {"metric": "rain", "above": 45, "unit": "mm/h"}}, id="another condition"),
        pytest.param({"place": "40.64,-73.78"}, id="another place"),
    ],
)
def test_a_rule_that_asks_something_else_is_checked_at_once(engine: Engine, again: dict[str, object]) -> None:
    """Its old verdict does not answer it, and the next slot may be a day away; the grid is left alone."""
    engine.apply(rule("wet"))
    slot = engine.value("SELECT next_slot_at FROM automation_rules")
    engine.apply(rule("wet", **again))
    assert engine.dues("wet")["wet"] <= to_ms(engine.value("SELECT clock_ms()"))
    assert engine.value("SELECT next_slot_at FROM automation_rules") == slot


def test_a_rule_that_goes_on_after_a_pause_is_checked_at_once(engine: Engine) -> None:
    """It begins unjudged, and its slots begin with the next one."""
    engine.apply(rule("wet"))
    engine.judge(RAIN, "wet")
    engine.apply(rule("wet", enabled=False))
    engine.apply(rule("wet"))
    assert engine.value("SELECT state FROM automation_rules") == "unjudged"
    assert engine.dues("wet")["wet"] <= to_ms(engine.value("SELECT clock_ms()"))
    assert engine.value("SELECT next_slot_at > clock_ms() FROM automation_rules")


def test_an_edit_keeps_a_slot_that_is_due(engine: Engine) -> None:
    """An edit that leaves the grid alone overtakes nothing: the check evaluates the rule as it stands then."""
    engine.apply(rule("wet"))
    due = engine.make_due("wet")
    engine.apply(rule("wet", priority=7))
    assert (engine.executions(), engine.dues("wet")) == ([], due)


def test_concurrent_edits_and_verdicts(engine: Engine) -> None:
    """Edits and checks of the same rules at the same time end in a state that the last of each explains."""
    documents = [rule(f"rule-{number}", budget("23848"), status("23847")) for number in range(6)]
    engine.apply(*documents)
    names = [document["id"] for document in documents]

    def work(number: int) -> None:
        if number % 2:
            engine.judge(RAIN, *names)
        else:
            engine.apply(*({**document, "priority": number} for document in documents))

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(12)))
    engine.act()
    assert engine.field("ad_set/23848", "daily_budget").winner["rule"] == "rule-0"
    assert sorted(engine.writes()) == [("ad_set/23847", "status", "ACTIVE"), ("ad_set/23848", "daily_budget", "9600")]


def test_ten_thousand_rules(engine: Engine) -> None:
    """One file of ten thousand rules is taken in, and again; the platforms are asked about the target of all once."""
    file = rule_file(*(rule(f"rule-{number}", every="1 h") for number in range(10_000)))
    for expected in ("added", "unchanged"):
        applied = apply_rules(engine.database, file, engine.by_account, worker_id=WORKER)
        assert len(getattr(applied, expected)) == 10_000
    assert engine.calls_made() == {"meta_ads": 1}


def test_an_account_that_is_removed_while_the_platform_is_asked(engine: Engine) -> None:
    """Nothing is saved: no rule comes to target an account that is gone."""

    class Removing(InterruptedPlatform):
        def resolve(self, account: AdAccount, wanted: Sequence[Wanted], *, admit: Admit = at_once) -> ResolveAnswer:
            with engine.database.transaction() as tx:
                accounts.remove(tx, META)
            return super().resolve(account, wanted, admit=admit)

    engine.platforms = {**engine.platforms, "meta_ads": Removing(engine.platforms["meta_ads"])}
    assert "'meta-acme' was removed meanwhile" in refusal(engine, rule("wet"))
