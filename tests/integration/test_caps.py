"""What bounds a raise: the cap of its rule, and that of its account's day (semantics 22)."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.integration.commands import Run
from tests.integration.engine import Engine
from tests.integration.rule_documents import DRY, META, RAIN, budget, campaign_budget, rule, status
from tests.integration.test_preview import only_field
from weathertrigger.storage import day_caps

BUDGET = "ad_set/23848", "daily_budget"
A_DAY = timedelta(days=1)


def cap(engine: Engine, amount: str | None) -> None:
    with engine.database.transaction() as tx:
        assert day_caps.set_cap(tx, META, None if amount is None else Decimal(amount))


def values(engine: Engine) -> dict[str, list[str]]:
    """What was written of each resource, in its order."""
    written: dict[str, list[str]] = {}
    for resource, _, value in engine.writes():
        written.setdefault(resource, []).append(value)
    return written


@pytest.mark.parametrize(
    ("wanted", "more", "raised"),
    [
        ("+80 %", {}, "14400"),
        ("+80 %", {"caps": {"largest_raise": "+50 %"}}, "12000"),
        ("+150 %", {}, "16000"),
        ("+150 %", {"caps": {"largest_raise": "+200 %"}}, "20000"),
        ("100.00 USD", {"caps": {"largest_raise": "+10 %"}}, "8800"),
        ("200.00 USD", {}, "20000"),
    ],
)
def test_the_largest_raise_of_a_rule(engine: Engine, wanted: str, more: dict[str, object], raised: str) -> None:
    """Semantics 22: twice the baseline unless the rule says otherwise; a clamped value is recorded as such."""
    engine.apply(rule("wet", budget("23848", wanted), **more))
    engine.turn(RAIN, "wet")
    engine.turn(DRY, "wet")
    assert values(engine) == {"ad_set/23848": [raised, "8000"]}
    arithmetic = engine.changes(*BUDGET)[0].arithmetic
    assert arithmetic.endswith("clamped") is (raised in {"12000", "16000", "8800"})


def test_an_edited_cap_counts_at_once(engine: Engine) -> None:
    """Semantics 22: from the same baseline."""
    engine.apply(rule("wet", budget("23848", "+80 %")))
    engine.turn(RAIN, "wet")
    engine.apply(rule("wet", budget("23848", "+80 %"), caps={"largest_raise": "+25 %"}))
    engine.act(META)
    assert values(engine) == {"ad_set/23848": ["14400", "10000"]}


def test_a_dry_run_is_capped_too(engine: Engine) -> None:
    """Semantics 22 and 27: what would have changed is what would have been written."""
    engine.apply(rule("wet", budget("23848", "+80 %"), caps={"largest_raise": "+25 %"}, mode="dry_run"))
    engine.turn(RAIN, "wet")
    assert [change.to_value for change in engine.changes(*BUDGET)] == ["10000"]


def test_all_raises_of_a_day_share_the_accounts_cap(engine: Engine) -> None:
    """Semantics 22: 80 + 30 dollars may go up by 20 together; what goes back is written in full, and frees nothing
    that day; the next day it does."""
    cap(engine, "20")
    engine.sandbox.meta("budget_changes", most=100)
    engine.apply(rule("one", budget("23848", "+20 %")), rule("two", budget("23868", "+50 %")))
    engine.turn(RAIN, "one")
    engine.turn(RAIN, "two")
    before = int(engine.sandbox.value("ad_set/23868", "daily_budget")) - 400
    assert values(engine) == {"ad_set/23848": ["9600"], "ad_set/23868": [str(before + 400)]}
    engine.turn(DRY, "one", "two")
    assert values(engine) == {"ad_set/23848": ["9600", "8000"], "ad_set/23868": [str(before + 400), str(before)]}
    engine.turn(RAIN, "two")
    assert values(engine)["ad_set/23868"][-1] == str(before + 400)
    engine.turn(DRY, "two")
    engine.execute("ALTER TABLE ad_changes DISABLE TRIGGER USER")
    engine.execute("UPDATE ad_changes SET finished_at = finished_at - %(day)s", day=A_DAY)
    engine.turn(RAIN, "two")
    assert int(values(engine)["ad_set/23868"][-1]) > before + 400


def a_day_passes(engine: Engine) -> None:
    """As if everything that is finished had been finished a day earlier."""
    engine.execute("ALTER TABLE ad_changes DISABLE TRIGGER USER")
    engine.execute("UPDATE ad_changes SET finished_at = finished_at - %(day)s", day=A_DAY)


def refuse(engine: Engine, ad_set: str) -> None:
    """Meta refuses every change of this ad set for good."""
    engine.sandbox.meta("troubles", node=ad_set, kind="error", code=100, subcode=1885272, method="POST")


@pytest.mark.parametrize("is_refused", [False, True])
def test_a_raise_of_yesterday_counts_on_the_day_of_its_revert(engine: Engine, is_refused: bool) -> None:
    """Semantics 22: it was above its baseline today, and where its revert is refused it still is."""
    cap(engine, "20")
    engine.sandbox.meta("budget_changes", most=100)
    engine.apply(rule("one", budget("23848", "+20 %")), rule("two", budget("23868", "+90 %")))
    engine.turn(RAIN, "one")
    a_day_passes(engine)
    if is_refused:
        refuse(engine, "23848")
    engine.turn(DRY, "one")
    before = int(engine.sandbox.value("ad_set/23868", "daily_budget"))
    engine.turn(RAIN, "two")
    assert values(engine)["ad_set/23868"] == [str(before + 400)]  # 20 dollars less the 16 of the other


def test_a_refused_raise_takes_nothing_of_the_day(engine: Engine) -> None:
    """Semantics 22: the ad set never was above its baseline, so another may be."""
    cap(engine, "16")
    refuse(engine, "23848")
    engine.apply(rule("one", budget("23848", "+20 %")), rule("two", budget("23868", "+90 %")))
    engine.turn(RAIN, "one")
    assert engine.changes(*BUDGET)[0].state == "rejected"
    before = int(engine.sandbox.value("ad_set/23868", "daily_budget"))
    engine.turn(RAIN, "two")
    assert values(engine)["ad_set/23868"] == [str(before + 1600)]


def test_what_a_person_set_takes_nothing_of_the_day(engine: Engine) -> None:
    """Semantics 20 and 22, `reassert`: the cap is on what rules raise; what was written over was no rule's."""
    cap(engine, "20")
    engine.sandbox.meta("budget_changes", most=100)
    engine.apply(
        rule("one", budget("23848", "+20 %"), on_manual_change="reassert"), rule("two", budget("23868", "+90 %"))
    )
    engine.turn(RAIN, "one")
    engine.by_hand("ad_set/23848", daily_budget="30000")
    for passed in (timedelta(minutes=61), timedelta(minutes=3)):
        engine.later(passed)
        engine.act(META)
    assert values(engine)["ad_set/23848"] == ["9600", "9600"]
    before = int(engine.sandbox.value("ad_set/23868", "daily_budget"))
    engine.turn(RAIN, "two")
    assert values(engine)["ad_set/23868"] == [str(before + 400)]  # 20 dollars less the 16 of the other


def test_a_dry_run_and_a_preview_know_the_accounts_cap(engine: Engine) -> None:
    """Semantics 22, 27 and 33: what would be written is what a live rule would write now."""
    cap(engine, "20")
    engine.apply(rule("one", budget("23848", "+20 %")), rule("two", budget("23868", "+90 %"), mode="dry_run"))
    engine.turn(RAIN, "one")
    engine.turn(RAIN, "two")
    engine.sandbox.set_clock("2013-06-07T14:00")
    found = int(engine.sandbox.value("ad_set/23868", "daily_budget"))
    (change,) = engine.changes("ad_set/23868", "daily_budget")
    assert (change.state, change.to_value) == ("dry_run", str(found + 400))
    assert only_field(engine, "two").then == str(found + 400)


def test_a_value_that_the_cap_has_cut_is_as_wanted(engine: Engine, run: Run) -> None:
    """Semantics 22 and 29: until the next decision, also where the cap is another one by now."""
    cap(engine, "10")
    engine.apply(rule("one", budget("23848", "+20 %")))
    foretold = run("dry-run", "--rule", "one", "--yes", "--output", "json")
    assert foretold.returncode == 0, foretold.stderr
    engine.judge(RAIN, "one")
    foretold = run("go-live", "--rule", "one", "--yes", "--output", "json")
    (shown,) = json.loads(foretold.stdout)["fields"]
    assert (shown["now"], shown["then"]) == ("8000", "9000")
    engine.act(META)
    for amount in ("10", None):
        cap(engine, amount)
        done = run("verify", "--every", "--output", "json")
        assert (done.returncode, [one["wanted"] for one in json.loads(done.stdout)]) == (0, ["9000"])
        assert values(engine) == {"ad_set/23848": ["9000"]}


def test_the_cap_of_an_account_is_set_by_a_command(engine: Engine, run: Run) -> None:
    """In the account's currency, and told in the audit log."""
    assert "by 20.00 USD at most on one day" in run("accounts", "cap", META, "20 USD").stderr
    with engine.database.transaction() as tx:
        assert day_caps.cap_of(tx, META) == Decimal(20)
    wrong = run("accounts", "cap", META, "20 EUR")
    assert (wrong.returncode, "is in USD" in wrong.stderr) == (2, True)
    assert run("accounts", "cap", META, "much").returncode == 2
    assert run("accounts", "cap", "nobody", "none").returncode == 3
    assert "without a cap" in run("accounts", "cap", META, "none").stderr
    assert engine.value("SELECT count(*) FROM audit_log WHERE what = 'accounts cap'") == 2


def test_the_preview_tells_caps_and_what_a_raise_brings_with_it(engine: Engine, run: Run) -> None:
    """Semantics 22 and 33: what the account's day leaves; once for each platform what its changes of money mean."""
    cap(engine, "10")
    engine.apply(rule("wet", budget("23848"), budget("23868"), campaign_budget("111"), status("23847")))
    engine.judge(RAIN, "wet")
    shown = run("test-rule", "wet")
    assert shown.returncode == 0, shown.stderr
    assert "80.00 USD -> 90.00 USD = baseline 80.00 USD + 20 %, clamped" in " ".join(shown.stdout.split())
    assert shown.stdout.count("Mind: ") == 2
    assert "learning phase" in shown.stdout
    assert "whole day" in shown.stdout
