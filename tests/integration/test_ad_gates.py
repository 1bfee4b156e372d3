"""The gates before the ad platforms: limits with a share kept back, breaker, cool-downs; every call counted once."""

from datetime import timedelta
from fractions import Fraction

import pytest

from tests.integration.engine import Engine
from tests.integration.interrupted_platform import InterruptedPlatform
from tests.integration.rule_documents import DRY, GOOGLE, META, OWNER, RAIN, budget, campaign_budget, rule, status
from weathertrigger.call_limits import CallLimit
from weathertrigger.domain.rule import Mode
from weathertrigger.errors import HeldBack
from weathertrigger.messages import ApplyChanges
from weathertrigger.platforms.usage import Usage
from weathertrigger.storage import accounts
from weathertrigger.storage.accounts import Account

LIMIT = 20
BUDGET = ("ad_set/23848", "daily_budget")


@pytest.fixture
def short(engine: Engine) -> Engine:
    """At Meta twenty calls an hour, at Google twenty a day, of which four are kept back."""
    engine.limits = {
        "meta_ads": (CallLimit(LIMIT, timedelta(hours=1), per_account=True),),
        "google_ads": (CallLimit(LIMIT, timedelta(hours=24)),),
    }
    return engine


def account(engine: Engine, account_id: str = META) -> Account:
    with engine.database.transaction() as tx:
        found = accounts.get(tx, account_id)
    assert found is not None
    return found


def use_up(engine: Engine, *, leave: int, account_id: str = META) -> None:
    """Others make calls until so many are left."""
    with pytest.raises(HeldBack) as held, engine.ad_gates.admit(account(engine, account_id), urgent=True)(LIMIT):
        pass
    with engine.ad_gates.admit(account(engine, account_id), urgent=True)(held.value.left - leave):
        pass


def attempts(engine: Engine) -> list[tuple[str, int]]:
    return [(row.state, row.attempts) for row in engine.changes(*BUDGET)]


def test_a_revert_goes_out_on_the_last_calls_and_a_raise_waits(short: Engine) -> None:
    """Semantics 24: of the calls that are left a fifth of the limit is for putting back and for pausing; a raise waits,
    and the wait costs no attempt."""
    short.apply(rule("wet", budget("23848")), rule("more", budget("23868")))
    short.turn(RAIN, "wet")
    assert short.writes() == [(*BUDGET, "9600")]
    use_up(short, leave=4)
    short.judge(RAIN, "more")
    short.judge(DRY, "wet")
    short.act(META)
    assert short.writes()[1:] == [(*BUDGET, "8000")]
    (waiting,) = short.changes("ad_set/23868", "daily_budget")
    assert (waiting.state, waiting.attempts) == ("planned", 0)
    assert short.field("ad_set/23868", "daily_budget").next_at > short.value("SELECT clock_ms()")


def test_what_is_to_go_back_by_now_does_not_wait_for_calls(short: Engine) -> None:
    """Semantics 24 and 25: a raise had to wait for calls; while others are read it has become a revert."""
    short.apply(rule("wet", budget("23848")), rule("more", budget("23868")))
    short.turn(RAIN, "wet", "more")
    found = short.field("ad_set/23868", "daily_budget").baseline
    short.apply(rule("more", budget("23868", "+30 %")))
    use_up(short, leave=5)
    short.judge(DRY, "wet")
    busy = InterruptedPlatform(short.platforms["meta_ads"], looked=lambda: short.judge(DRY, "more"))
    short.action({"meta_ads": busy})(ApplyChanges(META))
    assert short.writes()[2:] == [(*BUDGET, "8000"), ("ad_set/23868", "daily_budget", found)]


def test_a_pause_goes_out_on_the_last_calls(short: Engine) -> None:
    """Semantics 24: an ad set is paused when hardly a call is left."""
    short.apply(rule("stop", status("23858", "paused")))
    use_up(short, leave=4)
    short.turn(RAIN, "stop")
    assert short.writes() == [("ad_set/23858", "status", "PAUSED")]


def test_at_google_too_a_revert_goes_out_on_the_last_calls(short: Engine) -> None:
    """Semantics 24: of the day's operations a fifth is for putting back and for pausing, and a raise waits."""
    short.apply(rule("wet", campaign_budget("111")), rule("more", campaign_budget("112")))
    short.turn(RAIN, "wet")
    use_up(short, leave=4, account_id=GOOGLE)
    short.judge(RAIN, "more")
    short.judge(DRY, "wet")
    short.act(GOOGLE)
    raised, back = short.writes()
    assert (raised[0], back) == (back[0], ("campaign_budget/444", "daily_budget", "50000000"))
    waiting = short.row("SELECT c.* FROM ad_changes c WHERE rule_id = 'more'")
    assert (waiting.state, waiting.attempts) == ("planned", 0)


def test_what_goes_back_or_pauses_is_written_first(engine: Engine) -> None:
    """Semantics 24: of ad sets of one campaign, each of which is a call of its own, the one that is paused comes first,
    though it was known last."""
    engine.apply(rule("early", status("23847"), status("23849")), rule("late", status("23857")))
    engine.turn(RAIN, "late")
    engine.judge(DRY, "late")
    engine.judge(RAIN, "early")
    engine.act(META)
    assert engine.writes()[1:] == [
        ("ad_set/23857", "status", "PAUSED"),
        ("ad_set/23847", "status", "ACTIVE"),
        ("ad_set/23849", "status", "ACTIVE"),
    ]


def test_a_dry_run_comes_after_everything_else(engine: Engine) -> None:
    """Semantics 24 and 27: nobody waits for what is only tried, with a platform that takes its time least of all."""
    engine.apply(rule("wet", budget("23848")), rule("try", budget("23868"), mode="dry_run"))
    engine.turn(RAIN, "wet")
    engine.judge(RAIN, "try")
    engine.judge(DRY, "wet")
    after_the_first_call: list[tuple[str, str, str]] = []
    platform = InterruptedPlatform(
        engine.platforms["meta_ads"], landed=lambda: after_the_first_call.extend(engine.writes()[1:])
    )
    engine.action({"meta_ads": platform})(ApplyChanges(META))
    assert after_the_first_call == [(*BUDGET, "8000")]
    assert [row.state for row in engine.changes("ad_set/23868", "daily_budget")] == ["dry_run"]


def test_an_account_with_something_to_put_back_comes_first_when_the_breaker_closes(engine: Engine) -> None:
    """Semantics 24: it is looked at before another one of the same platform that only raises, and rung before it."""
    with engine.database.transaction() as tx:
        accounts.add(tx, Account("meta-zebra", OWNER, "meta_ads", "act_1002", "JPY", Mode.LIVE))
    engine.apply(rule("more", budget("23848")), rule("back", {**status("33847", "paused"), "account": "meta-zebra"}))
    engine.judge(RAIN, "more", "back")
    engine.sandbox.fault("meta_ads", "status", status=503)
    for _ in range(6):
        engine.act(META, "meta-zebra")
        engine.execute("UPDATE ad_fields SET next_at = clock_ms()")
    engine.act(META, "meta-zebra")
    urgent, other = engine.field("ad_set/33847", "status"), engine.field(*BUDGET)
    assert urgent.next_at < other.next_at
    engine.execute("UPDATE ad_fields SET next_at = clock_ms()")
    with engine.database.transaction() as tx:
        assert list(accounts.with_due_changes(tx)) == ["meta-zebra", META]


def test_a_revert_while_the_breaker_opens(engine: Engine) -> None:
    """Semantics 24 and 26: it waits like everything, loses no attempt to the breaker, and goes out once it closes."""
    engine.apply(rule("wet", budget("23848")))
    engine.turn(RAIN, "wet")
    engine.judge(DRY, "wet")
    engine.sandbox.fault("meta_ads", "status", status=503)
    for _ in range(8):
        engine.act(META)
        engine.execute("UPDATE ad_fields SET next_at = clock_ms()")
    assert attempts(engine)[-1] == ("planned", 0)
    assert engine.writes() == [(*BUDGET, "9600")]
    engine.sandbox.heal()
    engine.redis.hset("wt-test:gate:meta_ads::breaker", "opened_at", 0)  # as if its time was over
    engine.execute("UPDATE ad_fields SET next_at = clock_ms()")
    engine.act(META)
    assert engine.writes() == [(*BUDGET, "9600"), (*BUDGET, "8000")]
    assert attempts(engine)[-1] == ("confirmed", 1)


def test_nothing_goes_out_when_nothing_is_left(short: Engine) -> None:
    """Not even a revert: the limit is the platform's. It goes out when calls are free again, and no attempt is lost."""
    short.apply(rule("wet", budget("23848")))
    short.turn(RAIN, "wet")
    use_up(short, leave=0)
    short.turn(DRY, "wet")
    assert short.writes() == [(*BUDGET, "9600")]
    assert attempts(short)[-1] == ("planned", 0)
    short.limits = {}
    short.later(timedelta(hours=1, minutes=5))
    short.act(META)
    assert short.writes()[1:] == [(*BUDGET, "8000")]


def test_a_dead_platform_is_left_alone_and_slows_no_other(engine: Engine) -> None:
    """Five failures open Meta's breaker: no call leaves for it, and changes wait; Google goes on."""
    engine.apply(rule("wet", budget("23848"), campaign_budget("111")))
    engine.judge(RAIN, "wet")
    engine.sandbox.fault("meta_ads", "status", status=503)
    for _ in range(8):
        engine.act(META)
        engine.later(timedelta(minutes=20))
    made = engine.calls_made()["meta_ads"]
    assert made <= 5 + 1  # the first one was the look of `apply`
    engine.act(META)
    assert engine.calls_made()["meta_ads"] == made
    engine.act(GOOGLE)
    assert engine.writes() == [("campaign_budget/444", "daily_budget", "60000000")]
    assert [row.kind for row in engine.rows("SELECT kind FROM notifications")] == ["breaker_open"]
    with pytest.raises(HeldBack, match="failed too often"), engine.ad_gates.admit(account(engine), urgent=True)(1):
        pass


def test_the_headers_of_usage_are_obeyed_before_the_wall(engine: Engine) -> None:
    """From 75 % on nobody calls that account for a while, the longer the fuller; others are not held back."""
    ours = account(engine)
    engine.ad_gates.obey(ours, Usage(74.0))
    with engine.ad_gates.admit(ours, urgent=False)(1):
        pass
    engine.ad_gates.obey(ours, Usage(90.0))
    with (
        pytest.raises(HeldBack, match="90 % of its calls are used") as held,
        engine.ad_gates.admit(ours, urgent=True)(1),
    ):
        pass
    assert timedelta(seconds=100) < held.value.retry_after <= timedelta(seconds=108)
    with engine.ad_gates.admit(account(engine, GOOGLE), urgent=False)(1):
        pass


def test_every_call_is_counted_once(engine: Engine) -> None:
    """Decision 10: executions and calls apart add up to what the platforms saw, also when a call comes to nothing."""
    engine.apply(rule("wet", budget("23848"), campaign_budget("111")))
    engine.turn(RAIN, "wet")
    engine.sandbox.fault("meta_ads", "status", status=503, count=1)
    engine.turn(DRY, "wet")
    engine.later(timedelta(minutes=20))
    engine.act()
    assert engine.calls_counted() == engine.calls_made()
    with engine.database.transaction() as tx:
        hours = {
            row.service: row.calls for row in tx.rows("SELECT service, sum(calls) AS calls FROM api_calls GROUP BY 1")
        }
    assert hours == engine.calls_made()


def test_no_more_than_a_fifth_is_kept_back(short: Engine) -> None:
    """Of twenty calls sixteen are for everything, all twenty for what is urgent."""
    gates, ours = short.ad_gates, account(short)
    with gates.admit(ours, urgent=False)(16):
        pass
    with pytest.raises(HeldBack), gates.admit(ours, urgent=False)(1):
        pass
    with gates.admit(ours, urgent=True)(4):
        pass
    with pytest.raises(HeldBack), gates.admit(ours, urgent=True)(1):
        pass
    assert Fraction(4, LIMIT) == Fraction(1, 5)
