"""EvaluateRulesStep on a real database: every due check recorded once, whatever the messages do (protocol S)."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random
from typing import TypeVar, cast

import pytest

from services.rule_evaluator.evaluate_rules import EvaluateRulesStep
from tests.integration.engine import WORKER, Engine, asking
from tests.integration.rule_documents import DRY, NEWARK, RAIN, rule, status
from weathertrigger.domain.schedule import phase_of
from weathertrigger.domain.series import FORECAST_MAX_AGE
from weathertrigger.errors import PoolTimeout
from weathertrigger.instants import from_ms, to_ms
from weathertrigger.messages import EvaluateRules, ReadingChecks
from weathertrigger.rules.evaluation import MAX_AGE
from weathertrigger.storage.database import Database, Transaction

T = TypeVar("T")

HALF_HOUR = timedelta(minutes=30)


class Crashed(Exception):
    """The process dies here."""


class DyingDatabase:
    """A database whose process dies when the work is done and nothing is committed yet."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def run(self, work: Callable[[Transaction], T]) -> T:
        with self._database.transaction() as tx:
            work(tx)
            raise Crashed


class FullDatabase:
    """A database whose connections are all in use; counts who asked."""

    def __init__(self) -> None:
        self.asked = 0

    def run(self, _work: Callable[[Transaction], T]) -> T:
        self.asked += 1
        raise PoolTimeout("No database connection became free.")


def evaluator_on(database: object, engine: Engine) -> EvaluateRulesStep:
    return EvaluateRulesStep(
        database=cast("Database", database),
        bells=engine.bells,
        ring=engine.rung.append,
        worker_id=WORKER,
        max_age=MAX_AGE,
        forecast_max_age=FORECAST_MAX_AGE,
    )


def test_duplicate_messages_at_once_record_every_check_once(engine: Engine) -> None:
    """Eight workers get the same forty checks in different cuts and orders; each check has one row, on its slot."""
    names = [f"rule-{number}" for number in range(40)]
    engine.apply(*(rule(name) for name in names))
    dues = engine.make_due(*names)
    reading = engine.reading(RAIN)
    order = Random(7)  # noqa: S311  # nothing secret hangs on it
    messages = []
    for _ in range(8):
        shuffled = order.sample(names, k=len(names))
        cut = order.randrange(1, len(names))
        messages += [asking({name: dues[name] for name in part}, reading) for part in (shuffled[:cut], shuffled[cut:])]
    steps = [engine.evaluator() for _ in range(4)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda numbered: steps[numbered[0] % 4](numbered[1]), enumerate(messages)))
    rows = engine.executions()
    assert {row.rule_id: to_ms(row.scheduled_for) for row in rows} == dues
    assert len(rows) == len(names)
    assert len(engine.changes("ad_set/23847", "status")) <= len(names)
    winner = engine.field("ad_set/23847", "status").winner
    assert winner["rule"] == "rule-0"


def test_a_message_that_comes_too_late_does_nothing(engine: Engine) -> None:
    """A message for a due that was settled meanwhile changes neither the records nor the schedule."""
    engine.apply(rule("wet"))
    old = engine.make_due("wet", slots_ago=1)
    reading = engine.reading(RAIN)
    engine.evaluator()(asking(old, reading))
    before = engine.row("SELECT * FROM automation_rules")
    engine.evaluator()(asking(old, engine.reading(DRY)))
    assert engine.row("SELECT * FROM automation_rules") == before
    assert len(engine.executions()) == 1


def test_a_check_that_is_not_due_yet_is_left_alone(engine: Engine) -> None:
    """Semantics 14: PostgreSQL's clock decides, whatever a message says; no state changes without a row."""
    engine.apply(rule("wet"))
    engine.evaluator()(asking(engine.dues("wet"), engine.reading(RAIN)))
    assert engine.executions() == []
    assert engine.value("SELECT state FROM automation_rules") == "unjudged"


def test_one_row_for_every_trigger_that_was_due(engine: Engine) -> None:
    """A slot, a boundary and a wish that are due together are one evaluation and three rows (S5b)."""
    engine.apply(rule("wet"))
    engine.make_due("wet")
    engine.execute(
        "UPDATE automation_rules SET next_boundary_at = clock_ms() - interval '2 s', run_requested_at = clock_ms()"
    )
    engine.evaluator()(asking(engine.dues("wet"), engine.reading(RAIN), calls=1))
    rows = engine.executions()
    assert sorted(row.trigger for row in rows) == ["boundary", "manual", "slot"]
    assert {row.outcome for row in rows} == {"met"}
    assert sum(row.execution_metrics["weatherApiCalls"] for row in rows) == 1
    left = engine.row("SELECT * FROM automation_rules")
    assert (left.next_boundary_at, left.run_requested_at) == (None, None)
    assert left.next_check_at == left.next_slot_at > rows[0].executed_at


def test_the_slots_are_on_the_grid(engine: Engine) -> None:
    """Semantics 11: the row carries the slot's time, not the worker's, and the next slot is one interval later."""
    engine.apply(rule("wet"))
    (due,) = engine.make_due("wet").values()
    engine.evaluator()(asking({"wet": due}, engine.reading(RAIN)))
    (row,) = engine.executions()
    assert row.scheduled_for == from_ms(due)
    assert (due - phase_of("wet", HALF_HOUR) / timedelta(milliseconds=1)) % (HALF_HOUR / timedelta(milliseconds=1)) == 0
    assert engine.value("SELECT next_slot_at FROM automation_rules") == from_ms(due) + HALF_HOUR
    assert row.coalesced_from is None


def test_after_downtime_one_row_stands_for_the_range(engine: Engine) -> None:
    """Three slots were slept through: one check, at the latest slot, naming the first."""
    engine.apply(rule("wet"))
    (first,) = engine.make_due("wet", slots_ago=3).values()
    engine.evaluator()(asking({"wet": first}, engine.reading(RAIN)))
    (row,) = engine.executions()
    assert row.coalesced_from == from_ms(first)
    assert row.scheduled_for == from_ms(first) + 3 * HALF_HOUR


@pytest.mark.parametrize(
    "broken",
    [
        "{}",
        "[]",
        "null",
        '"rain"',
        '{"metric": "bananas", "above": 1, "unit": "mm/h"}',
        '{"metric": "rain", "above": "much", "unit": "mm/h"}',
        '{"metric": "rain", "above": 1, "unit": "furlong"}',
        '{"metric": "condition", "in": ["sunshine"]}',
        '{"all": 7}',
        '{"not": null}',
    ],
)
def test_a_stored_condition_that_cannot_be_read_fails_alone(engine: Engine, broken: str) -> None:
    """S5d: its row says `failed` and why, its schedule advances, and the other rules of the batch go on."""
    engine.apply(rule("broken"), rule("well", status("23848")))
    spoil = (
        "UPDATE automation_rules SET document = jsonb_set(document, '{when}', %(broken)s::jsonb) WHERE id = 'broken'"
    )
    engine.execute(spoil, broken=broken)
    dues = engine.make_due("broken", "well")
    engine.evaluator()(asking(dues, engine.reading(RAIN)))
    rows = {row.rule_id: row for row in engine.executions()}
    assert rows["well"].outcome == "met"
    assert rows["broken"].outcome == "failed"
    assert not rows["broken"].success
    assert rows["broken"].error
    assert engine.dues("broken")["broken"] > dues["broken"]


def test_a_rule_that_the_database_refuses_does_not_hold_up_the_others(engine: Engine) -> None:
    """S5d: the batch is repeated rule by rule; a check that cannot be recorded is recorded as failed."""
    engine.apply(rule("refused"), rule("well", status("23848")))
    only_failed = "CHECK (rule_id <> 'refused' OR outcome = 'failed')"
    engine.execute(f"ALTER TABLE automation_executions ADD CONSTRAINT not_that_one {only_failed}")
    dues = engine.make_due("refused", "well")
    engine.evaluator()(asking(dues, engine.reading(RAIN), calls=1))
    rows = {row.rule_id: row for row in engine.executions()}
    assert (rows["well"].outcome, rows["refused"].outcome, rows["refused"].success) == ("met", "failed", False)
    assert "not_that_one" in rows["refused"].error
    assert engine.dues("refused")["refused"] > dues["refused"]


def test_a_rule_of_which_nothing_can_be_recorded_rings_again(engine: Engine) -> None:
    """S5d: not even its failure; the others go on, and it is still due."""
    engine.apply(rule("refused"), rule("well", status("23848")))
    engine.execute("ALTER TABLE automation_executions ADD CONSTRAINT not_that_one CHECK (rule_id <> 'refused')")
    dues = engine.make_due("refused", "well")
    engine.evaluator()(asking(dues, engine.reading(RAIN), calls=1))
    assert [row.rule_id for row in engine.executions()] == ["well"]
    assert engine.dues("refused")["refused"] == dues["refused"]


def test_a_full_pool_is_not_asked_again_for_every_rule(engine: Engine) -> None:
    """A pool time-out says nothing about any rule: the message is given up, its bells ring again."""
    full = FullDatabase()
    with pytest.raises(PoolTimeout):
        evaluator_on(full, engine)(asking({"a": 1, "b": 2}, None))
    assert full.asked == 1


def test_a_shared_call_is_counted_in_one_row(engine: Engine) -> None:
    """One call answered three rules: one of their rows says so, however often the message comes."""
    names = ["a", "b", "c"]
    engine.apply(*(rule(name) for name in names))
    engine.sandbox.set_clock("2013-06-01T12:00")
    engine.fetcher()(engine.leased({NEWARK.id: engine.make_due(*names)}))
    (message,) = engine.published
    for _ in range(3):
        engine.evaluator()(message)
    assert engine.calls_of_executions() == {"openweather": 1}
    assert engine.calls_counted()["openweather"] == engine.calls_made()["openweather"] == 1


def test_a_call_that_answered_nobody_is_counted_apart(engine: Engine) -> None:
    """The rule was settled by somebody else meanwhile: the call was made all the same."""
    engine.apply(rule("wet"))
    message = engine.leased({NEWARK.id: engine.make_due("wet")})
    engine.evaluator()(asking(engine.dues("wet"), engine.reading(RAIN)))
    engine.fetcher(refresh=timedelta())(message)
    engine.evaluator()(engine.published[0])
    assert engine.calls_counted()["openweather"] == engine.calls_made()["openweather"] == 1


def test_a_crash_before_the_commit_leaves_nothing(engine: Engine) -> None:
    """Neither rows nor states nor planned changes nor bells; the next worker does it all."""
    engine.apply(rule("wet"))
    dues = engine.make_due("wet")
    message = asking(dues, engine.reading(RAIN), lease=engine.leased({NEWARK.id: dues}).lease)
    before = engine.rows("SELECT * FROM automation_rules"), engine.redis.zscore(engine.bells.key, "wet")
    with pytest.raises(Crashed):
        evaluator_on(DyingDatabase(engine.database), engine)(message)
    assert (engine.rows("SELECT * FROM automation_rules"), engine.redis.zscore(engine.bells.key, "wet")) == before
    assert (engine.executions(), engine.changes("ad_set/23847", "status"), engine.rung) == ([], [], [])
    engine.evaluator()(message)
    assert [row.outcome for row in engine.executions()] == ["met"]
    assert engine.rung == [{"meta-acme": "meta_ads"}]


def test_bells_follow_the_commit(engine: Engine) -> None:
    """S6: a bell moves to the next check if the lease is still ours; that of a deleted rule goes; a newer claim's
    stays."""
    engine.apply(rule("ours"), rule("theirs", status("23848")))
    dues = engine.make_due("ours", "theirs")
    lease = engine.leased({NEWARK.id: {**dues, "gone": 5}}).lease
    engine.redis.zadd(engine.bells.key, {"theirs": lease + 1})
    engine.evaluator()(asking({**dues, "gone": 5}, engine.reading(RAIN), lease=lease))
    assert engine.redis.zscore(engine.bells.key, "ours") == engine.dues("ours")["ours"]
    assert engine.redis.zscore(engine.bells.key, "theirs") == lease + 1
    assert engine.redis.zscore(engine.bells.key, "gone") is None


def test_the_explanation_is_stored(engine: Engine) -> None:
    """Semantics 32: the tree with value, threshold and result, and one sentence."""
    engine.apply(rule("wet"))
    row = engine.judge(DRY, "wet")["wet"]
    assert row.reason.startswith("Did not fire:")
    assert "0.5 mm/h" in row.reason
    assert row.explanation is not None
    assert set(row.execution_metrics) == {
        "weatherApiCalls",
        "metaApiCalls",
        "googleApiCalls",
        "totalExecutionTime",
        "conditionsEvaluated",
        "actionsExecuted",
    }
    assert row.execution_metrics["conditionsEvaluated"] == 1


def test_a_paused_rule_is_not_evaluated(engine: Engine) -> None:
    """S5a: a rule that was disabled after its message was sent is left alone."""
    engine.apply(rule("wet"))
    dues = engine.make_due("wet")
    engine.execute("UPDATE automation_rules SET enabled = false")
    engine.evaluator()(asking(dues, engine.reading(RAIN)))
    assert engine.executions() == []


def test_a_rule_is_not_judged_by_the_weather_of_another_place(engine: Engine) -> None:
    """Semantics 12: the rule was given another place after its message was sent. It is left alone, and its bell rings
    again at once, with a message about the place that it has now."""
    engine.apply(rule("wet"), rule("stays", status("23848")))
    dues = engine.make_due("wet", "stays")
    message = asking(dues, engine.reading(RAIN), calls=1, lease=engine.leased({NEWARK.id: dues}).lease)
    engine.execute("INSERT INTO places (id, latitude, longitude) VALUES ('47.37,8.54', 47.37, 8.54)")
    engine.execute("UPDATE automation_rules SET place_id = '47.37,8.54', version = version + 1 WHERE id = 'wet'")
    engine.evaluator()(message)
    assert [row.rule_id for row in engine.executions()] == ["stays"]
    left = engine.row("SELECT state, next_check_at FROM automation_rules WHERE id = 'wet'")
    assert (left.state, to_ms(left.next_check_at)) == ("unjudged", dues["wet"])
    assert engine.redis.zscore(engine.bells.key, "wet") == dues["wet"]


def test_calls_are_taken_from_the_services_in_one_order(engine: Engine) -> None:
    """Two evaluators whose messages name the services the other way round wait for each other, never in a circle: who
    waits for the first has not locked the second."""
    engine.apply(rule("a"), rule("b", status("23848")))
    engine.execute("INSERT INTO calls_apart (service, calls) VALUES ('openweather', 1), ('open_meteo', 1)")
    ours = "WHERE service IN ('openweather', 'open_meteo')"
    first, second = (row.service for row in engine.rows(f"SELECT service FROM calls_apart {ours} ORDER BY service"))
    dues, reading = engine.make_due("a", "b"), engine.reading(RAIN)
    asked = [({second: 1}, "a"), ({first: 1}, "b")]
    by_reading = [ReadingChecks(NEWARK.id, reading, calls, {rule_id: dues[rule_id]}) for calls, rule_id in asked]
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    with ThreadPoolExecutor(1) as thread:
        with engine.database.transaction() as tx:
            tx.rows("SELECT 1 FROM calls_apart WHERE service = %(first)s FOR UPDATE", {"first": first})
            done = thread.submit(engine.evaluator(), EvaluateRules(0, by_reading))
            while not engine.value(waiting) and not done.done():
                time.sleep(0.01)
            free = "SELECT 1 FROM calls_apart WHERE service = %(second)s FOR UPDATE SKIP LOCKED"
            assert len(engine.rows(free, second=second)) == 1
        done.result()
    assert engine.rows(f"SELECT DISTINCT calls FROM calls_apart {ours}") == [(0,)]


def test_a_missed_slot_is_a_row_with_its_reason(engine: Engine) -> None:
    """Protocol S: `missed`, no verdict, no explanation; the state stays and nothing is planned."""
    engine.apply(rule("wet", every="24 h", catch_up="1 s"))
    dues = engine.make_due("wet")
    engine.evaluator()(asking(dues, engine.reading(RAIN)))
    (row,) = engine.executions("wet")
    assert (row.outcome, row.conditions_met, row.success, row.explanation) == ("missed", None, False, None)
    assert "Missed: its turn came" in row.reason
    assert "no more than 0:00:01 h" in row.reason
    assert engine.value("SELECT state FROM automation_rules") == "unjudged"
    assert engine.dues("wet")["wet"] == dues["wet"] + 86_400_000
