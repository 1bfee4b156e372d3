"""Changes at Meta, with the sandbox as the witness: in how few calls, what stays apart in a batch, what each limit
holds back (semantics 15, 22 to 24, 26)."""

from datetime import timedelta
from typing import Any

import pytest

from tests.contract.sandbox_server import META as META_ACCOUNT
from tests.integration.engine import Engine
from tests.integration.rule_documents import DRY, META, OWNER, RAIN, Document, budget, rule, status
from tests.integration.test_preview import look
from weathertrigger.domain.rule import Mode
from weathertrigger.storage import accounts
from weathertrigger.storage.accounts import Account
from weathertrigger.storage.pauses import Covered, Scope

A_MINUTE = timedelta(minutes=1, seconds=1)
TWO_MINUTES = timedelta(minutes=2, seconds=1)
TOKEN = "sandbox"


def setting(entity: str, field: str, wanted: object, account: str = META) -> Document:
    """A target that sets one field; `entity` reads `ad_set/23847`."""
    level, _, entity_id = entity.partition("/")
    amount = {"change": wanted} if isinstance(wanted, str) and wanted.endswith("%") else wanted
    return {"account": account, level: entity_id, "set": {field: amount}}


def both(ad_set: str) -> Document:
    """A target that enables an ad set and raises its budget."""
    return {"account": META, "ad_set": ad_set, "set": {"status": "enabled", "daily_budget": {"change": "+20 %"}}}


def http_calls(engine: Engine, since: int = 0) -> list[str]:
    """The methods of the HTTP requests that Meta saw."""
    return [entry["method"] for entry in engine.sandbox.journal(since) if entry["service"] == "meta_ads"]


def states(engine: Engine) -> dict[str, str]:
    """Of the newest change of every resource."""
    rows = engine.rows(
        "SELECT f.resource, c.state FROM ad_changes c JOIN ad_fields f ON f.id = c.field_id ORDER BY c.id"
    )
    return {row.resource: row.state for row in rows}


def waits(engine: Engine) -> dict[str, timedelta]:
    """How long until each resource is looked at again."""
    rows = engine.rows("SELECT resource, next_at - clock_timestamp() AS wait FROM ad_fields")
    return {row.resource: row.wait for row in rows}


def grow(engine: Engine, campaigns: int) -> list[str]:
    """Adds so many campaigns with one ad set each; gives the ids of the ad sets."""
    entities: list[dict[str, Any]] = []  # Any: JSON
    for number in range(campaigns):
        entities += [
            {"resource": f"campaign/7{number:03}", "status": "ACTIVE"},
            {
                "resource": f"ad_set/8{number:03}",
                "parent": f"campaign/7{number:03}",
                "status": "PAUSED",
                "daily_budget": "5000",
            },
        ]
    account = {"platform": "meta_ads", "id": META_ACCOUNT, "currency": "USD", "entities": entities}
    assert engine.sandbox.json("/_sandbox/entities", {"accounts": [account]}).status_code == 201
    return [f"8{number:03}" for number in range(campaigns)]


def test_a_hundred_changes_are_two_reads_and_two_writes(engine: Engine) -> None:
    """On ad sets of a hundred campaigns, by the journal; all are made, and all calls are counted."""
    ad_sets = grow(engine, 100)
    engine.apply(rule("wet", *[status(ad_set) for ad_set in ad_sets]))
    engine.judge(RAIN, "wet")
    before = engine.sandbox.journal()[-1]["seq"]
    engine.act(META)
    assert sorted(http_calls(engine, before)) == ["GET", "GET", "POST", "POST"]
    assert sorted(engine.writes()) == [(f"ad_set/{ad_set}", "status", "ACTIVE") for ad_set in ad_sets]
    assert set(states(engine).values()) == {"confirmed"}
    assert engine.calls_counted() == engine.calls_made()


def test_two_changes_of_each_of_fifty_are_as_cheap(engine: Engine) -> None:
    """Status and budget of one ad set never share a batch, so all budgets travel together, then all statuses."""
    ad_sets = grow(engine, 50)
    engine.apply(rule("wet", *[both(ad_set) for ad_set in ad_sets]))
    engine.judge(RAIN, "wet")
    before = engine.sandbox.journal()[-1]["seq"]
    engine.act(META)
    assert sorted(http_calls(engine, before)) == ["GET", "GET", "POST", "POST"]
    assert len(engine.writes()) == 100


def test_ad_sets_of_one_campaign_never_share_a_batch(engine: Engine) -> None:
    """Three siblings are three calls, each taken; a cousin travels with one of them."""
    engine.apply(rule("wet", *[status(ad_set) for ad_set in ("23847", "23849", "23857")], status("23848", "paused")))
    engine.judge(RAIN, "wet")
    before = engine.sandbox.journal()[-1]["seq"]
    engine.act(META)
    posts = [entry for entry in engine.sandbox.journal(before) if entry["method"] == "POST"]
    assert sorted(entry["calls"] for entry in posts) == [1, 1, 2]
    assert {entry["status"] for entry in posts} == {200}
    assert set(states(engine).values()) == {"confirmed"}


@pytest.mark.parametrize("applied", [False, True])
def test_a_call_of_a_batch_that_did_not_complete_is_read_back(engine: Engine, applied: bool) -> None:
    """Semantics 26: `null` leaves only that change unknown; only that is made again, and only if it had no effect."""
    engine.apply(rule("wet", status("23847"), status("23857"), status("23868")))
    engine.judge(RAIN, "wet")
    engine.sandbox.meta("troubles", node="23857", kind="incomplete", method="POST", count=1, applied=applied)
    engine.act(META)
    assert states(engine) == {"ad_set/23847": "confirmed", "ad_set/23857": "unknown", "ad_set/23868": "confirmed"}
    for passed in (A_MINUTE, TWO_MINUTES):
        engine.later(passed)
        engine.act(META)
    assert set(states(engine).values()) == {"confirmed"}
    assert sorted(engine.writes()) == [(f"ad_set/{one}", "status", "ACTIVE") for one in ("23847", "23857", "23868")]
    assert engine.calls_counted() == engine.calls_made()


@pytest.mark.parametrize(
    "trouble",
    [
        {"kind": "error", "status": 200, "code": 2, "is_transient": True},
        {"kind": "error", "status": 500, "code": 1, "subcode": 99},
        {"kind": "unsuccessful"},
    ],
)
def test_an_answer_that_is_no_success_is_none(engine: Engine, trouble: dict[str, object]) -> None:
    """Semantics 26: an error under 200 and `success: false` leave the outcome unknown, of that change alone."""
    engine.apply(rule("wet", status("23847"), status("23868")))
    engine.judge(RAIN, "wet")
    engine.sandbox.meta("troubles", node="23847", method="POST", count=1, applied=True, **trouble)
    engine.act(META)
    assert states(engine) == {"ad_set/23847": "unknown", "ad_set/23868": "confirmed"}
    for passed in (A_MINUTE, TWO_MINUTES):
        engine.later(passed)
        engine.act(META)
    assert set(states(engine).values()) == {"confirmed"}
    assert sorted(engine.writes()) == [("ad_set/23847", "status", "ACTIVE"), ("ad_set/23868", "status", "ACTIVE")]


def test_an_unknown_error_is_not_sent_for_ever(engine: Engine) -> None:
    """Code 1 is tried three times, each time after a look; then the change has failed for good, with the reason, and a
    way back goes on hourly (architecture 6, C8)."""
    engine.apply(rule("wet", status("23847"), status("23868")))
    row = engine.judge(RAIN, "wet")["wet"]
    engine.sandbox.meta("troubles", node="23847", method="POST", kind="error", status=400, code=1, subcode=99)
    for _ in range(8):
        engine.act(META)
        engine.later(timedelta(minutes=10))
    change = engine.changes("ad_set/23847", "status")[0]
    assert (change.state, change.attempts) == ("rejected", 3)
    assert "Given up after 3 attempts" in change.error
    assert "code 1, subcode 99" in change.error
    assert not engine.value("SELECT success FROM automation_executions WHERE id = %(id)s", id=row.id)
    assert states(engine) == {"ad_set/23847": "rejected", "ad_set/23868": "confirmed"}


def test_a_way_back_that_is_not_answered_is_sent_hourly(engine: Engine) -> None:
    """C8: it is never given up: after the attempts that a change has, it is sent once an hour."""
    engine.apply(rule("wet", status("23847")))
    engine.turn(RAIN, "wet")
    engine.judge(DRY, "wet")
    engine.sandbox.meta("troubles", node="23847", method="POST", kind="error", status=400, code=1)
    tries = []
    for _ in range(60):
        before = engine.sandbox.journal()[-1]["seq"]
        engine.act(META)
        tries.append("POST" in http_calls(engine, before))
        engine.later(timedelta(minutes=5))
    assert 3 + 3 <= sum(tries) <= 3 + 5  # three at first, then hourly for the rest of five hours
    engine.sandbox.session.delete(f"{engine.sandbox.url}/_sandbox/meta_ads/troubles", timeout=5)
    engine.later(timedelta(minutes=61))
    engine.act(META)
    assert engine.writes()[-1] == ("ad_set/23847", "status", "PAUSED")


def test_a_poisoned_entity_spoils_neither_reads_nor_writes_of_others(engine: Engine) -> None:
    """Refused for good, while its neighbours are changed; afterwards a read costs one call more, not six."""
    ad_sets = grow(engine, 40)
    engine.apply(rule("wet", *[status(ad_set) for ad_set in ad_sets]))
    engine.judge(RAIN, "wet")
    engine.sandbox.meta("troubles", node=ad_sets[7], kind="error", code=100, subcode=1885272)
    before = engine.sandbox.journal()[-1]["seq"]
    engine.act(META)
    assert http_calls(engine, before) == ["GET", "POST", "POST"]
    assert [resource for resource, state in states(engine).items() if state == "rejected"] == [f"ad_set/{ad_sets[7]}"]
    assert len(engine.writes()) == 39


def test_the_rule_of_four_budgets_an_hour_holds_back_one_ad_set(engine: Engine) -> None:
    """Semantics 24: 613/1487632 is a wait of an hour for that field, no failure; its neighbour in the batch is
    changed, and afterwards it is too."""
    engine.apply(rule("wet", budget("23848"), budget("23868")))
    engine.sandbox.meta("budget_changes", most=1)
    engine.sandbox.form("/v26.0/23848", daily_budget="8000")
    engine.judge(RAIN, "wet")
    engine.act(META)
    assert states(engine) == {"ad_set/23848": "planned", "ad_set/23868": "confirmed"}
    assert timedelta(minutes=59) < waits(engine)["ad_set/23848"] <= timedelta(hours=1)
    assert engine.changes("ad_set/23848", "daily_budget")[0].attempts == 0
    engine.sandbox.meta("budget_changes", most=4)
    engine.later(timedelta(minutes=61))
    engine.act(META)
    assert set(states(engine).values()) == {"confirmed"}


def test_a_blocked_account_waits_as_long_as_meta_says(engine: Engine) -> None:
    """80004 with 17 minutes in the header: all of the account waits so long, for reads and for writes."""
    engine.apply(rule("wet", status("23847"), status("23868")))
    engine.judge(RAIN, "wet")
    engine.sandbox.meta("limits", limit="ads_management", account=META_ACCOUNT, blocked=17 * 60)
    engine.act(META)
    assert set(states(engine).values()) == {"planned"}
    assert all(timedelta(minutes=16) < wait <= timedelta(minutes=17) for wait in waits(engine).values())


def test_an_expired_token_pauses_the_account_and_says_why(engine: Engine) -> None:
    """190/463: the reason names the remedy."""
    engine.apply(rule("wet"))
    engine.judge(RAIN, "wet")
    engine.sandbox.meta("tokens", token=TOKEN, state="expired")
    engine.act(META)
    assert "the token has expired: renew it" in (engine.paused_reason(META) or "")
    engine.sandbox.meta("tokens", token=TOKEN, state="good")
    engine.resume(Covered(Scope.ACCOUNT, META))
    engine.later(timedelta(hours=1))
    engine.act(META)
    assert set(states(engine).values()) == {"confirmed"}


def test_lifetime_budgets_and_bids_go_up_and_come_back(engine: Engine) -> None:
    """Semantics 15, 17 and 18: the baseline and 20 % of it, and afterwards the exact number that was there."""
    engine.apply(
        rule(
            "wet",
            setting("ad_set/23867", "lifetime_budget", "+20 %"),
            setting("ad_set/23849", "bid", "+10 %"),
            setting("ad/239491", "bid", "1.50 USD"),
            setting("campaign/23802", "daily_budget", "-25 %"),
        )
    )
    engine.turn(RAIN, "wet")
    raised = {
        ("ad_set/23867", "lifetime_budget", "1080000"),
        ("ad_set/23849", "bid_amount", "165"),
        ("ad/239491", "bid_amount", "150"),
        ("campaign/23802", "daily_budget", "9000"),
    }
    assert set(engine.writes()) == raised
    engine.turn(DRY, "wet")
    back = {
        ("ad_set/23867", "lifetime_budget", "900000"),
        ("ad_set/23849", "bid_amount", "150"),
        ("ad/239491", "bid_amount", "120"),
        ("campaign/23802", "daily_budget", "12000"),
    }
    assert set(engine.writes()) == raised | back
    assert len(engine.writes()) == 8


def test_a_preview_says_what_keeps_an_ad_set_from_running(engine: Engine) -> None:
    """Semantics 33: a raise helps nothing while the campaign is paused; what is decided and written is the same."""
    engine.sandbox.set_clock("2013-06-07T14:00")
    engine.apply(rule("wet", budget("23848"), budget("23868")))
    assert [field.note for field in look(engine, "wet").fields] == [None, None]
    engine.by_hand("campaign/23801", status="PAUSED")
    assert [field.note for field in look(engine, "wet").fields] == ["it does not run: its campaign is paused", None]
    engine.turn(RAIN, "wet")
    assert ("ad_set/23848", "daily_budget", "9600") in engine.writes()


def test_a_preview_says_bids_and_lifetime_budgets_in_money(engine: Engine) -> None:
    """Semantics 33."""
    engine.sandbox.set_clock("2013-06-07T14:00")
    engine.apply(
        rule("wet", setting("ad_set/23867", "lifetime_budget", "+20 %"), setting("ad_set/23849", "bid", "1.65 USD"))
    )
    shown = {field.entity: field.arithmetic for field in look(engine, "wet").fields}
    assert shown == {
        "meta-acme ad_set 23867": "9000.00 USD -> 10800.00 USD = baseline 9000.00 USD + 20 %",
        "meta-acme ad_set 23849": "1.50 USD -> 1.65 USD",
    }


def test_yen_have_no_hundredths(engine: Engine) -> None:
    """Semantics 23: 6000 yen and 20 % are 7200, on the wire as in words."""
    with engine.database.transaction() as tx:
        accounts.add(tx, Account("meta-kasa", OWNER, "meta_ads", "act_1002", "JPY", Mode.LIVE))
    engine.apply(rule("wet", setting("ad_set/33847", "daily_budget", "+20 %", "meta-kasa")))
    engine.judge(RAIN, "wet")
    engine.act("meta-kasa")
    assert engine.writes() == [("ad_set/33847", "daily_budget", "7200")]
