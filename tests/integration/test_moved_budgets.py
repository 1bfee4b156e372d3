"""Campaigns of Google Ads that people give other budgets: the rules that name them follow (decision 49)."""

from tests.contract.sandbox_server import GOOGLE as CUSTOMER
from tests.integration.engine import Engine
from tests.integration.rule_documents import DRY, GOOGLE, RAIN, campaign_budget, rule
from tests.integration.test_google_ads_changes import ALLOWED, AN_HOUR, add
from tests.integration.test_preview import look


def spends(engine: Engine, campaign: str, budget: str) -> None:
    """A person gives the campaign another budget."""
    answer = engine.sandbox.json(
        f"/_sandbox/entities/{CUSTOMER}/campaign/{campaign}", {"budget": f"campaign_budget/{budget}"}
    )
    assert answer.status_code == 200, answer.text


def an_hour_later(engine: Engine) -> None:
    """The hourly look comes."""
    engine.later(AN_HOUR)
    engine.act(GOOGLE)


def test_two_campaigns_that_no_longer_have_one_budget(engine: Engine) -> None:
    """Semantics 15: before a rule is refused for it, Google is asked whether what was known is so still."""
    engine.apply(rule("wet", campaign_budget("111")))
    spends(engine, "111", "445")
    spends(engine, "112", "444")
    engine.apply(rule("wet", campaign_budget("111"), campaign_budget("112")))
    engine.turn(RAIN, "wet")
    assert sorted(engine.writes()) == [
        ("campaign_budget/444", "daily_budget", "60000000"),
        ("campaign_budget/445", "daily_budget", "96000000"),
    ]
    assert engine.calls_counted() == engine.calls_made()


def test_a_campaign_that_is_given_another_budget_is_followed(engine: Engine) -> None:
    """Architecture 5, C: the rule acts on the budget that its campaign spends now; the old one goes back; told once."""
    add(engine, {"resource": "campaign_budget/999", "daily_budget": "20000000"})
    engine.apply(rule("wet", campaign_budget("111")))
    engine.turn(RAIN, "wet")
    spends(engine, "111", "999")
    an_hour_later(engine)
    assert engine.writes()[1:] == [
        ("campaign_budget/444", "daily_budget", "50000000"),
        ("campaign_budget/999", "daily_budget", "24000000"),
    ]
    (told,) = engine.rows("SELECT message FROM notifications WHERE kind = 'budget_moved'")
    assert "campaign 111 has campaign budget 999 now, and campaign budget 444 no more" in told.message
    engine.turn(DRY, "wet")
    assert engine.writes()[3:] == [("campaign_budget/999", "daily_budget", "20000000")]
    for _ in range(3):
        an_hour_later(engine)
    assert engine.field("campaign_budget/444", "daily_budget").state == "free"
    assert engine.rows("SELECT field_id FROM rule_targets") == [
        (engine.field("campaign_budget/999", "daily_budget").id,)
    ]
    assert engine.calls_counted() == engine.calls_made()


def test_two_campaigns_of_one_rule_that_swap_their_budgets(engine: Engine) -> None:
    """Architecture 5, C: the rule keeps both, each with what it wants of that campaign; each move is told."""
    engine.apply(rule("wet", campaign_budget("111"), campaign_budget("112", "+50 %")))
    engine.turn(RAIN, "wet")
    spends(engine, "111", "445")
    spends(engine, "112", "444")
    an_hour_later(engine)
    assert sorted(engine.writes()[2:]) == [
        ("campaign_budget/444", "daily_budget", "75000000"),
        ("campaign_budget/445", "daily_budget", "96000000"),
    ]
    told = engine.rows("SELECT message FROM notifications WHERE kind = 'budget_moved' ORDER BY message")
    assert [row.message.partition(" has ")[0] for row in told] == [
        "google-acme: campaign 111",
        "google-acme: campaign 112",
    ]
    engine.turn(DRY, "wet")
    assert sorted(engine.writes()[4:]) == [
        ("campaign_budget/444", "daily_budget", "50000000"),
        ("campaign_budget/445", "daily_budget", "80000000"),
    ]


def test_two_campaigns_of_one_rule_that_move_on(engine: Engine) -> None:
    """Architecture 5, C: one gets the budget that the other had; neither is lost."""
    add(engine, {"resource": "campaign_budget/999", "daily_budget": "20000000"})
    engine.apply(rule("wet", campaign_budget("111"), campaign_budget("112", "+50 %")))
    engine.turn(RAIN, "wet")
    spends(engine, "112", "999")
    spends(engine, "111", "445")
    an_hour_later(engine)
    assert sorted(engine.writes()[2:]) == [
        ("campaign_budget/444", "daily_budget", "50000000"),
        ("campaign_budget/445", "daily_budget", "96000000"),
        ("campaign_budget/999", "daily_budget", "30000000"),
    ]


def test_two_campaigns_of_one_rule_that_come_to_one_budget(engine: Engine) -> None:
    """Semantics 15: it is one field, which a rule sets once; told is which campaign has no target of its own now."""
    engine.apply(rule("wet", campaign_budget("111"), campaign_budget("113", "+50 %", **ALLOWED)))
    engine.turn(RAIN, "wet")
    spends(engine, "111", "446")
    an_hour_later(engine)
    assert engine.writes()[2:] == [("campaign_budget/444", "daily_budget", "50000000")]
    (told,) = engine.rows("SELECT message FROM notifications WHERE kind = 'budget_moved'")
    assert told.message.endswith(
        "Rule wet sets that one by another campaign already, and has no target of its own for campaign 111 any more."
    )


def test_a_rule_that_cannot_be_read_follows_too(engine: Engine) -> None:
    """Architecture 5: one broken rule must not keep what others have set on the account from going back."""
    add(engine, {"resource": "campaign_budget/999", "daily_budget": "20000000"})
    engine.apply(rule("wet", campaign_budget("111")), rule("broken", campaign_budget("111")))
    engine.turn(RAIN, "wet")
    engine.execute("UPDATE automation_rules SET document = document - 'when' WHERE id = 'broken'")
    spends(engine, "111", "999")
    an_hour_later(engine)
    assert engine.writes()[1:] == [
        ("campaign_budget/444", "daily_budget", "50000000"),
        ("campaign_budget/999", "daily_budget", "24000000"),
    ]


def test_a_campaign_that_moved_while_nothing_was_set(engine: Engine) -> None:
    """The rule begins after it: nothing is written on the budget that the file once meant, nor by an edit later."""
    add(engine, {"resource": "campaign_budget/999", "daily_budget": "20000000"})
    engine.apply(rule("wet", campaign_budget("111")))
    spends(engine, "111", "999")
    engine.turn(RAIN, "wet")
    engine.apply(rule("wet", campaign_budget("111", "+50 %")))
    engine.act(GOOGLE)
    budget = ("campaign_budget/999", "daily_budget")
    assert engine.writes() == [(*budget, "24000000"), (*budget, "30000000")]


def test_a_preview_of_a_campaign_that_moved(engine: Engine) -> None:
    """Semantics 33: no sum is shown for a budget that the campaign spends no more."""
    add(engine, {"resource": "campaign_budget/999", "daily_budget": "20000000"})
    engine.apply(rule("wet", campaign_budget("111")))
    spends(engine, "111", "999")
    engine.sandbox.set_clock("2013-06-07T14:00")
    (shown,) = look(engine, "wet").fields
    assert (shown.then, shown.note) == (None, "it has campaign budget 999 now, which the rule will follow")


def test_a_budget_that_somebody_else_claims_stays_as_they_want_it(engine: Engine) -> None:
    """Semantics 19: two campaigns shared the budget; the rule of the one that stays has the say over it."""
    add(engine, {"resource": "campaign_budget/999", "daily_budget": "20000000"})
    engine.apply(
        rule("goes", campaign_budget("113", "+50 %", **ALLOWED), priority=1),
        rule("stays", campaign_budget("114", **ALLOWED)),
    )
    engine.turn(RAIN, "goes", "stays")
    spends(engine, "113", "999")
    an_hour_later(engine)
    assert sorted(engine.writes()[1:]) == [
        ("campaign_budget/446", "daily_budget", "144000000"),
        ("campaign_budget/999", "daily_budget", "30000000"),
    ]


def test_a_campaign_that_goes_over_to_a_shared_budget(engine: Engine) -> None:
    """Semantics 22: its old budget goes back, and the shared one is not written without the rule's word."""
    engine.apply(rule("wet", campaign_budget("111")))
    engine.turn(RAIN, "wet")
    spends(engine, "111", "446")
    an_hour_later(engine)
    assert engine.writes()[1:] == [("campaign_budget/444", "daily_budget", "50000000")]
    (change,) = engine.changes("campaign_budget/446", "daily_budget")
    assert change.state == "rejected"
    assert "is shared by 3 campaigns" in change.error
