"""What our own scripts write is what Dramatiq's would: its tools find everything in its place."""

from collections.abc import Callable
from typing import cast

import pytest
from dramatiq import MessageProxy
from redis import Redis

from tests.integration.workers import KEYS, NAMESPACE, QUEUE, consume, doorbell
from weathertrigger.broker import make_broker
from weathertrigger.deliveries.consumer import QueueConsumer
from weathertrigger.deliveries.queue_broker import QueueBroker
from weathertrigger.storage.database import Database

IDS = [f"id-{number}" for number in range(4)]
LETTERS = [doorbell(name).copy(options={"redis_message_id": name}) for name in IDS]

Step = Callable[[QueueBroker, QueueConsumer], object]


def kept(redis: Redis) -> dict[str, object]:
    """Everything in Redis: of each key its type and its members, without the times in sorted sets."""
    read: dict[bytes, Callable[[bytes], object]] = {
        b"list": lambda key: redis.lrange(key, 0, -1),
        b"set": redis.smembers,
        b"hash": redis.hgetall,
        b"zset": lambda key: redis.zrange(key, 0, -1),
    }
    return {key.decode(): read[cast("bytes", redis.type(key))](key) for key in cast("list[bytes]", redis.keys())}


def proxies(consumer: QueueConsumer, count: int) -> list[MessageProxy]:
    found = [next(consumer) for _ in range(count)]
    return [one for one in found if one is not None]


def fetch(broker: QueueBroker, _: QueueConsumer) -> None:
    assert broker.do_fetch(QUEUE, 2) == [one.encode() for one in LETTERS[:2]]


def take(_: QueueBroker, consumer: QueueConsumer) -> None:
    assert [one.kwargs for one in proxies(consumer, 2)] == [one.kwargs for one in LETTERS[:2]]


def fetch_and_nack(broker: QueueBroker, consumer: QueueConsumer) -> None:
    fetch(broker, consumer)
    broker.do_nack(QUEUE, IDS[1])
    broker.do_nack(QUEUE, IDS[1])


def take_and_bury(_: QueueBroker, consumer: QueueConsumer) -> None:
    second = proxies(consumer, 2)[1]
    consumer.nack(second)
    consumer.nack(second)


def fetch_and_nack_nothing(broker: QueueBroker, consumer: QueueConsumer) -> None:
    broker.client.hdel(KEYS.bodies, IDS[1])
    broker.do_fetch(QUEUE, 1)
    broker.do_nack(QUEUE, IDS[3])


def take_and_bury_nothing(broker: QueueBroker, consumer: QueueConsumer) -> None:
    broker.client.hdel(KEYS.bodies, IDS[1])
    proxies(consumer, 1)
    consumer._bury(IDS[3].encode(), "it is not taken")


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [(fetch, take), (fetch_and_nack, take_and_bury), (fetch_and_nack_nothing, take_and_bury_nothing)],
)
def test_the_keys_are_those_of_dramatiq(redis_client: Redis, database: Database, theirs: Step, ours: Step) -> None:
    """Same keys, types and members; beside them only the reasons of the dead, which are ours."""
    left = []
    for step in (theirs, ours):
        redis_client.flushall()
        broker = make_broker(redis_client, NAMESPACE)
        broker.broker_id = "the-broker"
        consume(broker, database, lambda _: None)
        for name, one in zip(IDS, LETTERS, strict=True):
            broker.do_enqueue(QUEUE, name, one.encode())
        redis_client.delete(f"{NAMESPACE}:dramatiq:__heartbeats__")
        prefetch = 1 if step is take_and_bury_nothing else 2
        step(broker, cast("QueueConsumer", broker.consume(QUEUE, prefetch=prefetch, timeout=1)))
        left.append(kept(redis_client))
    reasons = left[1].pop(KEYS.dead_reasons, {})
    assert left[0] == left[1]
    assert len(left[0]) >= 4
    assert reasons == ({IDS[1].encode(): b"was refused"} if ours is take_and_bury else {})
