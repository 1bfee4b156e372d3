"""Changes when people edit: their rules, their dry runs, and the ads themselves (semantics 18 to 21 and 27)."""

from datetime import timedelta
from typing import Any

import pytest

from tests.integration.engine import Engine
from tests.integration.interrupted_platform import InterruptedPlatform
from tests.integration.rule_documents import DRY, META, RAIN, budget, rule, status
from weathertrigger.errors import Transient
from weathertrigger.messages import ApplyChanges

BUDGET = "ad_set/23848", "daily_budget"
RAISED = (*BUDGET, "9600")
BACK = (*BUDGET, "8000")
A_WHILE = timedelta(minutes=16)
TWO_MINUTES = timedelta(minutes=2, seconds=1)
AN_HOUR = timedelta(minutes=61)
ELSEWHERE = status("23847")

# What a person may do to the rule `wet`, which raises the budget of ad set 23848.
EDITS: dict[str, dict[str, Any]] = {
    "untargeted": rule("wet", ELSEWHERE),
    "disabled": rule("wet", budget("23848"), enabled=False),
    "dry run": rule("wet", budget("23848"), mode="dry_run"),
}


@pytest.fixture
def raised(engine: Engine) -> Engine:
    """An engine whose rule `wet` has raised the budget of ad set 23848."""
    engine.apply(rule("wet", budget("23848")))
    engine.judge(RAIN, "wet")
    engine.act()
    assert engine.writes() == [RAISED]
    return engine


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_a_rule_that_ceases_to_be_live_puts_back_once(raised: Engine, edit: dict[str, Any]) -> None:
    """Semantics 18: its `otherwise` is its last word; then the field is free, whatever the weather does."""
    applied = raised.apply(edit)
    assert applied.to_ring == {META: "meta_ads"}
    raised.act()
    raised.later(A_WHILE)
    raised.act()
    assert raised.field(*BUDGET).state == "free"
    assert raised.rows("SELECT 1 FROM rule_targets WHERE retiring") == []
    if edit.get("enabled", True):
        raised.judge(RAIN, "wet")
        raised.act()
    assert [write for write in raised.writes() if write[0] == "ad_set/23848"] == [RAISED, BACK]


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_an_edit_overtakes_a_planned_change(engine: Engine, edit: dict[str, Any]) -> None:
    """Semantics 12: a change that waits in the outbox is not made when its rule no longer wants it."""
    engine.apply(rule("wet", budget("23848")))
    engine.judge(RAIN, "wet")
    engine.apply(edit)
    engine.act()
    assert [write for write in engine.writes() if write[0] == "ad_set/23848"] == []
    assert {change.state for change in engine.changes(*BUDGET) if not change.dry_run} == {"superseded", "unchanged"}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_an_edit_while_the_call_is_on_its_way(engine: Engine, edit: dict[str, Any]) -> None:
    """Semantics 25: what landed is put back at once."""
    engine.apply(rule("wet", budget("23848")))
    engine.judge(RAIN, "wet")
    interrupted = InterruptedPlatform(engine.platforms["meta_ads"], leaving=lambda: engine.apply(edit))
    engine.action({**engine.platforms, "meta_ads": interrupted})(ApplyChanges(META))
    engine.act()
    assert [write for write in engine.writes() if write[0] == "ad_set/23848"] == [RAISED, BACK]


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_the_last_word_of_a_rule_that_leaves(engine: Engine, edit: dict[str, Any]) -> None:
    """Semantics 18: `leave` leaves its value, and the field is free."""
    engine.apply(rule("wet", budget("23848", otherwise="leave")))
    engine.judge(RAIN, "wet")
    engine.act()
    left = {**edit, "targets": [{**target, "otherwise": "leave"} for target in edit["targets"]]}
    engine.apply(left)
    engine.act()
    assert [write for write in engine.writes() if write[0] == "ad_set/23848"] == [RAISED]
    assert engine.field(*BUDGET).state == "free"


def test_an_explicit_last_word(engine: Engine) -> None:
    """Semantics 18: a rule that is disabled while active says its explicit `otherwise` once."""
    target = status("23848", otherwise={"status": "paused"})
    engine.apply(rule("wet", target))
    engine.judge(RAIN, "wet")
    engine.act()
    engine.apply(rule("wet", target, enabled=False))
    engine.act()
    assert engine.writes() == [("ad_set/23848", "status", "PAUSED")]
    engine.later(A_WHILE)
    engine.act()
    assert engine.field("ad_set/23848", "status").state == "free"


def test_another_live_rule_goes_before_a_last_word(raised: Engine) -> None:
    """Semantics 18: no revert when another rule wants the field; +50 % is still of the first baseline."""
    raised.apply(rule("also", budget("23848", "+50 %"), priority=-1))
    raised.judge(RAIN, "also")
    raised.apply(EDITS["disabled"])
    raised.act()
    assert raised.writes() == [RAISED, (*BUDGET, "12000")]


def test_a_new_expression_counts_from_the_old_baseline(raised: Engine) -> None:
    """An edit of the percentage while it rains applies at once."""
    raised.apply(rule("wet", budget("23848", "+10 %")))
    raised.act()
    assert raised.writes() == [RAISED, (*BUDGET, "8800")]


def test_a_field_that_was_left_is_forgotten_with_its_last_live_rule(raised: Engine) -> None:
    """Semantics 17: the baseline of a left field stands only while a live rule is left."""
    raised.apply(rule("wet", budget("23848", otherwise="leave")))
    raised.judge(DRY, "wet")
    raised.act()
    assert raised.field(*BUDGET).state == "left"
    raised.apply(EDITS["untargeted"])
    raised.act()
    assert raised.field(*BUDGET).state == "free"
    assert raised.writes()[:1] == [RAISED]


@pytest.mark.parametrize("strict", ["rule", "account", "installation"])
def test_a_dry_run_touches_nothing(engine: Engine, strict: str) -> None:
    """Semantics 27: the strictest of rule, account and installation counts; what would have changed is recorded."""
    if strict == "account":
        engine.execute("UPDATE ad_accounts SET mode = 'dry_run'")
    if strict == "installation":
        engine.execute("UPDATE installation SET mode = 'dry_run'")
    mode = "dry_run" if strict == "rule" else "live"
    target = status("23848", otherwise={"status": "paused"})
    engine.apply(rule("wet", budget("23848"), mode=mode), rule("off", target, mode=mode))
    row = engine.judge(RAIN, "wet")["wet"]
    engine.judge(DRY, "off")
    engine.act()
    (raise_,), (pause,) = engine.changes(*BUDGET), engine.changes("ad_set/23848", "status")
    assert (raise_.state, raise_.dry_run, raise_.from_value, raise_.to_value) == ("dry_run", True, "8000", "9600")
    assert (raise_.execution_id, pause.to_value) == (row.id, "paused")
    assert engine.writes() == []
    fields = engine.rows("SELECT * FROM ad_fields")
    assert {(one.state, one.baseline, one.generation, one.next_at) for one in fields} == {("free", None, 0, None)}
    assert engine.calls_counted() == engine.calls_made()
    assert engine.value("SELECT success FROM automation_executions WHERE id = %(id)s", id=row.id)


def test_a_dry_run_counts_from_what_is_there(raised: Engine) -> None:
    """Semantics 17 and 27: the baseline of a rule that has ended long ago is nobody's any more."""
    raised.turn(DRY, "wet")
    for _ in range(2):
        raised.later(AN_HOUR)
        raised.act()
    assert raised.field(*BUDGET).state == "free"
    raised.by_hand("ad_set/23848", daily_budget="10000")
    raised.apply(rule("try", budget("23848"), mode="dry_run"))
    raised.turn(RAIN, "try")
    change = raised.changes(*BUDGET)[-1]
    assert (change.state, change.from_value, change.to_value) == ("dry_run", "10000", "12000")
    assert change.arithmetic == "120.00 USD = baseline 100.00 USD + 20 %"


def test_a_dry_run_waits_for_a_platform_that_fails(engine: Engine) -> None:
    """It is looked at again later, not with every doorbell; its calls are counted."""
    engine.apply(rule("wet", budget("23848"), mode="dry_run"))
    engine.judge(RAIN, "wet")
    engine.sandbox.fault("meta_ads", "status", status=503, count=1)
    engine.act()
    engine.act()
    assert engine.calls_made() == engine.calls_counted()
    assert [change.state for change in engine.changes(*BUDGET)] == ["planned"]
    engine.later(A_WHILE)
    engine.act()
    assert [change.state for change in engine.changes(*BUDGET)] == ["dry_run"]


def test_a_person_is_suspected_then_respected(raised: Engine) -> None:
    """Semantics 20: nothing is written over a person's value; told once; held until the rule's word changes."""
    raised.by_hand("ad_set/23848", daily_budget="7000")
    raised.later(AN_HOUR)
    raised.act()
    assert (raised.field(*BUDGET).state, raised.field(*BUDGET).suspect) == ("owned", "7000")
    raised.act()
    raised.later(TWO_MINUTES)
    raised.act()
    field = raised.field(*BUDGET)
    assert (field.state, field.next_at) == ("held", None)
    assert raised.value("SELECT count(*) FROM notifications WHERE kind = 'field_held'") == 1
    raised.judge(RAIN, "wet")
    raised.later(AN_HOUR)
    raised.act()
    assert raised.writes() == [RAISED]


def test_a_persons_value_is_the_next_baseline(raised: Engine) -> None:
    """Semantics 20: when the rain ends their value stays, and the next raise counts from it."""
    raised.by_hand("ad_set/23848", daily_budget="7000")
    for passed in (AN_HOUR, TWO_MINUTES):
        raised.later(passed)
        raised.act()
    raised.judge(DRY, "wet")
    raised.act()
    raised.judge(RAIN, "wet")
    raised.act()
    assert raised.writes() == [RAISED, (*BUDGET, "8400")]


def test_a_value_that_goes_away_again_was_no_person(raised: Engine) -> None:
    """Semantics 20: one odd read is a suspicion only."""
    raised.by_hand("ad_set/23848", daily_budget="7000")
    raised.later(AN_HOUR)
    raised.act()
    raised.by_hand("ad_set/23848", daily_budget="9600")
    raised.later(TWO_MINUTES)
    raised.act()
    field = raised.field(*BUDGET)
    assert (field.state, field.suspect) == ("owned", None)
    assert raised.writes() == [RAISED]


def test_a_persons_value_after_the_end_is_adopted(raised: Engine) -> None:
    """Semantics 20: where no rule is active their value is adopted, not held, and nobody is told."""
    raised.judge(DRY, "wet")
    raised.act()
    raised.by_hand("ad_set/23848", daily_budget="7000")
    for passed in (A_WHILE, TWO_MINUTES):
        raised.later(passed)
        raised.act()
    assert raised.field(*BUDGET).state == "free"
    assert raised.value("SELECT count(*) FROM notifications") == 0
    assert raised.writes() == [RAISED, BACK]


def test_a_pause_by_a_person_in_the_same_minute_as_our_enable(engine: Engine) -> None:
    """Semantics 20 and 21: the person was last, so the ad stays paused; told once, held, and never enabled again."""
    engine.apply(rule("wet", status("23847")))
    engine.judge(RAIN, "wet")
    pause = InterruptedPlatform(
        engine.platforms["meta_ads"], landed=lambda: engine.by_hand("ad_set/23847", status="PAUSED")
    )
    engine.action({**engine.platforms, "meta_ads": pause})(ApplyChanges(META))
    for passed in (AN_HOUR, TWO_MINUTES, AN_HOUR):
        engine.later(passed)
        engine.act()
        engine.judge(RAIN, "wet")
    assert engine.writes() == [("ad_set/23847", "status", "ACTIVE")]
    assert engine.sandbox.value("ad_set/23847", "status") == "PAUSED"
    assert engine.field("ad_set/23847", "status").state == "held"
    assert engine.value("SELECT count(*) FROM notifications WHERE kind = 'field_held'") == 1


def test_a_pause_by_a_person_behind_a_lost_answer(engine: Engine) -> None:
    """Decision 41: it looks like a request that never arrived, which is sent again; paused once more, it stays."""
    engine.apply(rule("wet", status("23847")))
    engine.judge(RAIN, "wet")

    def paused_and_lost() -> None:
        engine.by_hand("ad_set/23847", status="PAUSED")
        raise Transient("the connection broke", service="meta_ads")

    losing = InterruptedPlatform(engine.platforms["meta_ads"], landed=paused_and_lost)
    engine.action({**engine.platforms, "meta_ads": losing})(ApplyChanges(META))
    engine.later(AN_HOUR)
    engine.act()
    assert engine.writes() == [("ad_set/23847", "status", "ACTIVE")] * 2
    engine.by_hand("ad_set/23847", status="PAUSED")
    for passed in (AN_HOUR, TWO_MINUTES, AN_HOUR):
        engine.later(passed)
        engine.act()
    assert len(engine.writes()) == 2
    assert engine.field("ad_set/23847", "status").state == "held"


def test_a_rule_that_reasserts(engine: Engine) -> None:
    """Semantics 20, `reassert`: a person's value is written over after two looks, and each time told once."""
    engine.sandbox.meta("budget_changes", most=100)
    engine.apply(rule("wet", budget("23848"), on_manual_change="reassert"))
    engine.turn(RAIN, "wet")
    for edit in ("7000", "8000"):
        engine.by_hand("ad_set/23848", daily_budget=edit)
        for passed in (AN_HOUR, TWO_MINUTES, AN_HOUR):
            engine.later(passed)
            engine.act()
    assert engine.writes() == [RAISED, RAISED, RAISED]
    assert engine.field(*BUDGET).state == "owned"
    assert engine.value("SELECT count(*) FROM notifications WHERE kind = 'field_held'") == 2
    engine.turn(DRY, "wet")
    assert engine.writes()[-1] == BACK
