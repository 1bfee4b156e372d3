"""Limits that an ad account has of its own (`accounts set-limit`), and work that is larger than what is left of one."""

import json
from datetime import timedelta
from typing import Any

import pytest
from redis import Redis

from tests.integration.commands import Run, assert_refused
from tests.integration.engine import NAMESPACE, Engine
from tests.integration.rule_documents import GOOGLE, META, RAIN, budget, campaign_budget, rule, status
from tests.integration.test_changes_at_meta import grow
from weathertrigger.call_limits import CallLimit, own_limit, with_own
from weathertrigger.errors import HeldBack
from weathertrigger.limits.gate import Gate
from weathertrigger.messages import ApplyChanges
from weathertrigger.storage import accounts
from weathertrigger.storage.accounts import Account
from weathertrigger.storage.database import Database

HOUR, DAY = timedelta(hours=1), timedelta(hours=24)
PROJECT = CallLimit(20, DAY)
OF_META = CallLimit(200, HOUR, per_account=True)
A_GOOD_HOUR = timedelta(minutes=70)


def google_gate(redis: Redis, database: Database) -> Gate:
    """Before Google, where all accounts share twenty operations a day."""
    return Gate(redis=redis, namespace=NAMESPACE, database=database, service="google_ads", limits=[PROJECT])


def lets_out(gate: Gate, account: str, calls: int, own: int | None = None) -> bool:
    try:
        with gate.admit(calls, account=account, own=own_limit([PROJECT], own)):
            return True
    except HeldBack:
        return False


def stats(run: Run) -> dict[tuple[str, str | None], dict[str, Any]]:
    """The lines of the ad platforms by service and account."""
    done = run("rate-limit-stats", "--output", "json")
    assert done.returncode == 0, done.stderr
    return {(row["service"], row["account"]): row for row in json.loads(done.stdout) if row["service"].endswith("_ads")}


def test_where_each_account_has_a_limit_its_own_takes_its_place() -> None:
    """And where all share one, both hold."""
    assert with_own([OF_META], None) == (OF_META,)
    assert with_own([OF_META], 1000) == (CallLimit(1000, HOUR, per_account=True),)
    assert with_own([PROJECT], 7) == (CallLimit(7, DAY, per_account=True),)


def test_a_part_of_what_all_share(redis_client: Redis, database: Database) -> None:
    """An account with seven of the twenty has seven; what it was refused it has not used, here nor there."""
    gate = google_gate(redis_client, database)
    assert lets_out(gate, "a", 5, own=7)
    assert not lets_out(gate, "a", 3, own=7)
    assert lets_out(gate, "a", 2, own=7)
    assert not lets_out(gate, "a", 1, own=7)
    assert lets_out(gate, "b", 13)
    assert not lets_out(gate, "b", 1)


def test_what_all_have_used_up_is_not_taken_from_the_part(redis_client: Redis, database: Database) -> None:
    """A call that the common limit refuses gives its hits back to the account's own."""
    gate = google_gate(redis_client, database)
    assert lets_out(gate, "b", 18)
    for _ in range(5):
        assert not lets_out(gate, "a", 3, own=7)
    assert lets_out(gate, "a", 2, own=7)
    redis_client.delete(f"{NAMESPACE}:gate:google_ads::hits")  # as if the others' calls had left the window
    database.run(lambda tx: tx.execute("DELETE FROM api_calls WHERE account_id = 'b'"))
    assert lets_out(gate, "a", 5, own=7)


def test_a_limit_of_its_own_survives_that_redis_forgets(redis_client: Redis, database: Database) -> None:
    """FLUSHALL: both are seeded from the calls in PostgreSQL, each with its own."""
    gate = google_gate(redis_client, database)
    assert lets_out(gate, "a", 6, own=7)
    assert lets_out(gate, "b", 12)
    redis_client.flushall()
    assert not lets_out(gate, "a", 2, own=7)
    assert lets_out(gate, "a", 1, own=7)
    assert lets_out(gate, "b", 1)
    assert not lets_out(gate, "b", 1)


def test_a_limit_counts_without_a_restart(engine: Engine, run: Run) -> None:
    """The same step obeys it from its next look on, in both directions; lists and figures show it; it is audited."""
    step = engine.action()
    assert run("accounts", "set-limit", META, "5").returncode == 0
    assert stats(run)["meta_ads", META]["limit"] == 5
    (line,) = [row for row in json.loads(run("accounts", "list", "--output", "json").stdout) if row["id"] == META]
    assert line["call_limit"] == 5
    engine.apply(rule("wet", status("23847"), status("23868")))
    engine.judge(RAIN, "wet")
    step(ApplyChanges(META))
    first = len(engine.writes())
    assert first < 2
    done = run("accounts", "set-limit", META, "default")
    assert "as many calls as the settings say: 200 in 1 h" in done.stderr
    step(ApplyChanges(META))
    assert len(engine.writes()) == 2
    assert stats(run)["meta_ads", META]["limit"] == 200
    rows = engine.rows("SELECT what, before ->> 'call_limit' AS was, after ->> 'call_limit' AS now FROM audit_log")
    assert [tuple(row) for row in rows] == [
        ("accounts set-limit", None, "5"),
        ("accounts set-limit", "5", None),
    ]


def test_a_limit_at_google_is_shown_beside_that_of_all(engine: Engine, run: Run) -> None:
    """The account's own, and the project's; what was used counts for both."""
    assert run("accounts", "set-limit", GOOGLE, "50").returncode == 0
    engine.apply(rule("wet", campaign_budget("111")))
    engine.turn(RAIN, "wet")
    lines = stats(run)
    made = engine.calls_made()["google_ads"]
    assert (lines["google_ads", GOOGLE]["used"], lines["google_ads", GOOGLE]["limit"]) == (made, 50)
    assert (lines["google_ads", None]["used"], lines["google_ads", None]["limit"]) == (made, 10_000)


@pytest.mark.parametrize("calls", ["4", "0", "-1", "x", "1e3", "\u0665\u0665", "100000001", ""])
def test_what_is_no_limit(engine: Engine, run: Run, calls: str) -> None:
    """2, in one sentence, and nothing is changed."""
    assert_refused(run("accounts", "set-limit", META, "--", calls), 2, "CALLS must be a whole number from 5")
    assert engine.value("SELECT call_limit FROM ad_accounts WHERE id = %(id)s", id=META) is None


def test_a_limit_of_nobody(engine: Engine, run: Run) -> None:
    """3: there is no such account."""
    assert engine
    assert_refused(run("accounts", "set-limit", "nobody", "50"), 3, "There is no ad account 'nobody'")


def test_more_work_than_a_limit_has_calls_is_done_bit_by_bit(engine: Engine) -> None:
    """Sixty changes with twenty calls an hour: each hour as many are read as can be written too, none is read again
    and again for nothing, and none loses an attempt; in the end all are made."""
    engine.limits = {"meta_ads": (CallLimit(20, HOUR, per_account=True),)}
    ad_sets = grow(engine, 60)
    engine.limits = {}
    engine.apply(rule("wet", *[status(ad_set) for ad_set in ad_sets]))
    engine.limits = {"meta_ads": (CallLimit(20, HOUR, per_account=True),)}
    engine.redis.flushall()
    engine.execute("DELETE FROM api_calls")
    engine.judge(RAIN, "wet")
    made = []
    for _ in range(12):
        before = len(engine.writes())
        engine.act(META)
        made.append(len(engine.writes()) - before)
        forget_calls(engine)
        engine.later(A_GOOD_HOUR)
    assert len(engine.writes()) == 60
    assert made[0] == 8  # of sixteen that are not kept back
    rows = engine.rows("SELECT DISTINCT state, attempts FROM ad_changes")
    assert [(row.state, row.attempts) for row in rows] == [("confirmed", 1)]


def test_with_the_default_limit_a_storm_over_two_hundred_ad_sets_goes_through(engine: Engine) -> None:
    """200 calls an hour, 200 changes: those that were read are written, not all read and none written."""
    ad_sets = grow(engine, 200)
    engine.apply(*[rule(f"wet-{part}", *[status(one) for one in ad_sets[part::2]]) for part in (0, 1)])
    engine.limits = {"meta_ads": (OF_META,)}
    engine.redis.flushall()
    engine.execute("DELETE FROM api_calls")
    engine.judge(RAIN, "wet-0", "wet-1")
    engine.act(META)
    assert len(engine.writes()) >= 60
    for _ in range(3):
        forget_calls(engine)
        engine.later(A_GOOD_HOUR)
        engine.act(META)
    assert len(engine.writes()) == 200


def test_dry_runs_are_worked_out_bit_by_bit_too(engine: Engine) -> None:
    """Two budgets, and one call left for what only looks: one now, the other an hour later."""
    engine.apply(rule("dry", budget("23848"), budget("23868"), mode="dry_run"))
    engine.judge(RAIN, "dry")
    engine.limits = {"meta_ads": (CallLimit(5, HOUR, per_account=True),)}
    forget_calls(engine)
    with engine.ad_gates.admit(accounts_of(engine)[META], urgent=False)(1):
        pass
    states = "SELECT state FROM ad_changes ORDER BY state"
    engine.act(META)
    assert [row.state for row in engine.rows(states)] == ["dry_run", "planned"]
    forget_calls(engine)
    engine.later(A_GOOD_HOUR)
    engine.act(META)
    assert [row.state for row in engine.rows(states)] == ["dry_run", "dry_run"]


def test_looks_leave_calls_to_changes(engine: Engine) -> None:
    """Ten owned fields are looked at every hour with ten calls; a change that comes meanwhile still finds room."""
    ad_sets = grow(engine, 10)
    engine.apply(rule("wet", *[status(ad_set) for ad_set in ad_sets]), rule("more", budget("23848")))
    engine.turn(RAIN, "wet")
    engine.limits = {"meta_ads": (CallLimit(10, HOUR, per_account=True),)}
    forget_calls(engine)
    engine.later(A_GOOD_HOUR)
    engine.act(META)
    assert engine.value("SELECT sum(calls) FROM api_calls") == 5
    engine.turn(RAIN, "more")
    assert engine.writes()[-1] == ("ad_set/23848", "daily_budget", "9600")


def forget_calls(engine: Engine) -> None:
    """As if an hour had passed for the limits."""
    engine.redis.delete(f"{NAMESPACE}:gate:meta_ads:{META}:hits")
    engine.execute("DELETE FROM api_calls")


def accounts_of(engine: Engine) -> dict[str, Account]:
    with engine.database.transaction() as tx:
        return {one.id: one for one in accounts.all_accounts(tx)}
