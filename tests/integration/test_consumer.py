"""The consumer takes whatever stands in a queue, and outlives every way in which Redis fails it."""

import json
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

import dramatiq
import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from tests.integration.bad_messages import BREAKING, REFUSED, UNREADABLE
from tests.integration.workers import KEYS, QUEUE, all_alive, consume, doorbell, forged, left, put, working
from tests.processes import wait_until
from tests.proxy import proxy_to
from weathertrigger.broker import connect_redis, enqueue_all, make_broker
from weathertrigger.deliveries.dead import dead_messages
from weathertrigger.deliveries.queue_broker import QueueBroker
from weathertrigger.embedded import EmbeddedRedis
from weathertrigger.lua import script
from weathertrigger.messages import ApplyChanges
from weathertrigger.storage.database import Database

Rung = Counter[str]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dramatiq's waits after a failure, shorter."""
    monkeypatch.setattr(dramatiq.worker, "CONSUMER_RESTART_DELAY_SECS", 0.05)
    monkeypatch.setattr(dramatiq.worker, "POST_PROCESS_MESSAGE_RETRY_DELAY_SECS", 0.05)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedRedis]:
    """A Redis of the test's own, to be ill-treated."""
    with EmbeddedRedis(tmp_path) as running:
        yield running


@pytest.fixture
def own(server: EmbeddedRedis) -> Iterator[Redis]:
    """A client of it, for the test."""
    with closing(Redis.from_url(server.url)) as client:
        yield client


def hasty(url: str) -> Redis:
    """Our client, with a time-out that a test can wait for."""
    return connect_redis(f"{url}?{urlencode({'socket_timeout': 0.3})}")


def ringing(client: Redis, database: Database) -> tuple[QueueBroker, Rung]:
    """A broker on which doorbells are counted."""
    rung: Rung = Counter()
    broker = make_broker(client, "wt")
    consume(broker, database, lambda message: rung.update([message.account_id]))
    return broker, rung


def test_whatever_stands_in_the_queue(redis_client: Redis, database: Database) -> None:
    """What is no message of ours ends among the dead with its reason, and every good one is done; no thread ends."""
    broker, rung = ringing(redis_client, database)
    expected = {}
    for number, (body, reason) in enumerate({**UNREADABLE, **BREAKING, **REFUSED}.items()):
        expected[put(redis_client, body)] = (body, reason)
        put(redis_client, doorbell(str(number)).encode())
    with working(broker) as worker:
        wait_until(lambda: len(rung) == len(expected) and not left(redis_client))
        assert all_alive(worker)
    assert set(rung.values()) == {1}
    wait_until(lambda: not broker.in_hand(QUEUE))
    dead = {one.redis_id: (one.body, one.reason) for one in dead_messages(redis_client, KEYS, 1000)}
    with database.transaction() as tx:
        refused = [row.reason for row in tx.rows("SELECT reason FROM dead_letters ORDER BY id")]
    assert len(refused) == len(REFUSED)
    for redis_id, (body, reason) in expected.items():
        if body in REFUSED:
            assert any(reason in one for one in refused)
        else:
            assert dead[redis_id][0] == body
            assert reason in dead[redis_id][1]
    assert len(dead) == len(UNREADABLE) + len(BREAKING)


@pytest.mark.parametrize("redis_id", [b"\xff\x80", b"a b\x00c", b"x" * 70_000])
def test_whatever_id_a_message_has(redis_client: Redis, database: Database, redis_id: bytes) -> None:
    """An id that is no text is an id as well."""
    broker, rung = ringing(redis_client, database)
    put(redis_client, doorbell("good").encode(), redis_id)
    put(redis_client, b"bad", redis_id + b"2")
    with working(broker):
        wait_until(lambda: rung["good"] and not left(redis_client))
    assert redis_client.hgetall(KEYS.dead_bodies) == {redis_id + b"2": b"bad"}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_LIKE_A_MESSAGE = st.fixed_dictionaries(
    {},
    optional={
        "queue_name": st.just(QUEUE) | _JSON,
        "actor_name": st.just("apply_changes") | _JSON,
        "args": st.just([]) | _JSON,
        "kwargs": st.sampled_from([{"version": 1}, {"self": 1}])
        | st.dictionaries(st.sampled_from(["self", "version", "x"]), _JSON)
        | _JSON,
        "options": st.sampled_from([{}, {"throws": "x"}])
        | st.dictionaries(st.sampled_from(["eta", "throws", "time_limit"]), _JSON)
        | _JSON,
        "message_id": _JSON,
        "message_timestamp": _JSON,
    },
)
_ANY_JSON = _JSON.map(json.dumps).map(str.encode)
_BODIES = st.binary(max_size=40) | _ANY_JSON | _LIKE_A_MESSAGE.map(lambda changed: forged(**changed))


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_BODIES, min_size=1, max_size=20))
def test_any_bodies_at_all(redis_client: Redis, database: Database, bodies: list[bytes]) -> None:
    """Whatever is sent, it is done with, the next good message is done, and every thread goes on."""
    broker, rung = ringing(redis_client, database)
    for body in bodies:
        put(redis_client, body)
    put(redis_client, doorbell("good").encode())
    with working(broker) as worker:
        wait_until(lambda: rung["good"] and not left(redis_client))
        assert all_alive(worker)
    wait_until(lambda: not broker.in_hand(QUEUE))


def test_an_id_without_a_body(redis_client: Redis, database: Database) -> None:
    """Was done with already, or its body was lost: nothing is left of it."""
    broker, rung = ringing(redis_client, database)
    redis_client.rpush(KEYS.waiting, "gone", "gone too")
    enqueue_all(broker, [doorbell("good")])
    with working(broker):
        wait_until(lambda: rung["good"] and not left(redis_client))
    assert redis_client.zcard(KEYS.dead) == 0


def test_the_same_id_twice(redis_client: Redis, database: Database) -> None:
    """May be done twice, as any message; afterwards nothing is left and there is room for as many as before."""
    broker, rung = ringing(redis_client, database)
    for _ in range(10):
        twice = put(redis_client, doorbell("twice").encode())
        redis_client.rpush(KEYS.waiting, twice)
        enqueue_all(broker, [doorbell("good")])
    with working(broker):
        wait_until(lambda: rung["good"] == 10 and not left(redis_client))
        wait_until(lambda: not broker.in_hand(QUEUE))
    assert 10 <= rung["twice"] <= 20


# --- Redis in trouble


def test_a_lost_answer_strands_nothing(own: Redis, server: EmbeddedRedis, database: Database) -> None:
    """Redis has given messages and the answer never arrived: the next consumer gives them back, and all are done."""
    own.script_load(script("deliveries", "take"))
    with proxy_to(server.url) as (proxy, url):
        broker, rung = ringing(hasty(url), database)
        enqueue_all(make_broker(own, "wt"), [doorbell(str(number)) for number in range(4)])
        proxy.lose_answer_to(broker.take.sha.encode())
        with working(broker) as worker:
            wait_until(lambda: len(rung) == 4 and not left(own))
            assert all_alive(worker)
        assert proxy.lost.is_set()
        assert set(rung.values()) == {1}
        broker.client.close()


@pytest.mark.parametrize("arrives", [True, False])
def test_a_burial_that_is_lost(own: Redis, server: EmbeddedRedis, database: Database, arrives: bool) -> None:
    """On the way there or on the way back: the dead message is buried once, and takes no room for ever."""
    own.script_load(script("deliveries", "bury"))
    with proxy_to(server.url) as (proxy, url):
        broker, rung = ringing(hasty(url), database)
        put(own, b"bad")
        put(own, doorbell("good").encode())
        (proxy.lose_answer_to if arrives else proxy.lose_request_with)(broker.bury.sha.encode())
        with working(broker):
            wait_until(lambda: rung["good"] and not left(own))
        assert proxy.lost.is_set()
        assert (own.zcard(KEYS.dead), own.hlen(KEYS.dead_bodies)) == (1, 1)
        wait_until(lambda: not broker.in_hand(QUEUE))
        broker.client.close()


def freeze(server: EmbeddedRedis, own: Redis, troubled: Callable[[], None]) -> None:
    os.kill(server.pid, signal.SIGSTOP)
    troubled()
    os.kill(server.pid, signal.SIGCONT)


def fill(server: EmbeddedRedis, own: Redis, troubled: Callable[[], None]) -> None:
    own.config_set("maxmemory", 1)
    troubled()
    own.config_set("maxmemory", 0)


def follow(server: EmbeddedRedis, own: Redis, troubled: Callable[[], None]) -> None:
    own.replicaof("127.0.0.1", "1")
    troubled()
    own.replicaof("NO", "ONE")


def restart(server: EmbeddedRedis, own: Redis, troubled: Callable[[], None]) -> None:
    server.stop()
    troubled()
    server.start()


def forget_scripts(server: EmbeddedRedis, own: Redis, troubled: Callable[[], None]) -> None:
    own.script_flush()


def forget_everything(server: EmbeddedRedis, own: Redis, troubled: Callable[[], None]) -> None:
    own.flushall()


@pytest.mark.parametrize("trouble", [freeze, fill, follow, restart, forget_scripts, forget_everything])
def test_trouble_passes(
    own: Redis,
    server: EmbeddedRedis,
    database: Database,
    caplog: pytest.LogCaptureFixture,
    trouble: Callable[[EmbeddedRedis, Redis, Callable[[], None]], None],
) -> None:
    """Idle, and in the middle of a job whose end cannot be told: every thread outlives it, what waits is done
    afterwards, and nothing stays taken."""
    begun, go_on = threading.Event(), threading.Event()
    rung: Rung = Counter()

    def busy(message: ApplyChanges) -> None:
        begun.set()
        assert go_on.wait(20)
        rung[message.account_id] += 1

    def troubled() -> None:
        go_on.set()
        wait_until(lambda: "onnection error" in caplog.text)

    broker = make_broker(hasty(server.url), "wt")
    consume(broker, database, busy)
    enqueue_all(broker, [doorbell("in the middle"), *(doorbell("waiting") for _ in range(6))])
    with working(broker, threads=1) as worker:
        assert begun.wait(10)
        trouble(server, own, troubled)
        go_on.set()
        enqueue_all(make_broker(own, "wt"), [doorbell("afterwards")])
        wait_until(lambda: rung["afterwards"] and not left(own))
        assert all_alive(worker)
        wait_until(lambda: not broker.in_hand(QUEUE))
    if trouble is not forget_everything:
        assert rung == Counter({"in the middle": 1, "waiting": 6, "afterwards": 1})
    assert "unexpected error" not in caplog.text
    broker.client.close()


def test_a_command_on_a_frozen_redis_ends(own: Redis, server: EmbeddedRedis) -> None:
    """With the time-out of the URL, before the ten seconds that are ours, and without being sent again."""
    client = hasty(server.url)
    client.ping()
    os.kill(server.pid, signal.SIGSTOP)
    try:
        with pytest.raises(redis.TimeoutError):
            client.incr("once")
    finally:
        os.kill(server.pid, signal.SIGCONT)
    wait_until(lambda: own.get("once"))
    assert own.get("once") == b"1"
    client.close()
    assert connect_redis(server.url).get_connection_kwargs()["socket_timeout"] == 10


def test_no_command_is_sent_again(own: Redis, server: EmbeddedRedis) -> None:
    """One that loses its answer is an error, and was done once: a command, a script, a transaction."""
    with proxy_to(server.url) as (proxy, url), closing(hasty(url)) as client:
        counting = client.register_script("return redis.call('INCR', KEYS[1])")
        assert counting(keys=["script"]) == 1

        def transaction() -> None:
            with client.pipeline(transaction=True) as pipeline:
                pipeline.incr("transaction")
                pipeline.execute()

        for word, send in (
            (b"INCR", lambda: client.incr("command")),
            (b"EVALSHA", lambda: counting(keys=["script"])),
            (b"MULTI", transaction),
        ):
            proxy.lose_answer_to(word)
            with pytest.raises((redis.ConnectionError, redis.TimeoutError)):
                send()
            assert proxy.lost.is_set()
        assert own.mget("command", "script", "transaction") == [b"1", b"2", b"1"]
