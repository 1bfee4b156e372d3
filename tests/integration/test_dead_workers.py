"""RetireStaleWorkers and KeepDeadLetters: what dead workers and dead messages leave behind, on any replicas."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from redis import Redis

from services.scheduler.keep_dead_letters import KeepDeadLetters
from services.scheduler.retire_stale_workers import RetireStaleWorkers
from tests.integration.bad_messages import UNREADABLE
from tests.integration.lives import NAME, Living, holder, kill, listed, living
from tests.integration.workers import KEYS, NAMESPACE, QUEUE, consume, doorbell, forged, left, put, working
from tests.processes import wait_until
from weathertrigger.broker import enqueue_all, make_broker
from weathertrigger.deliveries.keys import heartbeats_key
from weathertrigger.deliveries.queue_broker import QueueBroker
from weathertrigger.storage.database import Database, Row, Transaction
from weathertrigger.workers.life import WorkerLife

HEARTBEATS = heartbeats_key(KEYS.namespace)
HOUR_MS = 3_600_000


def retire(database: Database, redis: Redis) -> list[str]:
    return RetireStaleWorkers(database, redis, NAMESPACE)()


def keep(database: Database, redis: Redis) -> int:
    return KeepDeadLetters(database, redis, NAMESPACE)()


def now_ms(redis: Redis) -> int:
    return int(redis.time()[0]) * 1000


def take(broker: QueueBroker, database: Database, count: int = 3) -> None:
    """The broker takes messages as a worker does, and is not heard of again."""
    consume(broker, database, lambda _: None)
    enqueue_all(broker, [doorbell(str(number)) for number in range(count)])
    assert next(broker.consume(QUEUE, prefetch=count, timeout=1)) is not None
    assert broker.client.scard(KEYS.taken_by(broker.broker_id)) == count


def silence(database: Database, beats: float, name: str = NAME) -> None:
    """As if the worker had not been heard of for so many of its heartbeats."""
    with database.transaction() as tx:
        tx.execute(
            "UPDATE worker_registry SET last_heartbeat = clock_ms() - %(beats)s * heartbeat_ms * interval '1 ms'"
            " WHERE worker_id = %(name)s",
            {"beats": beats, "name": name},
        )


def die(life: WorkerLife, database: Database) -> None:
    """Without a word: its thread and its session are gone."""
    life._over.set()
    with suppress(AssertionError):
        kill(database, holder(database))
    life._thread.join()
    wait_until(lambda: holder(database) is None)


@contextmanager
def dead_worker(database: Database, broker: QueueBroker) -> Iterator[None]:
    """A worker that was killed in the middle of its work, a moment ago."""
    life = Living(broker_id=broker.broker_id).on(database)
    life.start()
    with database.transaction() as tx:
        tx.execute("UPDATE worker_registry SET status = 'running', current_jobs = 2")
    with database.transaction() as tx:
        tx.execute("CREATE TABLE kept AS SELECT * FROM worker_registry")
    die(life, database)
    with database.transaction() as tx:  # what the thread may have written at its end
        tx.execute("DELETE FROM worker_registry")
        tx.execute("INSERT INTO worker_registry SELECT * FROM kept")
    yield


def test_a_worker_that_ended_without_a_word(database: Database, redis_client: Redis) -> None:
    """After three heartbeats, not before: it is stopped and lost, and what it had taken is let go; once."""
    broker = make_broker(redis_client, NAMESPACE)
    take(broker, database)
    with dead_worker(database, broker):
        silence(database, 2.5)
        assert retire(database, redis_client) == []
        assert redis_client.scard(KEYS.taken_by(broker.broker_id)) == 3
        silence(database, 3.1)
        wait_until(lambda: retire(database, redis_client) == [NAME])  # not in PostgreSQL's first seconds
        row = listed(database)
        assert (row.status, row.lost, row.current_jobs) == ("stopped", True, 0)
        assert row.stopped_at is not None
        assert left(redis_client) == set()
        assert redis_client.zcard(HEARTBEATS) == 0
        assert retire(database, redis_client) == []


def test_one_that_died_in_its_first_job(database: Database, redis_client: Redis) -> None:
    """It has acknowledged nothing yet, and is found all the same."""
    broker = make_broker(redis_client, NAMESPACE)
    take(broker, database)
    assert redis_client.zscore(HEARTBEATS, broker.broker_id) is not None


def test_one_that_stopped_and_left_something(database: Database, redis_client: Redis) -> None:
    """A worker whose time to stop was over has said so; its messages are let go at once."""
    broker = make_broker(redis_client, NAMESPACE)
    take(broker, database)
    with living(database, Living(broker_id=broker.broker_id)):
        retire(database, redis_client)
        assert redis_client.scard(KEYS.taken_by(broker.broker_id)) == 3
    wait_until(lambda: holder(database) is None)
    assert retire(database, redis_client) == []
    assert (left(redis_client), listed(database).lost) == (set(), False)


def test_a_worker_that_lives(database: Database, redis_client: Redis) -> None:
    """Frozen for long, or on a host whose clock is decades behind: it holds its name, so nothing is taken from it."""
    broker = make_broker(redis_client, NAMESPACE)
    take(broker, database)
    redis_client.zadd(HEARTBEATS, {broker.broker_id: 1})
    with living(database, Living(broker_id=broker.broker_id, heartbeat_ms=HOUR_MS)):
        silence(database, 50)
        assert retire(database, redis_client) == []
        assert (listed(database).status, listed(database).lost) == ("starting", False)
        assert redis_client.scard(KEYS.taken_by(broker.broker_id)) == 3
        assert redis_client.hlen(KEYS.bodies) == 3


def test_brokers_that_nobody_knows(database: Database, redis_client: Redis) -> None:
    """Of a worker that was restarted under its name, say: after five minutes, by Redis's clock."""
    young, old = make_broker(redis_client, NAMESPACE), make_broker(redis_client, NAMESPACE)
    for broker, minutes in ((young, 4), (old, 6)):
        take(broker, database)
        redis_client.zadd(HEARTBEATS, {broker.broker_id: now_ms(redis_client) - minutes * 60_000})
    assert retire(database, redis_client) == []
    assert redis_client.zrange(HEARTBEATS, 0, -1) == [young.broker_id.encode()]
    assert redis_client.hlen(KEYS.bodies) == 3
    assert redis_client.keys("*__acks__*") == [KEYS.taken_by(young.broker_id).encode()]


def test_who_stopped_long_ago_is_forgotten(database: Database, redis_client: Redis) -> None:
    """After a week; until then one can see what it did."""
    with living(database):
        pass
    for days, kept in ((6, 1), (8, 0)):
        with database.transaction() as tx:
            tx.execute("UPDATE worker_registry SET stopped_at = clock_ms() - %(ago)s", {"ago": timedelta(days=days)})
        retire(database, redis_client)
        with database.transaction() as tx:
            assert len(tx.rows("SELECT FROM worker_registry")) == kept


# --- dead letters


def letters(database: Database) -> list[Row]:
    with database.transaction() as tx:
        return tx.rows("SELECT * FROM dead_letters ORDER BY id")


def bury(redis: Redis, body: bytes, reason: str | bytes | None = "because", redis_id: bytes | None = None) -> bytes:
    """A message dies; its id."""
    name = put(redis, body, redis_id)
    redis.rpop(KEYS.waiting)
    redis.hdel(KEYS.bodies, name)
    redis.zadd(KEYS.dead, {name: now_ms(redis)})
    redis.hset(KEYS.dead_bodies, name, body)
    if reason is not None:
        redis.hset(KEYS.dead_reasons, name, reason)
    return name


def nothing_dead(redis: Redis) -> bool:
    return not redis.exists(KEYS.dead, KEYS.dead_bodies, KEYS.dead_reasons)


def test_dead_messages_are_kept(database: Database, redis_client: Redis) -> None:
    """With queue, actor, arguments and reason; also those of a Redis that knows no reason."""
    good = doorbell("acme")
    first = bury(redis_client, good.encode(), "TypeError: no", b"1")
    bury(redis_client, forged(args=[1], kwargs={"a": 2}), None, b"2")
    assert keep(database, redis_client) == 2
    assert nothing_dead(redis_client)
    one, two = letters(database)
    assert (one.queue, one.actor, one.reason, one.redis_id) == (QUEUE, "apply_changes", "TypeError: no", first.decode())
    assert json.loads(one.body) == good.kwargs
    assert (two.reason, json.loads(two.body)) == ("its job failed", [1, {"a": 2}])
    assert keep(database, redis_client) == 0


def test_whatever_died(database: Database, redis_client: Redis) -> None:
    """Nothing that stands in Redis stops the round: NULs, half pairs, no JSON, no text, depths, odd ids, nothing."""
    odd: dict[bytes, Any] = dict(UNREADABLE)
    for body in (b"\x00nul\x00", forged(actor_name="\x00\ud800"), forged(args=7), forged(args={"a": 1}, kwargs="x")):
        odd[body] = "\x00 and so on"
    odd[forged(args=[[]], kwargs={"deep": json.loads("[" * 300 + "]" * 300)})] = b"\xff\xfe"
    for number, (body, reason) in enumerate(odd.items()):
        bury(redis_client, body, reason, b"\xff\x00%d" % number)
    redis_client.zadd(KEYS.dead, {"no body": 1})
    assert keep(database, redis_client) == len(odd) + 1
    assert nothing_dead(redis_client)
    kept = letters(database)
    assert len(kept) == len(odd) + 1
    assert len({row.redis_id for row in kept}) == len(kept)
    assert "nul" in {row.body for row in kept}


def test_more_than_a_round_takes(database: Database, redis_client: Redis) -> None:
    """The oldest first, a hundred a round."""
    ids = [bury(redis_client, doorbell(str(number)).encode(), redis_id=b"%03d" % number) for number in range(250)]
    assert [keep(database, redis_client) for _ in range(4)] == [100, 100, 50, 0]
    assert [row.redis_id for row in letters(database)] == [one.decode() for one in ids]
    assert nothing_dead(redis_client)


class Crashed(Exception):
    """The process dies here."""


class DyingRedis:
    """A Redis whose asker dies before it changes anything."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def __getattr__(self, name: str) -> Any:
        if name == "pipeline":
            raise Crashed
        return getattr(self._redis, name)


def test_a_crash_between_keeping_and_forgetting(database: Database, redis_client: Redis) -> None:
    """The next round finds it kept already."""
    bury(redis_client, b"bad")
    with pytest.raises(Crashed):
        keep(database, DyingRedis(redis_client))  # type: ignore[arg-type]  # it is one until it dies
    assert (len(letters(database)), nothing_dead(redis_client)) == (1, False)
    keep(database, redis_client)
    assert (len(letters(database)), nothing_dead(redis_client)) == (1, True)


class DyingDatabase:
    """A database whose asker dies before the commit."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        with self._database.transaction() as tx:
            yield tx
            raise Crashed


def test_a_crash_before_keeping(database: Database, redis_client: Redis) -> None:
    """Redis still has it."""
    bury(redis_client, b"bad")
    with pytest.raises(Crashed):
        keep(DyingDatabase(database), redis_client)  # type: ignore[arg-type]  # idem
    assert (letters(database), nothing_dead(redis_client)) == ([], False)


def test_replicas_at_once(database: Database, redis_client: Redis) -> None:
    """Four of them: every letter once, every round to its end; the same for the workers."""
    for number in range(60):
        bury(redis_client, doorbell(str(number)).encode())
    broker = make_broker(redis_client, NAMESPACE)
    take(broker, database)
    with dead_worker(database, broker), ThreadPoolExecutor(8) as threads:
        silence(database, 4)
        keeping = [threads.submit(keep, database, redis_client) for _ in range(4)]
        retiring = [threads.submit(retire, database, redis_client) for _ in range(4)]
        assert sum(one.result() for one in keeping) >= 60
        assert [name for one in retiring for name in one.result()] == [NAME]
    assert (len(letters(database)), nothing_dead(redis_client), left(redis_client)) == (60, True, set())


def test_nobody_searches_all_of_redis(database: Database, redis_client: Redis) -> None:
    """After work, deaths and rounds: KEYS was never asked, also not by a script; nor SCAN."""
    redis_client.config_resetstat()
    broker = make_broker(redis_client, NAMESPACE)
    take(broker, database)
    with dead_worker(database, broker):
        silence(database, 4)
        other = make_broker(redis_client, NAMESPACE)
        rung: list[str] = []
        consume(other, database, lambda message: rung.append(message.account_id))
        enqueue_all(other, [doorbell("good")])
        put(redis_client, b"bad")
        with working(other):
            wait_until(lambda: rung and redis_client.zcard(KEYS.dead))
        assert retire(database, redis_client) == [NAME]
        assert keep(database, redis_client) == 1
    asked = redis_client.info("commandstats")
    assert {"cmdstat_evalsha", "cmdstat_zadd"} <= asked.keys()
    assert not {"cmdstat_keys", "cmdstat_scan"} & asked.keys()
