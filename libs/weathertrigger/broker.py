"""The Dramatiq broker, and many messages in one round trip.

Dramatiq is a wake-up transport here: it may lose or repeat a message and nothing is lost or done twice. So there are no
retries, delays, pipelines or results; waiting is a time in PostgreSQL or in the bells.
"""

from collections.abc import Iterable, Sequence
from typing import cast
from uuid import uuid4

import dramatiq
from dramatiq.middleware import Middleware
from redis import Redis
from redis.backoff import NoBackoff
from redis.client import Pipeline
from redis.retry import Retry

from weathertrigger.deliveries.keys import QueueKeys
from weathertrigger.deliveries.queue_broker import QueueBroker
from weathertrigger.messages import Message, dump
from weathertrigger.queues import ActorName
from weathertrigger.redis_clock import redis_clock_ms


def connect_redis(url: str, *, patience_seconds: float = 10.0) -> Redis:
    """A client whose time-outs really apply: an answer comes within `patience_seconds`. Nothing connects before the
    first command.

    No command is sent again by itself: one whose answer was lost may have been done, and a claim that is done twice
    takes bells that nobody hears of.
    """
    return Redis.from_url(
        url,
        socket_timeout=patience_seconds,
        socket_connect_timeout=min(patience_seconds, 3.0),
        health_check_interval=30,
        retry=Retry(NoBackoff(), 0),
    )


def make_broker(redis: Redis, namespace: str, middleware: Sequence[Middleware] = ()) -> QueueBroker:
    """A broker on this Redis, under this installation's name.

    There is no age limit: it would trust the clocks of the hosts, and an old doorbell costs one look at PostgreSQL.
    """
    return QueueBroker(redis, broker_namespace(namespace), middleware)


def broker_namespace(namespace: str) -> str:
    """What Dramatiq's keys start with."""
    return f"{namespace}:dramatiq"


def queue_key(namespace: str, queue: str) -> str:
    """The list of the messages that wait in a queue."""
    return QueueKeys(broker_namespace(namespace), queue).waiting


def letter(actor: ActorName, queue: str, message: Message) -> dramatiq.Message[None]:
    """The message as Dramatiq carries it: addressed by actor name, so that no service imports another."""
    return dramatiq.Message(queue_name=queue, actor_name=actor, args=(), kwargs=dump(message), options={})


def waiting(broker: QueueBroker, queue: str) -> int:
    """How many messages no worker has taken out of the queue yet."""
    return cast("int", broker.client.llen(QueueKeys(broker.namespace, queue).waiting))


def enqueue_all(
    broker: QueueBroker, letters: Iterable[dramatiq.Message[None]], pipeline: Pipeline | None = None
) -> None:
    """Enqueues many messages in one MULTI, with Dramatiq's hooks kept; in the caller's pipeline if one is given.

    Writes the keys that Dramatiq 2.2 writes; a test holds this against Dramatiq's own enqueue. The ids begin with the
    time by Redis's clock, so that whoever looks at the head of a queue sees how long it has waited.
    """
    into: Pipeline = broker.client.pipeline(transaction=True) if pipeline is None else pipeline
    sent_at = redis_clock_ms(broker.client)
    sent = []
    for one in letters:
        redis_id = f"t{sent_at}.{uuid4().hex}"
        message = one.copy(options={"redis_message_id": redis_id})
        broker.emit_before("enqueue", message, None)
        keys = QueueKeys(broker.namespace, message.queue_name)
        into.hset(keys.bodies, redis_id, message.encode())
        into.rpush(keys.waiting, redis_id)
        sent.append(message)
    if pipeline is None:
        into.execute()
    for message in sent:
        broker.emit_after("enqueue", message, None)
