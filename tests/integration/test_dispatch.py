"""DispatchDueChecks and SweepSchedule: due rules are handed on once, whatever happens to Redis (protocol S)."""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import cast

import dramatiq
import pytest

from services.scheduler.dispatch_due_checks import CHECKS_A_MESSAGE, MOST_WAITING, DispatchDueChecks
from services.scheduler.sweep_schedule import SweepSchedule
from tests.integration.engine import NAMESPACE, Engine
from tests.integration.rule_documents import RAIN, rule
from tests.processes import wait_until
from weathertrigger.broker import queue_key
from weathertrigger.deliveries.queue_broker import QueueBroker
from weathertrigger.errors import DoorbellExpired
from weathertrigger.instants import from_ms, to_ms
from weathertrigger.messages import EvaluateRules, FetchWeather, ReadingChecks, load
from weathertrigger.queues import EVALUATION, WEATHER
from weathertrigger.redis_clock import redis_clock_ms
from weathertrigger.storage import checks
from weathertrigger.storage.database import Database, Transaction

QUEUE = queue_key(NAMESPACE, WEATHER)


class Crashed(Exception):
    """The process dies here."""


class DyingDatabase:
    """A database whose asker dies before the answer."""

    def __init__(self, database: Database, good: int) -> None:
        self._database = database
        self._good = good

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        self._good -= 1
        if self._good < 0:
            raise Crashed
        with self._database.transaction() as tx:
            yield tx


def dispatcher(engine: Engine, broker: QueueBroker | None = None) -> DispatchDueChecks:
    return engine.dispatcher(broker=broker)


def sent(engine: Engine) -> list[FetchWeather]:
    """Every message that waits for the fetcher, oldest first."""
    ids = cast("list[bytes]", engine.redis.lrange(QUEUE, 0, -1))
    bodies = [cast("bytes", engine.redis.hget(f"{QUEUE}.msgs", one)) for one in ids]
    return [load(FetchWeather, dramatiq.Message.decode(body).kwargs) for body in bodies]


def handed_on(engine: Engine) -> Counter[tuple[str, int]]:
    """How often each check (rule, due) was handed on."""
    return Counter(check for message in sent(engine) for dues in message.places.values() for check in dues.items())


def score(engine: Engine, rule_id: str) -> int | None:
    found = engine.redis.zscore(engine.bells.key, rule_id)
    return None if found is None else int(found)


def ring(engine: Engine, *rule_ids: str) -> dict[str, int]:
    """Makes the rules due and sets their bells."""
    dues = engine.make_due(*rule_ids)
    engine.redis.zadd(engine.bells.key, dues)
    return dues


def test_due_rules_are_handed_on_once(engine: Engine) -> None:
    """S2 to S4: four schedulers at once; every due check travels once, under the lease that stands in the bells."""
    names = [f"rule-{number}" for number in range(60)]
    engine.apply(*(rule(name) for name in names))
    dues = ring(engine, *names[:50])
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda one: one(), [dispatcher(engine) for _ in range(4)]))
    assert handed_on(engine) == Counter(dues.items())
    for message in sent(engine):
        for dues_there in message.places.values():
            assert {score(engine, rule_id) for rule_id in dues_there} == {message.lease}
    assert score(engine, "rule-55") == engine.dues("rule-55")["rule-55"]


def test_checks_travel_by_place(engine: Engine) -> None:
    """Checks of one place stay together, several places share a message, and no message is too long."""
    places = [{"latitude": 40 + number, "longitude": -74} for number in range(3)]
    documents = [rule(f"rule-{number}", place=places[number % 3]) for number in range(CHECKS_A_MESSAGE + 50)]
    engine.apply(*documents)
    dues = ring(engine, *(document["id"] for document in documents))
    dispatcher(engine)()
    messages = sent(engine)
    sizes = [sum(len(checks) for checks in message.places.values()) for message in messages]
    assert sizes == [CHECKS_A_MESSAGE, 50]
    assert handed_on(engine) == Counter(dues.items())
    assert sum(len(message.places) for message in messages) == 4


def test_outside_active_hours_nobody_is_asked_for_the_weather(engine: Engine) -> None:
    """Semantics 10: such a check goes straight to the rule-evaluator; one when the hours begin does not."""
    engine.apply(rule("closed"), rule("closing"), rule("over"), rule("open"), rule("opening"))
    remembered = {
        "closed": "'outside', true, 'hours_until', (extract(epoch FROM clock_ms()) * 1000)::bigint + 60000",
        "closing": "'hours_until', (extract(epoch FROM clock_ms()) * 1000)::bigint - 5000",
        "over": "'outside', true",
        "open": "'hours_until', (extract(epoch FROM clock_ms()) * 1000)::bigint + 60000",
        "opening": "'outside', true, 'hours_until', (extract(epoch FROM clock_ms()) * 1000)::bigint - 5000",
    }
    for rule_id, pairs in remembered.items():
        memory = f"jsonb_build_object({pairs})"
        engine.execute(f"UPDATE automation_rules SET memory = {memory} WHERE id = %(id)s", id=rule_id)
    dues = engine.make_due(*remembered)
    engine.bells.set({rule_id: from_ms(due) for rule_id, due in dues.items()})
    dispatcher(engine)()
    assert {rule_id for rule_id, _ in handed_on(engine)} == {"open", "opening"}
    queue = queue_key(NAMESPACE, EVALUATION)
    (redis_id,) = cast("list[bytes]", engine.redis.lrange(queue, 0, -1))
    body = cast("bytes", engine.redis.hget(f"{queue}.msgs", redis_id))
    message = load(EvaluateRules, dramatiq.Message.decode(body).kwargs)
    assert [one.checks for one in message.readings] == [{one: dues[one] for one in ("closed", "closing", "over")}]
    assert score(engine, "closed") == message.lease


def test_an_early_bell_is_put_right(engine: Engine) -> None:
    """S3: PostgreSQL says that it is not due; the bell goes where it belongs and nothing is sent."""
    engine.apply(rule("wet"))
    engine.redis.zadd(engine.bells.key, {"wet": 1})
    assert dispatcher(engine)() > 0
    assert score(engine, "wet") == engine.dues("wet")["wet"]
    assert sent(engine) == []


def test_the_bells_of_rules_that_are_paused_or_gone_end(engine: Engine) -> None:
    """S3: they ring once more and never again."""
    engine.apply(rule("paused"), rule("well"))
    dues = ring(engine, "paused", "well")
    engine.execute("UPDATE automation_rules SET enabled = false WHERE id = 'paused'")
    engine.redis.zadd(engine.bells.key, {"gone": 1})
    dispatcher(engine)()
    assert (score(engine, "paused"), score(engine, "gone")) == (None, None)
    assert handed_on(engine) == Counter({("well", dues["well"]): 1})


def test_a_crash_between_claim_and_hand_on(engine: Engine) -> None:
    """The claim was a lease of three seconds: when it is over the check rings again by itself."""
    engine.apply(rule("wet"))
    dues = ring(engine, "wet")
    dying = engine.dispatcher(database=cast("Database", DyingDatabase(engine.database, good=1)))
    with pytest.raises(Crashed):
        dying()
    claimed = score(engine, "wet")
    assert claimed is not None
    assert dues["wet"] < claimed <= to_ms(engine.value("SELECT clock_ms()")) + 3100
    assert sent(engine) == []
    engine.redis.zadd(engine.bells.key, {"wet": claimed - 3100})
    dispatcher(engine)()
    assert handed_on(engine) == Counter(dues.items())


def test_a_lease_that_nobody_finished_rings_again(engine: Engine) -> None:
    """The fetcher died: after its lease the check travels once more, and is recorded once."""
    engine.apply(rule("wet"))
    dues = ring(engine, "wet")
    dispatcher(engine)()
    engine.redis.zadd(engine.bells.key, {"wet": 1})
    dispatcher(engine)()
    assert handed_on(engine) == Counter({("wet", dues["wet"]): 2})
    for message in sent(engine):
        engine.evaluator()(
            EvaluateRules(message.lease, [ReadingChecks("40.69,-74.17", engine.reading(RAIN), {}, dues)])
        )
    assert len(engine.executions()) == 1


def test_a_claim_that_came_too_late_sends_nothing_that_counts(engine: Engine) -> None:
    """S4: a scheduler that slept for longer than its lease hands on, but the fetcher leaves it to the newer claim."""
    engine.apply(rule("wet"))
    ring(engine, "wet")
    dispatch = dispatcher(engine)
    dispatch()
    engine.redis.zadd(engine.bells.key, {"wet": 1})
    dispatcher(engine)()
    first, second = sent(engine)
    with pytest.raises(DoorbellExpired):
        engine.fetcher()(first)
    assert engine.published == []
    engine.fetcher()(second)
    assert len(engine.published) == 1


def test_full_queues_hold_the_scheduler_back(engine: Engine) -> None:
    """S2: nothing is claimed while too many messages wait, and it looks again soon."""
    engine.apply(rule("wet"))
    dues = ring(engine, "wet")
    engine.redis.rpush(QUEUE, *range(MOST_WAITING))
    assert 0 < dispatcher(engine)() < 0.1
    assert score(engine, "wet") == dues["wet"]


def test_a_message_that_waits_for_too_long_holds_the_scheduler_back(engine: Engine) -> None:
    """S2: nobody takes what waits, so more would only grow old too; once it is taken the claims go on."""
    engine.apply(rule("wet"))
    dues = ring(engine, "wet")
    now = redis_clock_ms(engine.redis)
    engine.redis.rpush(QUEUE, f"t{now - 4000}.young")
    engine.redis.lpush(QUEUE, f"t{now - 5100}.old")
    dispatcher(engine)()
    assert score(engine, "wet") == dues["wet"]
    engine.redis.lpop(QUEUE)
    dispatcher(engine)()
    assert cast("int", score(engine, "wet")) > dues["wet"]


def test_a_message_that_does_not_say_its_age_holds_nobody_back(engine: Engine) -> None:
    """An id as Dramatiq itself makes them."""
    engine.apply(rule("wet"))
    dues = ring(engine, "wet")
    engine.redis.rpush(QUEUE, "12345678-1234-4321-8765-123456789abc")
    dispatcher(engine)()
    assert cast("int", score(engine, "wet")) > dues["wet"]


def test_clocks_that_are_compared_too_slowly_say_nothing(engine: Engine) -> None:
    """S1: what took long between the looks at two clocks must not make the bells late; they are compared again."""

    class Slow:
        """A database whose answer to the scheduler's question takes half a second on its way back."""

        def __init__(self, database: Database) -> None:
            self.database = database
            self.is_slow = False

        @contextmanager
        def transaction(self) -> Iterator[Transaction]:
            with self.database.transaction() as tx:
                yield tx
            if self.is_slow:
                wait_until(partial(_has_passed, time.monotonic() + 0.5))

    slow = Slow(engine.database)
    dispatch = engine.dispatcher(database=cast("Database", slow))
    dispatch()
    engine.apply(rule("wet"), rule("late"))
    ring(engine, "wet")
    slow.is_slow = True
    dispatch()
    slow.is_slow = False
    engine.redis.zadd(engine.bells.key, {"late": to_ms(engine.value("SELECT clock_ms()"))})
    engine.make_due("late")
    dispatch()
    assert ("late", engine.dues("late")["late"]) in handed_on(engine)


def _has_passed(moment: float) -> bool:
    return time.monotonic() >= moment


def test_an_idle_scheduler_sleeps_until_the_next_bell(engine: Engine) -> None:
    """S11: at most a quarter of a second, so that there is no bell to lose."""
    assert dispatcher(engine)() == 0.25
    engine.apply(rule("wet"))
    engine.redis.zadd(engine.bells.key, {"wet": to_ms(engine.value("SELECT clock_ms()")) + 100})
    assert dispatcher(engine)() <= 0.1


def test_everything_that_redis_forgets_comes_back(engine: Engine) -> None:
    """S7: after FLUSHALL one sweep brings back the bells of the next minute, and a due check is handed on."""
    engine.apply(rule("due"), rule("later"))
    dues = engine.make_due("due")
    engine.redis.flushall()
    sweep = SweepSchedule(engine.database, engine.bells)
    assert sweep() == (1 if engine.dues("later")["later"] > to_ms(engine.value("SELECT clock_ms()")) + 60_000 else 2)
    assert score(engine, "due") == dues["due"]
    assert sweep() == 0
    dispatcher(engine)()
    assert ("due", dues["due"]) in handed_on(engine)


def test_a_sweep_of_nothing(engine: Engine) -> None:
    """An installation without rules has nothing to put right."""
    assert SweepSchedule(engine.database, engine.bells)() == 0


def test_the_clocks_are_compared_again_every_minute(engine: Engine) -> None:
    """S1: PostgreSQL's clock goes forward while no bell rings, and nothing else tells; a minute later it is known."""
    now = [0.0]
    engine.apply(rule("soon", every="1h"))
    dispatch = engine.dispatcher(monotonic=lambda: now[0])
    dispatch()
    engine.execute(
        "CREATE OR REPLACE FUNCTION clock_ms() RETURNS timestamptz LANGUAGE sql VOLATILE PARALLEL SAFE"
        " RETURN date_trunc('milliseconds', clock_timestamp() + interval '1 hour')"
    )
    dispatch()
    assert not handed_on(engine)
    now[0] = 61.0
    dispatch()
    assert handed_on(engine) == Counter(engine.dues("soon").items())


def test_a_second_wish_for_a_check_joins_the_first(engine: Engine) -> None:
    """Protocol S9: what is pending has rung, and whoever is at it keeps the lease."""
    engine.apply(rule("wet"))
    with engine.database.transaction() as tx:
        first, second = checks.request_run(tx, "wet"), checks.request_run(tx, "wet")
        assert checks.request_run(tx, "nobody") is None
    assert first
    assert second
    assert (first.is_new, second.is_new) == (True, False)
    assert first.next_check_at == second.next_check_at
