"""The ad platforms in trouble, with real processes; the sandbox's journal is the judge.

In short, with steps as objects: `tests/integration/test_ad_faults.py`.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis

from tests.acceptance.ads_ground import ACCOUNTS, EACH, AdsGround, ads_ground, pauses
from tests.contract.sandbox_server import CUSTOMER as GOOGLE_PATH
from tests.contract.sandbox_server import META as META_ACCOUNT
from tests.integration.rule_documents import DRY, META, RAIN
from tests.processes import wait_until
from weathertrigger.storage.pauses import Covered, Scope

pytestmark = pytest.mark.faults

platforms = pytest.mark.parametrize("platform", list(ACCOUNTS))
_WRITES = {"meta_ads": {"method": "POST"}, "google_ads": {"path": "mutate"}}
_A_QUARTER = timedelta(minutes=16)


@pytest.fixture
def ground(tmp_path: Path, migrated_url: str, redis_url: str, redis_client: Redis) -> Iterator[AdsGround]:
    """An installation of the test's own, running."""
    assert redis_client.ping()
    with ads_ground(tmp_path, migrated_url, redis_url) as running:
        yield running


def other_than(platform: str) -> str:
    return next(one for one in ACCOUNTS if one != platform)


def is_untouched(ground: AdsGround, platform: str) -> None:
    """The account at the other platform is changed at once, in the middle of the trouble, at the first try."""
    other = other_than(platform)
    ground.engine.judge(RAIN, other)
    wait_until(lambda: ground.is_done(ACCOUNTS[other]), patience_s=90, every_s=0.05)
    assert ground.held(other) == {"ACTIVE": EACH}
    assert ground.most_attempts(other) == 1


@platforms
def test_three_answers_of_ten_are_lost(ground: AdsGround, platform: str) -> None:
    """Twelve turns of the weather: every change is made, and written exactly once."""
    ground.engine.sandbox.fault(platform, "reset_after_applying", probability=0.3, seed=11, **_WRITES[platform])
    for turn in range(12):
        ground.engine.judge(RAIN if turn % 2 == 0 else DRY, platform)
        ground.settle(ACCOUNTS[platform])
        assert ground.held(platform) == {"ACTIVE" if turn % 2 == 0 else "PAUSED": EACH}
    (fault,) = ground.engine.sandbox.get("/_sandbox/faults").json()["faults"]
    written = len([write for write in ground.engine.writes() if write[1] == "status"])
    print(f"\n{platform}: {fault['struck']} answers lost, {written} writes, repeated {ground.repeated()}")  # noqa: T201 - for `pytest -s`
    assert fault["struck"] >= 2
    assert written == 12 * EACH
    assert not ground.repeated()
    assert ground.most_attempts(platform) == 1
    is_untouched(ground, platform)


@platforms
def test_a_storm_of_500(ground: AdsGround, platform: str) -> None:
    """Half a minute of it in real time, however often the account is rung: few calls go out, no attempt is used up, and
    the other platform is as fast as ever. Then every change is made, once."""
    seen = len(ground.calls(platform))
    ground.engine.sandbox.fault(platform, "status", status=500)
    ground.engine.judge(RAIN, platform)
    for _ in range(15):
        ground.engine.execute("UPDATE ad_fields SET next_at = clock_ms() WHERE next_at IS NOT NULL")
        wait_for_seconds(ground, 2)
    made = len(ground.calls(platform)) - seen
    print(f"\n{platform}: {made} calls in half a minute of 500")  # noqa: T201 - for `pytest -s`
    assert made <= 5 + 16 + 2
    assert ground.most_attempts(platform) == 0
    is_untouched(ground, platform)
    ground.engine.sandbox.heal()
    ground.close_breaker_soon(platform)
    ground.settle(ACCOUNTS[platform], _A_QUARTER)
    assert ground.held(platform) == {"ACTIVE": EACH}
    assert not ground.repeated()


@platforms
def test_a_platform_that_hangs(ground: AdsGround, platform: str) -> None:
    """A call ends within 20 s: the first failure is recorded by then. The other platform is done meanwhile."""
    seen = ground.engine.sandbox.journal()[-1]["seq"]
    ground.engine.sandbox.fault(platform, "hang", seconds=60)
    ground.engine.judge(RAIN, platform)
    wait_until(lambda: ground.calls(platform, seen), patience_s=30, every_s=0.05)
    began = ground.engine.value("SELECT clock_ms()")
    is_untouched(ground, platform)
    failed = "SELECT count(*) FROM ad_fields WHERE account_id = %(id)s AND failures > 0"
    wait_until(lambda: ground.engine.value(failed, id=ACCOUNTS[platform]), patience_s=40, every_s=0.05)
    took = (ground.engine.value("SELECT clock_ms()") - began).total_seconds()
    print(f"\n{platform}: a call that hangs ended after {took:.1f} s")  # noqa: T201 - for `pytest -s`
    assert took <= 20
    ground.engine.sandbox.heal()
    ground.close_breaker_soon(platform)
    ground.settle(ACCOUNTS[platform], _A_QUARTER)
    assert ground.held(platform) == {"ACTIVE": EACH}
    assert not ground.repeated()


@platforms
def test_hints_of_a_storm_of_limits_are_obeyed(ground: AdsGround, platform: str) -> None:
    """A minute is asked for, twice in a row, and obeyed within a tenth, in real time; no attempt is used up."""
    seen = ground.engine.sandbox.journal()[-1]["seq"]
    if platform == "meta_ads":
        ground.engine.sandbox.meta("limits", limit="ads_management", account=META_ACCOUNT, blocked=115)
    else:
        error = {"error": "quotaError.RESOURCE_EXHAUSTED", "status": 429, "retry_delay": "60s", "count": 2}
        customer = GOOGLE_PATH.rpartition("/")[2]
        assert ground.engine.sandbox.json(f"/_sandbox/google_ads/{customer}/errors", error).status_code == 201
    ground.engine.judge(RAIN, platform)
    is_untouched(ground, platform)
    wait_until(lambda: ground.is_done(ACCOUNTS[platform]), patience_s=250, every_s=0.2)
    refused = [entry for entry in ground.calls(platform, seen) if entry["status"] != 200]
    between = pauses(ground.calls(platform, seen)[: len(refused) + 1])
    print(f"\n{platform}: asked again after {', '.join(f'{pause:.1f}' for pause in between)} s")  # noqa: T201 - for `pytest -s`
    assert len(between) >= 1
    assert all(60 <= pause <= 66 or 120 <= pause <= 132 for pause in between)
    assert ground.most_attempts(platform) == 1
    assert not ground.repeated()


@platforms
def test_a_token_that_is_revoked_in_the_middle(ground: AdsGround, platform: str) -> None:
    """While the changes are written: the account is paused, people are told once, and hardly a call follows, however
    often it is rung. With the token good again and after `resume` the rest is made, once."""
    engine, account = ground.engine, ACCOUNTS[platform]
    engine.sandbox.fault(platform, "latency", seconds=0.5, **_WRITES[platform])
    engine.judge(RAIN, platform)
    if platform == "meta_ads":
        wait_until(lambda: ground.held(platform)["ACTIVE"] > 0, patience_s=60, every_s=0.02)
        engine.sandbox.meta("tokens", token="sandbox", state="revoked")
    else:
        assert engine.sandbox.json("/_sandbox/google_ads", {"revoke": "sandbox", "end_tokens": True}).status_code == 200
    wait_until(lambda: engine.paused_reason(account), patience_s=60, every_s=0.02)
    seen = engine.sandbox.journal()[-1]["seq"]
    for _ in range(4):
        engine.later(timedelta(hours=1))
        wait_for_seconds(ground, 3)
    calls = ground.calls(platform, seen)
    print(f"\n{platform}: {len(calls)} calls after the account was paused")  # noqa: T201 - for `pytest -s`
    assert len(calls) <= 2  # of a worker that was just reading
    told = "SELECT count(*) FROM notifications WHERE kind = 'account_paused' AND subject = %(id)s"
    assert engine.value(told, id=account) == 1
    is_untouched(ground, platform)
    engine.sandbox.heal()
    if platform == "meta_ads":
        engine.sandbox.meta("tokens", token="sandbox", state="good")
    else:
        assert engine.sandbox.session.delete(f"{engine.sandbox.url}/_sandbox/google_ads", timeout=5).status_code == 200
    engine.resume(Covered(Scope.ACCOUNT, account))
    ground.settle(account, _A_QUARTER)
    assert ground.held(platform) == {"ACTIVE": EACH}
    assert not ground.repeated()


def test_one_poisoned_entity(ground: AdsGround) -> None:
    """Its change fails, all others are made at the first try."""
    ground.engine.sandbox.meta("troubles", node="8007", kind="error", code=100, subcode=1885272)
    ground.engine.judge(RAIN, "meta_ads")
    wait_until(lambda: ground.is_done(META), patience_s=60, every_s=0.05)
    assert ground.held("meta_ads") == {"ACTIVE": EACH - 1, "PAUSED": 1}
    assert ground.most_attempts("meta_ads") == 1
    assert not ground.repeated()
    is_untouched(ground, "meta_ads")


def wait_for_seconds(ground: AdsGround, seconds: int) -> None:
    """Lets so much time pass."""
    until = ground.engine.value("SELECT clock_ms()") + timedelta(seconds=seconds)
    wait_until(lambda: ground.engine.value("SELECT clock_ms()") >= until, patience_s=60, every_s=0.1)
