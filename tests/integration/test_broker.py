"""Many messages in one MULTI, as Dramatiq itself would have sent them, and consumed by a real Dramatiq worker."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import cast

import dramatiq
import pytest
from dramatiq import Worker
from dramatiq.middleware import Middleware
from redis import Redis

from tests.processes import wait_until
from weathertrigger.actors import declare_actor
from weathertrigger.broker import enqueue_all, letter, make_broker, queue_key
from weathertrigger.deliveries.queue_broker import QueueBroker
from weathertrigger.doorbells import ring_accounts
from weathertrigger.errors import StorageUnavailable
from weathertrigger.messages import ApplyChanges, FetchWeather, InvalidMessage
from weathertrigger.queues import WEATHER, ActorName
from weathertrigger.storage.database import Database

META = "actions.meta_ads"


@pytest.fixture
def broker(redis_client: Redis) -> Iterator[QueueBroker]:
    made = make_broker(redis_client, "wt")
    yield made
    made.close()


@contextmanager
def working(broker: QueueBroker) -> Iterator[None]:
    """A real Dramatiq worker on the broker's queues."""
    worker = Worker(broker, worker_threads=2, worker_timeout=50)
    worker.start()
    try:
        yield
    finally:
        worker.stop()


def consume(broker: QueueBroker, database: Database, step: Callable[[ApplyChanges], None]) -> None:
    declare_actor(broker, database, name=ActorName.APPLY_CHANGES, queue=META, kind=ApplyChanges, step=step)


def doorbell(account_id: str) -> dramatiq.Message[None]:
    return letter(ActorName.APPLY_CHANGES, META, ApplyChanges(account_id))


def kept(redis_client: Redis) -> dict[str, object]:
    """What is in Redis, with the random ids taken out: types of keys, lengths, and the messages that are kept."""
    found: dict[str, object] = {}
    for key in sorted(cast("list[bytes]", redis_client.keys())):
        kind = redis_client.type(key)
        if kind == b"hash":
            items = cast("dict[bytes, bytes]", redis_client.hgetall(key))
            bodies = [dramatiq.Message.decode(body).asdict() for body in items.values()]
            assert all(body["options"].pop("redis_message_id").encode() in items for body in bodies)
            found[key.decode()] = [body | {"message_id": "", "message_timestamp": 0} for body in bodies]
        else:
            found[key.decode()] = (kind, redis_client.llen(key) if kind == b"list" else 1)
    return found


def test_the_keys_are_those_of_dramatiq(broker: QueueBroker, redis_client: Redis, database: Database) -> None:
    """Key by key and field by field the same as Dramatiq's own enqueue on the same Redis, but for the heartbeat of the
    sender: that is a consumer's, and tells Dramatiq whose messages to give back."""
    consume(broker, database, lambda _: None)
    broker.enqueue(doorbell("meta-acme"))
    theirs = kept(redis_client)
    assert theirs.pop("wt:dramatiq:__heartbeats__")
    redis_client.flushall()
    enqueue_all(broker, [doorbell("meta-acme")])
    ours = kept(redis_client)
    assert ours == theirs
    assert queue_key("wt", META) in ours
    assert redis_client.lrange(queue_key("wt", META), 0, -1) == redis_client.hkeys(queue_key("wt", META) + ".msgs")


def test_messages_keep_their_order(broker: QueueBroker, redis_client: Redis) -> None:
    """The first in is the first out, as with Dramatiq."""
    enqueue_all(broker, [doorbell(f"account-{number}") for number in range(5)])
    ids = redis_client.lrange(queue_key("wt", META), 0, -1)
    bodies = [redis_client.hget(queue_key("wt", META) + ".msgs", one) for one in ids]
    accounts = [dramatiq.Message.decode(cast("bytes", body)).kwargs["account_id"] for body in bodies]
    assert accounts == [f"account-{number}" for number in range(5)]


def test_the_hooks_of_middleware_are_kept(redis_client: Redis) -> None:
    """Before and after, for each message."""
    seen = []

    class Witness(Middleware):
        def before_enqueue(self, _broker: object, message: dramatiq.Message[None], _delay: object) -> None:
            seen.append(("before", message.kwargs["account_id"]))

        def after_enqueue(self, _broker: object, message: dramatiq.Message[None], _delay: object) -> None:
            seen.append(("after", message.kwargs["account_id"]))

    enqueue_all(make_broker(redis_client, "wt", [Witness()]), [doorbell("a"), doorbell("b")])
    assert seen == [("before", "a"), ("before", "b"), ("after", "a"), ("after", "b")]


def test_a_callers_pipeline_decides_when(broker: QueueBroker, redis_client: Redis) -> None:
    """In the caller's MULTI nothing is sent before it is executed: all of it or nothing."""
    with redis_client.pipeline(transaction=True) as pipeline:
        enqueue_all(broker, [doorbell("a"), doorbell("b")], pipeline)
        assert redis_client.keys() == []
        pipeline.execute()
    assert redis_client.llen(queue_key("wt", META)) == 2


def test_a_real_worker_consumes_them(broker: QueueBroker, redis_client: Redis, database: Database) -> None:
    """By actor name, each once, and nothing is left in Redis."""
    rung: list[str] = []
    consume(broker, database, lambda message: rung.append(message.account_id))
    ring_accounts(broker, {f"account-{number}": "meta_ads" for number in range(20)})
    with working(broker):
        wait_until(lambda: len(rung) >= 20)
        wait_until(lambda: not redis_client.hlen(queue_key("wt", META) + ".msgs"))
    assert sorted(rung) == sorted(f"account-{number}" for number in range(20))


@pytest.mark.parametrize(
    ("args", "kwargs", "reason"),
    [
        ((), {"version": 1}, "account_id"),
        ((), {"version": 1, "account_id": "a", "more": 1}, "more"),
        ((), {"version": 99, "account_id": "a"}, "version"),
        ((), {"version": 1, "account_id": 7}, "account_id"),
        ((), {"version": 1, "account_id": "nul\x00"}, "account_id"),
        ((), {}, "account_id"),
        (("a",), {}, "positional"),
    ],
)
def test_a_message_that_nobody_would_send(
    broker: QueueBroker, database: Database, args: tuple[object, ...], kwargs: dict[str, object], reason: str
) -> None:
    """It goes to the dead letters with the reason; the worker goes on with the next."""
    rung: list[str] = []
    consume(broker, database, lambda message: rung.append(message.account_id))
    broken: dramatiq.Message[None] = dramatiq.Message(
        queue_name=META, actor_name=ActorName.APPLY_CHANGES, args=args, kwargs=kwargs, options={}
    )
    enqueue_all(broker, [broken, doorbell("good")])
    with working(broker):
        wait_until(lambda: rung)
    with database.transaction() as tx:
        (dead,) = tx.rows("SELECT * FROM dead_letters")
    assert (dead.queue, dead.actor, rung) == (META, "apply_changes", ["good"])
    assert reason in dead.reason


@pytest.mark.parametrize("error", [StorageUnavailable("PostgreSQL: gone"), ZeroDivisionError("a fault of ours")])
def test_a_step_that_fails_does_not_end_the_worker(broker: QueueBroker, database: Database, error: Exception) -> None:
    """Neither an error of the outside world nor one of our own; and the message is not tried again."""
    rung: list[str] = []

    def step(message: ApplyChanges) -> None:
        rung.append(message.account_id)
        if message.account_id == "bad":
            raise error

    consume(broker, database, step)
    enqueue_all(broker, [doorbell("bad"), doorbell("good")])
    with working(broker):
        wait_until(lambda: len(rung) >= 2)
        wait_until(lambda: not broker.client.llen(queue_key("wt", META)))
    assert sorted(rung) == ["bad", "good"]


def test_a_letter_is_validated_before_it_leaves() -> None:
    """What the other side would refuse is not sent at all."""
    with pytest.raises(InvalidMessage, match="cannot be stored"):
        letter(ActorName.FETCH_WEATHER, WEATHER, FetchWeather(1, {"place\x00": {}}))
