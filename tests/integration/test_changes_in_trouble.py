"""Changes of ads when answers are lost, refused or late, and when workers die (protocol C, semantics 24 to 26)."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import count
from typing import TypeVar, cast

import pytest

from services.ad_action.apply_changes import ApplyChangesStep
from services.scheduler.ring_due_changes import RingDueChanges
from tests.integration.engine import NAMESPACE, Engine
from tests.integration.interrupted_platform import InterruptedPlatform
from tests.integration.rule_documents import DRY, GOOGLE, META, RAIN, budget, campaign_budget, rule, status
from weathertrigger.broker import queue_key
from weathertrigger.domain.change import Carrier
from weathertrigger.messages import ApplyChanges
from weathertrigger.platforms.port import AdAccount, Admit, AdPlatform, ReadAnswer, at_once
from weathertrigger.storage.database import Database, Transaction
from weathertrigger.storage.pauses import Covered, Scope

T = TypeVar("T")

RAISED = ("ad_set/23848", "daily_budget", "9600")
BACK = ("ad_set/23848", "daily_budget", "8000")
META_WRITES = {"service": "meta_ads", "method": "POST"}
GOOGLE_WRITES = {"service": "google_ads", "path": "mutate"}
A_MINUTE = timedelta(minutes=1, seconds=1)
TWO_MINUTES = timedelta(minutes=2, seconds=1)
AN_HOUR = timedelta(minutes=61)


class Killed(BaseException):
    """The worker process ends here, without another word."""


def kill() -> None:
    raise Killed


def act_with(engine: Engine, **interruptions: Callable[[], object]) -> None:
    """Rings ad-action for the Meta account, with a platform that is interrupted."""
    platforms: dict[str, AdPlatform] = {**engine.platforms}
    platforms["meta_ads"] = InterruptedPlatform(engine.platforms["meta_ads"], **interruptions)
    engine.action(platforms)(ApplyChanges(META))


def fault(engine: Engine, where: dict[str, str], kind: str, count: int = 1, **more: object) -> None:
    engine.sandbox.fault(
        where["service"], kind, count=count, **{k: v for k, v in where.items() if k != "service"}, **more
    )


@pytest.fixture
def wet(engine: Engine) -> Engine:
    """An engine whose rule `wet` raises the budget of ad set 23848, with the raise planned."""
    engine.apply(rule("wet", budget("23848")))
    engine.judge(RAIN, "wet")
    return engine


def test_a_write_whose_answer_is_lost_is_read_back(wet: Engine) -> None:
    """Semantics 26: unknown, then seen twice two minutes apart, then confirmed; never written again."""
    fault(wet, META_WRITES, "reset_after_applying")
    wet.act(META)
    assert wet.changes("ad_set/23848", "daily_budget")[0].state == "unknown"
    for passed in (A_MINUTE, TWO_MINUTES):
        assert wet.changes("ad_set/23848", "daily_budget")[0].finished_at is None
        wet.later(passed)
        wet.act(META)
    (change,) = wet.changes("ad_set/23848", "daily_budget")
    assert (change.state, change.attempts) == ("confirmed", 1)
    assert wet.writes() == [RAISED]
    assert wet.calls_counted() == wet.calls_made()


def test_an_answer_that_cannot_be_read_is_no_answer(engine: Engine) -> None:
    """Semantics 26, at Google: a body that is cut in the middle proves nothing."""
    engine.apply(rule("wet", campaign_budget("111")))
    engine.judge(RAIN, "wet")
    fault(engine, GOOGLE_WRITES, "malformed")
    engine.act(GOOGLE)
    for passed in (A_MINUTE, TWO_MINUTES):
        engine.later(passed)
        engine.act(GOOGLE)
    assert engine.changes("campaign_budget/444", "daily_budget")[0].state == "confirmed"
    assert engine.writes() == [("campaign_budget/444", "daily_budget", "60000000")]


def test_a_write_that_never_arrived_is_repeated(wet: Engine) -> None:
    """The read shows the old value, so the write is made again, once."""
    fault(wet, META_WRITES, "reset")
    wet.act(META)
    assert wet.writes() == []
    wet.later(A_MINUTE)
    wet.act(META)
    (change,) = wet.changes("ad_set/23848", "daily_budget")
    assert (change.state, change.attempts) == ("confirmed", 2)
    assert wet.writes() == [RAISED]


def test_a_revert_whose_answer_is_lost(wet: Engine) -> None:
    """Semantics 26: a revert is read back too, and the field settles."""
    wet.act(META)
    wet.judge(DRY, "wet")
    fault(wet, META_WRITES, "reset_after_applying")
    wet.act(META)
    for passed in (A_MINUTE, TWO_MINUTES):
        wet.later(passed)
        wet.act(META)
    assert wet.writes() == [RAISED, BACK]
    assert [change.state for change in wet.changes("ad_set/23848", "daily_budget")] == ["confirmed", "confirmed"]


def test_a_refusal_is_final(engine: Engine) -> None:
    """C8: the change is rejected, the execution was no success, and the same decision is not tried again."""
    engine.apply(rule("wet", campaign_budget("111")))
    row = engine.judge(RAIN, "wet")["wet"]
    fault(engine, GOOGLE_WRITES, "status", count=100, status=400)
    engine.act(GOOGLE)
    (change,) = engine.changes("campaign_budget/444", "daily_budget")
    assert change.state == "rejected"
    assert change.error
    assert not engine.value("SELECT success FROM automation_executions WHERE id = %(id)s", id=row.id)
    tried = len([entry for entry in engine.sandbox.journal() if "mutate" in entry["path"]])
    for _ in range(3):
        engine.later(AN_HOUR)
        engine.act(GOOGLE)
    assert len([entry for entry in engine.sandbox.journal() if "mutate" in entry["path"]]) == tried == 1
    engine.sandbox.session.delete(f"{engine.sandbox.url}/_sandbox/faults", timeout=5)
    engine.judge(DRY, "wet")
    engine.act(GOOGLE)
    engine.judge(RAIN, "wet")
    engine.act(GOOGLE)
    assert engine.writes() == [("campaign_budget/444", "daily_budget", "60000000")]


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_limit_costs_no_attempt(wet: Engine, method: str) -> None:
    """A limit without a hint waits the mission's hour at Meta; nothing has failed, and then the change is made."""
    fault(wet, {"service": "meta_ads", "method": method}, "rate_limit")
    wet.act(META)
    waiting = wet.row("SELECT *, next_at - clock_timestamp() AS wait FROM ad_fields")
    (change,) = wet.changes("ad_set/23848", "daily_budget")
    assert (change.state, change.attempts, waiting.failures) == ("planned", 0, 0)
    assert timedelta(minutes=59) < waiting.wait <= timedelta(hours=1)
    wet.later(AN_HOUR)
    wet.act(META)
    (change,) = wet.changes("ad_set/23848", "daily_budget")
    assert (change.state, change.attempts) == ("confirmed", 1)
    assert wet.calls_counted() == wet.calls_made()


def test_a_server_error_on_reading_backs_off(wet: Engine) -> None:
    """A passing failure waits a little longer each time, and the change stays planned."""
    fault(wet, {"service": "meta_ads", "method": "GET"}, "status", count=3, status=503)
    for failures in (1, 2, 3):
        wet.act(META)
        assert wet.field("ad_set/23848", "daily_budget").failures == failures
        wet.later(A_MINUTE)
    wet.act(META)
    assert wet.writes() == [RAISED]


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_bad_credentials_pause_the_account_and_say_so_once(engine: Engine, method: str) -> None:
    """`Unauthorised` stops the account: one notification, no further call, until a person resumes it."""
    engine.apply(rule("wet", budget("23848"), budget("23868"), status("23847")))
    engine.judge(RAIN, "wet")
    fault(engine, {"service": "meta_ads", "method": method}, "status", count=100, status=401)
    engine.act(META)
    assert engine.paused_reason(META)
    assert engine.value("SELECT count(*) FROM notifications") == 1
    calls = engine.calls_made()
    engine.later(AN_HOUR)
    engine.act(META)
    assert RingDueChanges(engine.database, engine.broker)() == 0
    assert engine.calls_made() == calls
    engine.sandbox.session.delete(f"{engine.sandbox.url}/_sandbox/faults", timeout=5)
    engine.resume(Covered(Scope.ACCOUNT, META))
    engine.act(META)
    assert len(engine.writes()) == 3


def test_a_pause_between_decision_and_call_stops_the_call(wet: Engine) -> None:
    """Semantics 12 and 28: the switch is looked at just before the call; the change waits and is made after it."""
    act_with(wet, decided=wet.pause)
    (change,) = wet.changes("ad_set/23848", "daily_budget")
    assert (wet.writes(), change.state, change.attempts) == ([], "planned", 0)
    wet.act(META)
    assert wet.writes() == []
    wet.resume()
    wet.act(META)
    assert wet.writes() == [RAISED]


def test_a_newer_decision_stops_the_call(wet: Engine) -> None:
    """Semantics 25: the rain ends between decision and call; nothing is written at all."""
    act_with(wet, decided=lambda: wet.judge(DRY, "wet"))
    assert wet.writes() == []
    assert [change.state for change in wet.changes("ad_set/23848", "daily_budget")] == ["superseded", "unchanged"]


def test_a_newer_decision_while_the_call_is_on_its_way(wet: Engine) -> None:
    """Semantics 25: the write lands, and the same doorbell puts it back."""
    act_with(wet, leaving=lambda: wet.judge(DRY, "wet"))
    assert wet.writes() == [RAISED, BACK]
    assert [change.state for change in wet.changes("ad_set/23848", "daily_budget")] == ["confirmed", "confirmed"]


@pytest.mark.parametrize(("moment", "attempts"), [("landed", 1), ("leaving", 2)])
def test_a_worker_that_dies_during_a_call(wet: Engine, moment: str, attempts: int) -> None:
    """C3: until its lease is over nobody touches the account; then the call is unknown and is read back."""
    with pytest.raises(Killed):
        act_with(wet, **{moment: kill})
    ring = RingDueChanges(wet.database, wet.broker)
    wet.act(META)
    assert (wet.changes("ad_set/23848", "daily_budget")[0].state, ring()) == ("calling", 0)
    wet.execute("UPDATE ad_accounts SET lease_until = clock_timestamp() - interval '1 s'")
    assert ring() == 1
    wet.act(META)
    wet.later(TWO_MINUTES)
    wet.act(META)
    (change,) = wet.changes("ad_set/23848", "daily_budget")
    assert (change.state, change.attempts) == ("confirmed", attempts)
    assert wet.writes() == [RAISED]


def test_a_zombie_records_nothing(wet: Engine) -> None:
    """C8: its write landed, but its lease was over and another worker has read the value back meanwhile."""

    def another_takes_over() -> None:
        wet.execute("UPDATE ad_accounts SET lease_until = clock_timestamp() - interval '1 s'")
        wet.act(META)

    act_with(wet, landed=another_takes_over)
    assert wet.changes("ad_set/23848", "daily_budget")[0].state == "unknown"
    wet.later(TWO_MINUTES)
    wet.act(META)
    assert wet.changes("ad_set/23848", "daily_budget")[0].state == "confirmed"
    assert wet.writes() == [RAISED]


def test_an_entity_that_is_gone_does_not_hold_up_the_others(engine: Engine) -> None:
    """`NotFound` is final for its field; the other fields of the account are changed."""
    engine.apply(rule("wet", budget("23848"), status("23847")))
    engine.by_hand("ad_set/23848", status="DELETED")
    row = engine.judge(RAIN, "wet")["wet"]
    engine.act(META)
    assert engine.changes("ad_set/23848", "daily_budget")[0].state == "rejected"
    assert engine.writes() == [("ad_set/23847", "status", "ACTIVE")]
    assert not engine.value("SELECT success FROM automation_executions WHERE id = %(id)s", id=row.id)


def test_a_platform_without_credentials_waits(wet: Engine) -> None:
    """Semantics 27: a service without its key is off; its changes wait and are made when it is on."""
    wet.action({"google_ads": wet.platforms["google_ads"]})(ApplyChanges(META))
    wet.later(timedelta(minutes=5, seconds=1))
    wet.act(META)
    assert wet.writes() == [RAISED]


def test_a_lease_that_is_nearly_over_is_renewed(wet: Engine) -> None:
    """C7: the call would outlast it, so it is not made under it; the same doorbell takes it up again at once."""
    act_with(
        wet, decided=lambda: wet.execute("UPDATE ad_accounts SET lease_until = clock_timestamp() + interval '5 s'")
    )
    (change,) = wet.changes("ad_set/23848", "daily_budget")
    assert (wet.writes(), change.state, change.attempts) == ([RAISED], "confirmed", 1)


class DoubtfulDatabase:
    """A database whose first commit of everything is not answered, so that all work is done a second time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.transaction = database.transaction

    def run(self, work: Callable[[Transaction], T]) -> T:
        self._database.run(work)
        return self._database.run(work)


def test_commits_whose_answer_was_lost(engine: Engine) -> None:
    """A transaction that is repeated although it was committed does nothing twice."""
    engine.apply(rule("wet", budget("23848"), status("23847")))
    doubtful = cast("Database", DoubtfulDatabase(engine.database))
    step = ApplyChangesStep(
        database=doubtful, platforms=engine.by_account, gates=engine.ad_gates, pace=engine.pace, worker_id="doubtful"
    )
    for weather in (RAIN, DRY):
        row = engine.judge(weather, "wet")["wet"]
        step(ApplyChanges(META))
        metrics = engine.value("SELECT execution_metrics FROM automation_executions WHERE id = %(id)s", id=row.id)
        assert metrics["actionsExecuted"] == 2
    assert len(engine.writes()) == 4
    assert {change.state for change in engine.rows("SELECT state FROM ad_changes")} == {"confirmed"}
    assert engine.field("ad_set/23848", "daily_budget").confirmed == "8000"
    engine.apply(rule("try", budget("23868"), mode="dry_run"))
    row = engine.judge(RAIN, "try")["try"]
    calls = engine.calls_made()["meta_ads"]
    step(ApplyChanges(META))
    metrics = engine.value("SELECT execution_metrics FROM automation_executions WHERE id = %(id)s", id=row.id)
    assert metrics["metaApiCalls"] == engine.calls_made()["meta_ads"] - calls > 0


def test_a_slow_read_does_not_use_up_the_lease_of_the_write(wet: Engine) -> None:
    """C4, C7: the read takes most of the lease; the write is made all the same, and the platform is not read again and
    again for it."""
    reads = count(1)

    class Slow(InterruptedPlatform):
        def read(self, account: AdAccount, carriers: Sequence[Carrier], *, admit: Admit = at_once) -> ReadAnswer:
            if next(reads) > 3:
                raise Killed
            wet.execute("UPDATE ad_accounts SET lease_until = lease_until - interval '50 s'")
            return super().read(account, carriers, admit=admit)

    wet.action({"meta_ads": Slow(wet.platforms["meta_ads"])})(ApplyChanges(META))
    assert wet.writes() == [RAISED]


def test_doorbells_do_not_pile_up_while_nobody_answers(wet: Engine) -> None:
    """C4: ad-action is down for an hour; what waits for it is no more than a doorbell or so for each account."""
    ring = RingDueChanges(wet.database, wet.broker)
    assert ring() == 1
    for _ in range(20):
        ring()
    assert wet.redis.llen(queue_key(NAMESPACE, "actions.meta_ads")) == 1


@pytest.mark.parametrize("account", [META, GOOGLE])
def test_a_dry_run_is_checked_by_the_platform(engine: Engine, account: str) -> None:
    """Semantics 27: it goes up to the write, which the platform is asked to check and not to make: what would be
    refused is said beforehand. Nothing is changed; where the platform cannot check now, the dry run is worked out all
    the same."""
    low = budget("23848", "0.50 USD") if account == META else campaign_budget("111", "0.50 USD")
    good = budget("23868") if account == META else campaign_budget("112")
    if account == GOOGLE:
        answer = engine.sandbox.json("/_sandbox/google_ads/1234567890", {"smallest_budget": 1_000_000})
        assert answer.status_code == 200
    engine.apply(rule("dry", low, good, mode="dry_run"))
    engine.judge(RAIN, "dry")
    engine.act(account)
    rows = engine.rows("SELECT state, error FROM ad_changes ORDER BY state")
    assert [row.state for row in rows] == ["dry_run", "rejected"]
    assert rows[1].error
    assert engine.writes() == []
    assert engine.calls_counted() == engine.calls_made()
    engine.sandbox.fault("meta_ads" if account == META else "google_ads", "status", status=503, **_writes_of(account))
    engine.judge(DRY, "dry")
    engine.judge(RAIN, "dry")
    engine.act(account)
    states = [row.state for row in engine.rows("SELECT state FROM ad_changes ORDER BY id")]
    assert states[2:] == ["dry_run", "dry_run"]


def _writes_of(account: str) -> dict[str, str]:
    where = META_WRITES if account == META else GOOGLE_WRITES
    return {name: value for name, value in where.items() if name != "service"}


def test_a_dry_run_that_the_platform_says_nothing_about_waits(engine: Engine) -> None:
    """Semantics 27: a carrier that an answer leaves out is looked at again later, not every two seconds."""

    class Silent(InterruptedPlatform):
        def read(self, account: AdAccount, carriers: Sequence[Carrier], *, admit: Admit = at_once) -> ReadAnswer:
            return ReadAnswer({}, super().read(account, carriers, admit=admit).calls)

    engine.apply(rule("dry", budget("23848"), mode="dry_run"))
    engine.judge(RAIN, "dry")
    engine.action({"meta_ads": Silent(engine.platforms["meta_ads"])})(ApplyChanges(META))
    assert RingDueChanges(engine.database, engine.broker)() == 0


STUMBLE = """
CREATE SEQUENCE stumbles;
CREATE FUNCTION stumble() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF nextval('stumbles') = TG_ARGV[0]::int THEN
        RAISE EXCEPTION 'in the way' USING ERRCODE = 'deadlock_detected';
    END IF;
    RETURN NEW;
END $$;
"""


@pytest.mark.parametrize(("table", "update"), [("ad_accounts", 2), ("ad_changes", 1)], ids=["renewal", "dry run"])
def test_a_deadlock_is_repeated(engine: Engine, table: str, update: int) -> None:
    """Architecture 6: the whole transaction, in a renewal of the lease and in a dry run; its calls are counted once."""
    engine.apply(rule("try", budget("23848"), mode="dry_run"))
    engine.judge(RAIN, "try")
    engine.execute(STUMBLE)
    engine.execute(f"CREATE TRIGGER stumble BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION stumble({update})")
    engine.act(META)
    (change,) = engine.changes("ad_set/23848", "daily_budget")
    assert (change.state, change.to_value) == ("dry_run", "9600")
    assert engine.value("SELECT last_value FROM stumbles") > update
    assert engine.calls_counted() == engine.calls_made()
