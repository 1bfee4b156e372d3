"""How late checks are: percentiles out of counts, by the minute; and what job-stats makes of it all."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from tests.integration.engine import NAMESPACE, Engine
from tests.integration.lives import Living, listed, living
from tests.integration.rule_documents import rule
from tests.integration.workers import doorbell
from tests.processes import wait_until
from weathertrigger.broker import enqueue_all
from weathertrigger.deliveries.keys import QueueKeys
from weathertrigger.operations.job_stats import JobStats, job_stats
from weathertrigger.queues import EVALUATION, WEATHER, actions_of
from weathertrigger.schedule.lateness import Lateness, Spread, Way
from weathertrigger.storage import checks, dead_letters
from weathertrigger.storage.worker_registry import JobCounts

AT = datetime(2026, 11, 26, 12, 34, 56, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def lateness(redis_client: Redis) -> Lateness:
    return Lateness(redis_client, NAMESPACE, Way.RECORDED)


def ms(*numbers: float) -> list[timedelta]:
    return [timedelta(milliseconds=one) for one in numbers]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.floats(-5_000, 40_000_000) | st.floats(0, 100), min_size=1, max_size=300))
def test_percentiles(redis_client: Redis, numbers: list[float]) -> None:
    """Within 5 % of those of the sorted list, and of the tenth of a millisecond to which they are rounded."""
    redis_client.flushall()
    lateness = Lateness(redis_client, NAMESPACE, Way.STARTED)
    lateness.add(ms(*numbers), AT)
    spread = lateness.over(AT, 60)
    in_order = sorted(max(one, 1) for one in numbers)
    assert spread.checks == len(numbers)
    for found, share in ((spread.p50, 0.5), (spread.p99, 0.99)):
        true = in_order[max(math.ceil(share * len(numbers)), 1) - 1]
        assert found == pytest.approx(true, rel=0, abs=0.0501 * true + 0.06)


def test_minutes(lateness: Lateness, redis_client: Redis) -> None:
    """So many whole minutes and the one that runs; older ones fall out, and leave Redis by themselves."""
    lateness.add(ms(10), AT)
    lateness.add(ms(1000, 1000, 1000), AT - 5 * MINUTE)
    lateness.add(ms(99_000), AT - 6 * MINUTE)
    assert lateness.over(AT, 0) == Spread(1, 10.4, 10.4)
    assert lateness.over(AT, 5).checks == 4
    assert lateness.over(AT, 6).checks == 5
    assert lateness.over(AT + MINUTE, 5).checks == 1
    assert all(redis_client.ttl(key) > 3600 for key in redis_client.scan_iter())


def test_nothing_there(lateness: Lateness, redis_client: Redis) -> None:
    """No check, or nothing left of them: no percentile, which is something else than zero."""
    lateness.add([], AT)
    assert lateness.over(AT, 60) == Spread(0, None, None)
    assert redis_client.keys() == []
    lateness.add(ms(5), AT)
    Lateness(redis_client, NAMESPACE, Way.STARTED).add(ms(7), AT)
    assert lateness.over(AT, 60).checks == 1
    redis_client.flushall()
    assert lateness.over(AT, 60) == Spread(0, None, None)


def stats(engine: Engine) -> JobStats:
    return job_stats(engine.database, engine.redis, NAMESPACE)


def clock(engine: Engine) -> datetime:
    with engine.database.transaction() as tx:
        return checks.clock(tx)


def test_an_engine_in_the_middle_of_its_work(engine: Engine) -> None:
    """Every count against a state that was built for it."""
    engine.apply(*(rule(f"rule-{number}") for number in range(5)))
    late = clock(engine) - timedelta(seconds=40)
    engine.bells.set({"rule-0": late, "rule-1": late + timedelta(seconds=10)})
    engine.bells.starts.begin(17, {"rule-3": 1})
    enqueue_all(engine.broker, [doorbell("a"), doorbell("b"), doorbell("c")])
    keys = QueueKeys(engine.broker.namespace, actions_of("meta_ads"))
    engine.redis.sadd(keys.taken_by("alive"), "x", "y")
    engine.redis.sadd(keys.taken_by("dead"), "z")
    with engine.database.transaction() as tx:
        dead_letters.add(tx, queue=WEATHER, actor="a", body="b", reason="c")
    with living(engine.database, Living("gone", broker_id="dead", counts=JobCounts(expired=50, succeeded=50))):
        pass
    with living(engine.database, Living(broker_id="alive", counts=JobCounts(expired=3, succeeded=9))):
        wait_until(lambda: listed(engine.database).jobs_expired)
        found = stats(engine)
    assert (found.bells.scheduled, found.bells.ringing, found.steps) == (5, 2, 1)
    assert timedelta(seconds=40) <= found.bells.longest < timedelta(seconds=70)
    assert (found.dead_letters, found.expired) == (1, 3)
    queues = {one.queue: (one.waiting, one.taken) for one in found.queues}
    assert queues == {WEATHER: (0, 0), EVALUATION: (0, 0), "actions.meta_ads": (3, 2), "actions.google_ads": (0, 0)}
    oldest = {one.queue: one.oldest for one in found.queues}
    assert oldest[WEATHER] is None
    assert oldest["actions.meta_ads"] is not None
    assert timedelta() <= oldest["actions.meta_ads"] < timedelta(seconds=30)
    assert (found.started, found.recorded, found.per_minute) == (Spread(0, None, None), Spread(0, None, None), 0.0)


def test_checks_per_minute(engine: Engine) -> None:
    """One a second for ten minutes is sixty a minute, whatever the second of the minute that runs."""
    lateness, now = engine.bells.lateness(Way.RECORDED), clock(engine)
    for back in range(600):
        lateness.add(ms(20), now - timedelta(seconds=back))
    engine.bells.lateness(Way.STARTED).add(ms(10, 10, 300), now - 30 * MINUTE)
    found = stats(engine)
    assert found.per_minute == pytest.approx(60, abs=1.5)
    assert found.recorded.checks == 600
    assert found.started.checks == 3
    assert found.started.p50 == pytest.approx(10, rel=0.06)


def test_the_cost_does_not_grow_with_the_rules(engine: Engine) -> None:
    """As many commands at Redis and as many pages at PostgreSQL for 2,000 rules as for 10."""
    costs = []
    for first, last in ((0, 10), (10, 2000)):
        engine.apply(*(rule(f"rule-{number}") for number in range(first, last)))
        stats(engine)
        engine.redis.config_resetstat()
        before = _pages(engine)
        stats(engine)
        costs.append((_commands(engine.redis), _pages(engine) - before))
    assert engine.redis.zcard(engine.bells.key) >= 1990
    (few, few_pages), (many, many_pages) = costs
    assert few == many
    assert many_pages <= few_pages + 20


def _commands(redis: Redis) -> dict[str, int]:
    """How often each was asked; zrange is asked for one."""
    return {name: one["calls"] for name, one in redis.info("commandstats").items() if "config" not in name}


def _pages(engine: Engine) -> int:
    """Pages of our tables that were looked at so far."""
    engine.execute("SELECT pg_stat_force_next_flush()")
    pages: int = engine.value("SELECT sum(heap_blks_hit + heap_blks_read)::int FROM pg_statio_user_tables")
    return pages
