"""Changes of Google Ads through the whole step: many in one call, locations, shared budgets, and Google in trouble."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from tests.contract.sandbox_server import GOOGLE as CUSTOMER
from tests.integration.engine import Engine
from tests.integration.interrupted_platform import InterruptedPlatform
from tests.integration.rule_documents import DRY, GOOGLE, META, RAIN, Document, campaign_budget, rule
from tests.integration.test_preview import look
from weathertrigger.errors import InvalidRules
from weathertrigger.messages import ApplyChanges
from weathertrigger.operations.delete_rules import delete_rules
from weathertrigger.platforms.google_ads.client import GoogleAds
from weathertrigger.platforms.google_ads.credentials import GoogleCredentials
from weathertrigger.storage.pauses import Covered, Scope

A_WHILE, AN_HOUR = timedelta(minutes=16), timedelta(minutes=61)
ALLOWED: Mapping[str, object] = {"shared_budget": "allow"}
LONDON, NEW_YORK = "111~1006886", "111~1023191"


def add(engine: Engine, *entities: Document) -> None:
    answer = engine.sandbox.json("/_sandbox/entities", {"accounts": [{"id": CUSTOMER, "entities": list(entities)}]})
    assert answer.status_code == 201, answer.text


def order(engine: Engine, path: str = "", **wanted: object) -> None:
    answer = engine.sandbox.json(f"/_sandbox/google_ads{path}", wanted)
    assert answer.status_code in {200, 201}, answer.text


def campaign_status(campaign: object, **more: object) -> Document:
    return {"account": GOOGLE, "campaign": str(campaign), "set": {"status": "enabled"}, **more}


def location(own_id: str, wanted: object, **more: object) -> Document:
    return {"account": GOOGLE, "location": own_id, "set": {"bid_modifier": wanted}, **more}


def held(engine: Engine, resource: str, name: str) -> str:
    return engine.sandbox.value(resource, name, CUSTOMER)


def shared_with_another(engine: Engine, budget: str) -> None:
    """A person gives the budget to a second campaign too."""
    add(engine, {"resource": "campaign/119", "status": "PAUSED", "budget": f"campaign_budget/{budget}"})


def test_a_hundred_changes_cost_one_read_and_one_write(engine: Engine) -> None:
    """50 campaigns are enabled and the budgets of 50 others raised: two calls beside the token, and as many to put them
    back. Google counts one operation for the read and one for each item that is written."""
    for n in range(100):
        budget, campaign = f"campaign_budget/5{n:03}", f"campaign/6{n:03}"
        add(engine, {"resource": budget, "daily_budget": "10000000"})
        add(engine, {"resource": campaign, "status": "PAUSED", "budget": budget})
    enabled = [campaign_status(f"6{n:03}") for n in range(50)]
    engine.apply(rule("wet", *enabled, *[campaign_budget(f"6{n:03}") for n in range(50, 100)]))
    url = engine.sandbox.url
    fresh = GoogleAds(GoogleCredentials("c", "a-secret", "a-refresh-token"), base_url=url, oauth_url=url)
    for weather, actions in ((RAIN, ["token", "search", "mutate"]), (DRY, ["search", "mutate"])):
        engine.judge(weather, "wet")
        before = len(engine.sandbox.journal())
        engine.action({"google_ads": fresh})(ApplyChanges(GOOGLE))
        entries = engine.sandbox.journal()[before:]
        assert [entry["path"].rpartition("/")[2].rpartition(":")[2] for entry in entries] == actions
        assert [entry["calls"] for entry in entries[-2:]] == [1, 100]
    statuses = [(f"campaign/6{n:03}", "status", value) for n in range(50) for value in ("ENABLED", "PAUSED")]
    amounts = [f"campaign_budget/5{n:03}" for n in range(50, 100)]
    budgets = [(budget, "daily_budget", value) for budget in amounts for value in ("12000000", "10000000")]
    assert sorted(engine.writes()) == sorted(statuses + budgets)
    assert engine.calls_counted() == engine.calls_made()


def test_a_location_is_bid_up_and_put_back(engine: Engine) -> None:
    """Semantics 15 to 18: a plain number, 20 % of the baseline; a location without a modifier has the baseline 1."""
    engine.apply(rule("wet", location(LONDON, {"change": "+20 %"}), location(NEW_YORK, 1.25)))
    engine.turn(RAIN, "wet")
    assert sorted(engine.writes()) == [
        (f"location/{LONDON}", "bid_modifier", "1.32"),
        (f"location/{NEW_YORK}", "bid_modifier", "1.25"),
    ]
    assert engine.field(f"location/{LONDON}", "bid_modifier").baseline == "1.1"
    engine.later(AN_HOUR)
    engine.turn(RAIN, "wet")
    assert len(engine.writes()) == 2
    engine.turn(DRY, "wet")
    assert sorted(engine.writes()[2:]) == [
        (f"location/{LONDON}", "bid_modifier", "1.1"),
        (f"location/{NEW_YORK}", "bid_modifier", "1"),
    ]
    engine.later(A_WHILE)
    engine.act(GOOGLE)
    assert engine.field(f"location/{LONDON}", "bid_modifier").state == "free"
    assert engine.calls_counted() == engine.calls_made()


def test_a_person_sets_another_modifier(engine: Engine) -> None:
    """Semantics 20: seen twice, it is left as the person wants it."""
    engine.apply(rule("wet", location(LONDON, {"change": "+20 %"})))
    engine.turn(RAIN, "wet")
    engine.sandbox.json(f"/_sandbox/entities/{CUSTOMER}/location/{LONDON}", {"bid_modifier": "1.5"})
    for _ in range(2):
        engine.later(AN_HOUR)
        engine.act(GOOGLE)
    assert engine.field(f"location/{LONDON}", "bid_modifier").state == "held"
    assert held(engine, f"location/{LONDON}", "bid_modifier") == "1.5"


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ({**location("5", 1.25), "account": META}, "meta_ads has no bid_modifier on the level location"),
        ({**location(LONDON, 1.25), "campaign": "111"}, None),
        (
            {"account": GOOGLE, "campaign": "111", "set": {"bid_modifier": 1.25}},
            "no bid_modifier on the level campaign",
        ),
        ({"account": GOOGLE, "location": LONDON, "set": {"status": "paused"}}, "no status on the level location"),
        (location("111~5", 1.25), "Google Ads knows no location 111~5"),
        (location("111", 1.25), "ids are numbers, that of an ad reads 222~333, that of a location 111~1006886"),
    ],
)
def test_a_modifier_that_cannot_be(engine: Engine, target: Document, sentence: str | None) -> None:
    """Semantics 15: refused when the rule is applied, in one sentence."""
    with pytest.raises(InvalidRules) as refused:
        engine.apply(rule("wet", target))
    assert len(refused.value.faults) == 1
    assert (sentence or "names campaign and location; write one target for each") in str(refused.value)


def test_a_shared_budget_is_refused_unless_the_rule_means_it(engine: Engine) -> None:
    """Semantics 22: the sentence says how many campaigns share it; with the rule's word it is raised and put back."""
    with pytest.raises(InvalidRules) as refused:
        engine.apply(rule("wet", campaign_budget("113")))
    assert "campaign budget 446 is shared by 2 campaigns, and a change would reach all of them" in str(refused.value)
    assert "shared_budget: allow" in str(refused.value)
    engine.apply(rule("wet", campaign_budget("113", **ALLOWED)))
    engine.turn(RAIN, "wet")
    engine.turn(DRY, "wet")
    budget = ("campaign_budget/446", "daily_budget")
    assert engine.writes() == [(*budget, "144000000"), (*budget, "120000000")]


def test_two_campaigns_of_one_budget_are_one_field(engine: Engine) -> None:
    """Semantics 15: a rule that names both would set it twice; two rules share the field and its baseline."""
    with pytest.raises(InvalidRules, match=r"campaign 113 and campaign 114 have one daily_budget.* set it once"):
        engine.apply(rule("wet", campaign_budget("113", **ALLOWED), campaign_budget("114", **ALLOWED)))
    engine.apply(
        rule("wet", campaign_budget("113", **ALLOWED)),
        rule("wetter", campaign_budget("114", "+50 %", **ALLOWED), priority=1),
    )
    engine.turn(RAIN, "wet", "wetter")
    assert engine.writes() == [("campaign_budget/446", "daily_budget", "180000000")]


def test_what_one_rule_may_another_may_not(engine: Engine) -> None:
    """Semantics 22: that a rule may change the budget does not make it known to one that may not."""
    engine.apply(rule("wet", campaign_budget("113", **ALLOWED)))
    for document in (rule("wet", campaign_budget("113")), rule("other", campaign_budget("113"))):
        with pytest.raises(InvalidRules, match="shared by 2 campaigns"):
            engine.apply(document)
    calls = engine.calls_made()
    engine.apply(rule("other", campaign_budget("113", **ALLOWED)))
    assert engine.calls_made() == calls


def test_a_budget_that_became_shared_is_not_written(engine: Engine) -> None:
    """Semantics 22: looked at again just before the write; the change says why; an edit that allows it gets it done."""
    engine.apply(rule("wet", campaign_budget("111")))
    shared_with_another(engine, "444")
    engine.turn(RAIN, "wet")
    (change,) = engine.changes("campaign_budget/444", "daily_budget")
    assert (change.state, engine.writes()) == ("rejected", [])
    assert "campaign budget 444 is shared by 2 campaigns" in change.error
    engine.later(AN_HOUR)
    engine.act(GOOGLE)
    assert engine.writes() == []
    engine.apply(rule("wet", campaign_budget("111", **ALLOWED)))
    engine.turn(RAIN, "wet")
    assert engine.writes() == [("campaign_budget/444", "daily_budget", "60000000")]
    engine.turn(DRY, "wet")
    assert held(engine, "campaign_budget/444", "daily_budget") == "50000000"


def test_a_raise_whose_budget_becomes_shared_is_put_back(engine: Engine) -> None:
    """Semantics 22 and 24: nothing holds a revert back; the other campaign spends the raise too."""
    engine.apply(rule("wet", campaign_budget("111")))
    engine.turn(RAIN, "wet")
    shared_with_another(engine, "444")
    engine.turn(DRY, "wet")
    assert held(engine, "campaign_budget/444", "daily_budget") == "50000000"
    engine.turn(RAIN, "wet")
    change = engine.changes("campaign_budget/444", "daily_budget")[-1]
    assert (change.state, held(engine, "campaign_budget/444", "daily_budget")) == ("rejected", "50000000")


def test_the_last_word_of_a_rule_that_was_allowed(engine: Engine) -> None:
    """Semantics 18 and 22: a target that is taken out puts the shared budget back, for its rule was allowed to."""
    engine.apply(rule("wet", campaign_budget("113", **ALLOWED)))
    engine.turn(RAIN, "wet")
    engine.apply(rule("wet", campaign_status("111")))
    engine.act(GOOGLE)
    assert held(engine, "campaign_budget/446", "daily_budget") == "120000000"


def test_what_a_deleted_rule_was_allowed_to_set_is_put_back(engine: Engine) -> None:
    """Semantics 18 and 22: another rule, which is not allowed to, had the say when it was deleted."""
    engine.apply(
        rule("first", campaign_budget("111", **ALLOWED), priority=9), rule("second", campaign_budget("111", "+10 %"))
    )
    engine.turn(RAIN, "first", "second")
    shared_with_another(engine, "444")
    delete_rules(engine.database, ["first"], leave=False, worker_id="tester")
    engine.act(GOOGLE)
    assert engine.changes("campaign_budget/444", "daily_budget")[-1].state == "rejected"
    engine.turn(DRY, "second")
    assert engine.writes()[-1] == ("campaign_budget/444", "daily_budget", "50000000")


def test_a_dry_run_and_a_preview_of_a_shared_budget(engine: Engine) -> None:
    """Semantics 27 and 33: both say what would be refused."""
    engine.apply(rule("wet", campaign_budget("111"), mode="dry_run"), rule("live", campaign_budget("112")))
    shared_with_another(engine, "444")
    add(engine, {"resource": "campaign/118", "status": "PAUSED", "budget": "campaign_budget/445"})
    engine.judge(RAIN, "wet", "live")
    engine.act(GOOGLE)
    (dry,) = engine.changes("campaign_budget/444", "daily_budget")
    assert (dry.state, dry.dry_run) == ("rejected", True)
    assert "is shared by 2 campaigns" in dry.error
    engine.sandbox.set_clock("2013-06-07T14:00")
    (shown,) = look(engine, "live").fields
    assert shown.now == shown.then
    assert shown.note
    assert "campaign budget 445 is shared by 2 campaigns" in shown.note
    assert engine.writes() == []


def test_the_preview_of_a_modifier(engine: Engine) -> None:
    """Semantics 33: the sum in words, without money."""
    engine.apply(rule("wet", location(LONDON, {"change": "+20 %", "max": 1.3})))
    engine.sandbox.set_clock("2013-06-07T14:00")
    (shown,) = look(engine, "wet").fields
    assert (shown.now, shown.then) == ("1.1", "1.3")
    assert shown.arithmetic == "1.1 -> 1.3 = baseline 1.1 + 20 %, clamped"


def test_a_preview_says_what_is_paused_above(engine: Engine) -> None:
    """Semantics 33: to enable an ad group helps nothing while its campaign is paused."""
    engine.sandbox.set_clock("2013-06-07T14:00")
    engine.apply(
        rule("wet", {"account": GOOGLE, "ad_group": "222", "set": {"status": "enabled"}}, location(LONDON, 1.2))
    )
    assert [field.note for field in look(engine, "wet").fields] == [None, None]
    by_hand = engine.sandbox.json(f"/_sandbox/entities/{CUSTOMER}/campaign/111", {"status": "PAUSED"})
    assert by_hand.status_code == 200
    notes = {field.entity: field.note for field in look(engine, "wet").fields}
    assert notes["google-acme location 111~1006886"] == "it does not run: its campaign is paused"


def test_a_conflict_is_tried_again_until_it_is_done(engine: Engine) -> None:
    """Semantics 25: CONCURRENT_MODIFICATION twice; the neighbour is done at once, the field at the third time."""
    error = "databaseError.CONCURRENT_MODIFICATION"
    engine.apply(rule("wet", campaign_budget("111"), campaign_budget("112")))
    order(engine, f"/{CUSTOMER}/errors", error=error, resource="campaign_budget/444", count=2)
    engine.turn(RAIN, "wet")
    for _ in range(2):
        assert engine.changes("campaign_budget/444", "daily_budget")[-1].state == "planned"
        engine.later(A_WHILE)
        engine.act(GOOGLE)
    assert sorted(engine.writes()) == [
        ("campaign_budget/444", "daily_budget", "60000000"),
        ("campaign_budget/445", "daily_budget", "96000000"),
    ]
    assert engine.changes("campaign_budget/444", "daily_budget")[-1].state == "confirmed"


def test_a_conflict_without_an_end_is_tried_more_and_more_seldom(engine: Engine) -> None:
    """It is no attempt, and no reason to ask Google every two seconds."""
    engine.apply(rule("wet", campaign_budget("111")))
    error = "databaseError.CONCURRENT_MODIFICATION"
    order(engine, f"/{CUSTOMER}/errors", error=error, resource="campaign_budget/444", count=1000)
    engine.judge(RAIN, "wet")
    for tries in range(1, 8):
        engine.act(GOOGLE)
        field = engine.field("campaign_budget/444", "daily_budget")
        assert (field.failures, engine.changes("campaign_budget/444", "daily_budget")[0].attempts) == (tries, 0)
        engine.later(A_WHILE)


def test_a_write_whose_token_has_ended_asks_the_kill_switch_again(engine: Engine) -> None:
    """Semantics 28, C7: no second POST follows the one that was refused; what somebody stops meanwhile stays undone."""
    engine.apply(rule("wet", campaign_budget("111")))
    engine.judge(RAIN, "wet")
    ending = InterruptedPlatform(engine.platforms["google_ads"], leaving=lambda: order(engine, end_tokens=True))
    engine.action({"google_ads": ending})(ApplyChanges(GOOGLE))
    (change,) = engine.changes("campaign_budget/444", "daily_budget")
    assert (change.state, change.attempts, engine.writes()) == ("planned", 0, [])
    engine.pause()
    engine.later(A_WHILE)
    engine.act(GOOGLE)
    assert engine.writes() == []
    engine.resume()
    engine.later(A_WHILE)
    engine.act(GOOGLE)
    assert engine.writes() == [("campaign_budget/444", "daily_budget", "60000000")]


def test_what_failed_beside_the_fifth_is_not_held_against_a_resumed_rule(engine: Engine) -> None:
    """Semantics 30: of twelve that are refused in one call the fifth pauses the rule. A person mends all but one and
    resumes: that one fails again, and no pause keeps the others from being done."""
    campaigns = [f"6{n:03}" for n in range(12)]
    add(
        engine,
        *[{"resource": f"campaign/{one}", "status": "PAUSED", "budget": "campaign_budget/446"} for one in campaigns],
    )
    engine.apply(rule("wet", *[campaign_status(one) for one in campaigns]))
    for one in campaigns:
        order(
            engine,
            f"/{CUSTOMER}/errors",
            error="operationAccessDeniedError.ACTION_NOT_PERMITTED",
            resource=f"campaign/{one}",
            count=1,
        )
    engine.turn(RAIN, "wet")
    paused = "SELECT count(*) FROM notifications WHERE kind = 'rule_paused'"
    assert engine.value(paused) == 1
    engine.resume(Covered(Scope.RULE, "wet"))
    engine.turn(DRY, "wet")
    order(
        engine,
        f"/{CUSTOMER}/errors",
        error="operationAccessDeniedError.ACTION_NOT_PERMITTED",
        resource=f"campaign/{campaigns[0]}",
        count=1,
    )
    engine.turn(RAIN, "wet")
    assert engine.value(paused) == 1
    assert len(engine.writes()) == 11


def test_a_write_that_google_does_not_authorise_pauses_the_account(engine: Engine) -> None:
    """Architecture 6: where the token is as good as ever another one cannot help, and nothing waits in silence."""
    engine.apply(rule("wet", campaign_budget("111")))
    engine.judge(RAIN, "wet")
    refusal = {"error": "authenticationError.TWO_STEP_VERIFICATION_NOT_ENROLLED", "status": 401, "count": 1}
    refusing = InterruptedPlatform(
        engine.platforms["google_ads"], leaving=lambda: order(engine, f"/{CUSTOMER}/errors", **refusal)
    )
    engine.action({"google_ads": refusing})(ApplyChanges(GOOGLE))
    assert "TWO_STEP_VERIFICATION_NOT_ENROLLED" in (engine.paused_reason(GOOGLE) or "")
    assert engine.value("SELECT count(*) FROM notifications WHERE kind = 'account_paused'") == 1


def test_a_token_that_ends_and_a_grant_that_is_revoked(engine: Engine) -> None:
    """Semantics 28: a token is renewed in between; a revoked grant pauses the account and is told once."""
    engine.apply(rule("wet", campaign_budget("111")))
    order(engine, end_tokens=True)
    engine.turn(RAIN, "wet")
    assert engine.writes() == [("campaign_budget/444", "daily_budget", "60000000")]
    order(engine, end_tokens=True, revoke="sandbox")
    engine.turn(DRY, "wet")
    engine.act(GOOGLE)
    assert "grant it again" in (engine.paused_reason(GOOGLE) or "")
    assert engine.value("SELECT count(*) FROM notifications WHERE kind = 'account_paused'") == 1
