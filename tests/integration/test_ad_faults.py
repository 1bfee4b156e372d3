"""The ad platforms in trouble, in short: the runs of `tests/acceptance/test_fault_ads.py` with steps as objects and
moved times. In each the journal is the judge: no value-changing write more than once for a decision, no attempt used up
by waiting, accounts that are not in trouble untouched by it.
"""

import time
from collections import Counter
from datetime import timedelta

import pytest

from tests.contract.sandbox_server import GOOGLE as CUSTOMER
from tests.contract.sandbox_server import META as META_ACCOUNT
from tests.integration.engine import Engine
from tests.integration.interrupted_platform import InterruptedPlatform
from tests.integration.rule_documents import DRY, GOOGLE, META, OWNER, RAIN, Document, rule, status
from tests.integration.test_changes_at_meta import grow
from tests.integration.test_google_ads_changes import add, campaign_status, order
from weathertrigger.domain.rule import Mode
from weathertrigger.http.client import Bounds
from weathertrigger.messages import ApplyChanges
from weathertrigger.platforms.google_ads.client import GoogleAds
from weathertrigger.platforms.google_ads.credentials import GoogleCredentials
from weathertrigger.platforms.meta_ads.client import MetaAds
from weathertrigger.platforms.meta_ads.credentials import MetaCredentials
from weathertrigger.platforms.port import AdPlatform
from weathertrigger.storage import accounts
from weathertrigger.storage.accounts import Account
from weathertrigger.storage.pauses import Covered, Scope

KASA = "meta-kasa"
A_MINUTE = timedelta(minutes=1, seconds=1)
TWO_MINUTES = timedelta(minutes=2, seconds=1)
A_QUARTER = timedelta(minutes=16)
AN_HOUR = timedelta(minutes=67)
PLATFORMS = {"meta_ads": META, "google_ads": GOOGLE}
platforms = pytest.mark.parametrize("platform", list(PLATFORMS))


@pytest.fixture
def busy(engine: Engine) -> Engine:
    """Three accounts, of which one shares the platform of the first, and a rule for each."""
    with engine.database.transaction() as tx:
        accounts.add(tx, Account(KASA, OWNER, "meta_ads", "act_1002", "JPY", Mode.LIVE))
    ad_sets = grow(engine, 12)
    for number in range(12):
        budget, campaign = f"campaign_budget/5{number:03}", f"campaign/6{number:03}"
        add(engine, {"resource": budget, "daily_budget": "10000000"})
        add(engine, {"resource": campaign, "status": "PAUSED", "budget": budget})
    engine.apply(
        rule("meta_ads", *[status(ad_set) for ad_set in ad_sets]),
        rule("google_ads", *[campaign_status(f"6{number:03}") for number in range(12)]),
        rule("kasa", kasa()),
    )
    return engine


def kasa() -> Document:
    """A target in the second Meta account."""
    return {**status("33847"), "account": KASA}


def writes_of(engine: Engine, platform: str) -> dict[str, str]:
    """Which requests of the platform are writes."""
    assert engine
    return {"meta_ads": {"method": "POST"}, "google_ads": {"path": "mutate"}}[platform]


def made(engine: Engine, platform: str) -> int:
    """The requests that the platform has seen."""
    return sum(entry["service"] == platform for entry in engine.sandbox.journal())


def judge(engine: Engine) -> None:
    """No value-changing write more than once for a decision that was sent."""
    sent = {
        row.resource: row.decisions
        for row in engine.rows(
            "SELECT f.resource, count(*) AS decisions FROM ad_changes c JOIN ad_fields f ON f.id = c.field_id"
            " WHERE cardinality(c.called_at) > 0 GROUP BY f.resource"
        )
    }
    changed = Counter(
        change["resource"]
        for entry in engine.sandbox.journal()
        if entry["service"] != "person"
        for change in entry["changes"]
        if change["from"] != change["to"]
    )
    assert {resource: count for resource, count in changed.items() if count > sent.get(resource, 0)} == {}


def open_changes(engine: Engine, account: str) -> int:
    """How many changes of the account are not done."""
    count: int = engine.value(
        "SELECT count(*) FROM ad_changes c JOIN ad_fields f ON f.id = c.field_id"
        " WHERE f.account_id = %(account)s AND c.finished_at IS NULL",
        account=account,
    )
    return count


def settle(engine: Engine, *account_ids: str, passed: timedelta = TWO_MINUTES) -> None:
    """Time passes until nothing is open on these accounts."""
    for _ in range(40):
        engine.act(*account_ids)
        if not any(open_changes(engine, one) for one in account_ids):
            return
        engine.later(passed)
    raise AssertionError(engine.rows("SELECT * FROM ad_changes WHERE finished_at IS NULL"))


def statuses(engine: Engine, account: str) -> set[str]:
    """Those that the sandbox holds of the twelve entities of the account."""
    names = {META: [f"ad_set/8{n:03}" for n in range(12)], GOOGLE: [f"campaign/6{n:03}" for n in range(12)]}
    held = {META: META_ACCOUNT, GOOGLE: CUSTOMER}
    return {engine.sandbox.value(name, "status", held[account]) for name in names[account]}


def others_are_untouched(engine: Engine, platform: str) -> None:
    """The change of the account on the other platform is made at the first ring, in the middle of the trouble."""
    other = next(one for one in PLATFORMS if one != platform)
    engine.judge(RAIN, other)
    engine.act(PLATFORMS[other])
    assert statuses(engine, PLATFORMS[other]) in ({"ACTIVE"}, {"ENABLED"})
    rows = engine.rows("SELECT DISTINCT attempts FROM ad_changes WHERE rule_id = %(id)s", id=other)
    assert [row.attempts for row in rows] == [1]


@platforms
def test_three_answers_of_ten_are_lost(busy: Engine, platform: str) -> None:
    """Writes are applied and their answers lost: ten turns of the weather, and each change is written exactly once."""
    account = PLATFORMS[platform]
    where = writes_of(busy, platform)
    busy.sandbox.fault(platform, "reset_after_applying", probability=0.3, seed=7, **where)
    for turn in range(10):
        busy.judge(RAIN if turn % 2 == 0 else DRY, platform)
        settle(busy, account)
    (fault,) = busy.sandbox.get("/_sandbox/faults").json()["faults"]
    assert fault["struck"] >= 2
    written = [write for write in busy.writes() if write[1] == "status"]
    assert len(written) == 10 * 12
    assert statuses(busy, account) == {"PAUSED"}
    assert {row.state for row in busy.rows("SELECT state FROM ad_changes")} == {"confirmed"}
    assert busy.value("SELECT max(attempts) FROM ad_changes") == 1
    judge(busy)
    others_are_untouched(busy, platform)


@platforms
def test_a_storm_of_500(busy: Engine, platform: str) -> None:
    """Every call fails: after five the breaker holds them back, which costs no attempt, and one probe at a time goes
    out. When it is over every change is made once. The other platform notices nothing."""
    account = PLATFORMS[platform]
    busy.judge(RAIN, platform)
    before = made(busy, platform)
    busy.sandbox.fault(platform, "status", status=500)
    for _ in range(12):
        busy.act(account)
        busy.later(A_MINUTE)
    assert made(busy, platform) - before <= 5 + 1
    others_are_untouched(busy, platform)
    assert busy.value("SELECT max(attempts) FROM ad_changes WHERE rule_id = %(id)s", id=platform) == 0
    busy.sandbox.heal()
    busy.redis.hset(f"wt-test:gate:{platform}::breaker", "opened_at", 0)  # as if the time was over that it stays open
    settle(busy, account, passed=A_QUARTER)
    assert busy.value("SELECT max(attempts) FROM ad_changes") == 1
    judge(busy)


@platforms
def test_a_storm_of_500_on_writes_alone(busy: Engine, platform: str) -> None:
    """Reads succeed, so the breaker stays closed: each try is an attempt, after a look and a wait that grows."""
    account = PLATFORMS[platform]
    busy.judge(RAIN, platform)
    busy.sandbox.fault(platform, "status", status=500, count=3, **writes_of(busy, platform))
    settle(busy, account, passed=A_QUARTER)
    assert busy.value("SELECT max(attempts) FROM ad_changes WHERE rule_id = %(id)s", id=platform) == 4
    assert statuses(busy, account) in ({"ACTIVE"}, {"ENABLED"})
    judge(busy)


@platforms
def test_a_platform_that_hangs(busy: Engine, platform: str) -> None:
    """A call ends when its time is over (10 s by default, here one): the account is given back, and later the change is
    made once."""
    assert Bounds().total <= 10
    account, url = PLATFORMS[platform], busy.sandbox.url
    quick = Bounds(read=1, total=1)
    clients: dict[str, AdPlatform] = {
        "meta_ads": MetaAds(MetaCredentials("sandbox"), base_url=url, bounds=quick),
        "google_ads": GoogleAds(
            GoogleCredentials("c", "a-secret", "a-token"), base_url=url, oauth_url=url, bounds=quick
        ),
    }
    step = busy.action(clients)
    busy.judge(RAIN, platform)
    busy.sandbox.fault(platform, "hang", seconds=30)
    began = time.monotonic()
    step(ApplyChanges(account))
    assert time.monotonic() - began < 20
    others_are_untouched(busy, platform)
    busy.sandbox.heal()
    settle(busy, account, passed=A_QUARTER)
    assert busy.value("SELECT max(attempts) FROM ad_changes") == 1
    judge(busy)


@platforms
def test_a_storm_of_limits(busy: Engine, platform: str) -> None:
    """Each hint is obeyed within a tenth: before its time no call is made, however often the account is rung, and no
    attempt is used up."""
    account, hint = PLATFORMS[platform], timedelta(minutes=7)
    busy.judge(RAIN, platform)
    for _ in range(3):
        if platform == "meta_ads":
            busy.sandbox.meta("limits", limit="ads_management", account=META_ACCOUNT, blocked=hint.total_seconds())
        else:
            error = {"error": "quotaError.RESOURCE_EXHAUSTED", "status": 429, "retry_delay": f"{hint.seconds}s"}
            order(busy, f"/{CUSTOMER}/errors", **error)
        busy.act(account)
        waits = busy.rows(
            "SELECT next_at - clock_ms() AS wait FROM ad_fields WHERE account_id = %(id)s AND applied < generation",
            id=account,
        )
        assert len(waits) == 12
        assert all(hint * 0.9 <= row.wait <= hint * 1.1 for row in waits)
        calls = made(busy, platform)
        busy.execute("UPDATE ad_fields SET next_at = clock_ms() WHERE account_id = %(id)s", id=account)
        for _ in range(5):
            busy.act(account)
            busy.execute("UPDATE ad_fields SET next_at = clock_ms() WHERE account_id = %(id)s", id=account)
        assert made(busy, platform) == calls
        if platform == "meta_ads":
            busy.judge(RAIN, "kasa")
            busy.act(KASA)
            assert ("ad_set/33847", "status", "ACTIVE") in busy.writes()
        busy.later(hint * 1.1)
        if platform == "meta_ads":
            busy.sandbox.meta("limits", limit="ads_management", account=META_ACCOUNT, blocked=0)
    others_are_untouched(busy, platform)
    settle(busy, account, passed=A_MINUTE)
    assert busy.value("SELECT max(attempts) FROM ad_changes") == 1
    assert busy.value("SELECT min(attempts) FROM ad_changes") == 1
    judge(busy)


@platforms
def test_a_token_that_is_revoked_in_the_middle(busy: Engine, platform: str) -> None:
    """After the first batch: the account is paused with its reason, one notice, no further call. With good credentials
    and `resume` the rest is made, each change once."""
    account = PLATFORMS[platform]
    siblings = [{"resource": f"ad_set/81{n:02}", "parent": "campaign/7000", "status": "PAUSED"} for n in range(3)]
    document = {"platform": "meta_ads", "id": META_ACCOUNT, "currency": "USD", "entities": siblings}
    assert busy.sandbox.json("/_sandbox/entities", {"accounts": [document]}).status_code == 201
    busy.apply(rule("siblings", *[status(f"81{n:02}") for n in range(3)]))
    busy.judge(RAIN, platform, "siblings")

    def revoke() -> None:
        if platform == "meta_ads":
            busy.sandbox.meta("tokens", token="sandbox", state="revoked")
        else:
            order(busy, revoke="sandbox", end_tokens=True)

    moment = {"meta_ads": "landed", "google_ads": "decided"}[platform]
    clients = {**busy.platforms, platform: InterruptedPlatform(busy.platforms[platform], **{moment: revoke})}
    busy.action(clients)(ApplyChanges(account))
    busy.later(timedelta(minutes=1))  # Google's write is not sent again: the next look finds out why it was refused
    busy.act(account)
    assert f"accounts resume {account}" in (busy.paused_reason(account) or "")
    calls = made(busy, platform)
    for _ in range(5):
        busy.later(AN_HOUR)
        busy.act(account)
    assert made(busy, platform) == calls
    assert busy.value("SELECT count(*) FROM notifications WHERE kind = 'account_paused'") == 1
    others_are_untouched(busy, platform)
    if platform == "meta_ads":
        busy.sandbox.meta("tokens", token="sandbox", state="good")
    else:
        assert busy.sandbox.session.delete(f"{busy.sandbox.url}/_sandbox/google_ads", timeout=5).status_code == 200
    busy.resume(Covered(Scope.ACCOUNT, account))
    settle(busy, account)
    assert busy.value("SELECT max(attempts) FROM ad_changes") == 1
    judge(busy)


def test_one_poisoned_entity_in_a_batch_of_fifty_at_meta(engine: Engine) -> None:
    """Its write is refused; the other 49 of the same call go through, at the first try, and are not sent again."""
    ad_sets = grow(engine, 50)
    engine.apply(rule("wet", *[status(ad_set) for ad_set in ad_sets]))
    engine.judge(RAIN, "wet")
    engine.sandbox.meta("troubles", node=ad_sets[17], kind="error", code=100, subcode=1885272, method="POST")
    before = engine.sandbox.journal()[-1]["seq"]
    engine.act(META)
    posts = [entry for entry in engine.sandbox.journal(before) if entry["method"] == "POST"]
    assert [entry["calls"] for entry in posts] == [50]
    states = engine.rows(
        "SELECT state, count(*) AS many, max(attempts) AS most FROM ad_changes GROUP BY state ORDER BY 1"
    )
    assert [tuple(row) for row in states] == [("confirmed", 49, 1), ("rejected", 1, 1)]
    engine.later(AN_HOUR)
    engine.act(META)
    assert len(engine.writes()) == 49
    judge(engine)


def test_one_poisoned_entity_in_a_batch_of_fifty_at_google(engine: Engine) -> None:
    """A partial failure names the operation: the other 49 of the same mutate are done, once."""
    for number in range(50):
        budget, campaign = f"campaign_budget/5{number:03}", f"campaign/6{number:03}"
        add(engine, {"resource": budget, "daily_budget": "10000000"})
        add(engine, {"resource": campaign, "status": "PAUSED", "budget": budget})
    engine.apply(rule("wet", *[campaign_status(f"6{number:03}") for number in range(50)]))
    engine.judge(RAIN, "wet")
    poison = {"error": "mutateError.MUTATE_NOT_ALLOWED", "resource": "campaign/6017", "count": 100}
    order(engine, f"/{CUSTOMER}/errors", **poison)
    engine.act(GOOGLE)
    states = engine.rows(
        "SELECT state, count(*) AS many, max(attempts) AS most FROM ad_changes GROUP BY state ORDER BY 1"
    )
    assert [tuple(row) for row in states] == [("confirmed", 49, 1), ("rejected", 1, 1)]
    assert sum("mutate" in entry["path"] for entry in engine.sandbox.journal()) == 1
    engine.later(AN_HOUR)
    engine.act(GOOGLE)
    assert len(engine.writes()) == 49
    judge(engine)
