"""The Dramatiq broker, and many messages in one round trip.

Dramatiq is a wake-up transport here: it may lose or repeat a message and nothing is lost or done twice. So there are no
retries, delays, pipelines or results; waiting is a time in PostgreSQL or in the bells.
"""

from collections.abc import Iterable, Sequence
from typing import cast
from uuid import uuid4

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import Middleware, ShutdownNotifications, TimeLimit
from redis import Redis
from redis.client import Pipeline

from weathertrigger.messages import Message, dump
from weathertrigger.queues import ActorName

TIME_LIMIT_MS = 120_000


def connect_redis(url: str) -> Redis:
    """A client whose time-outs really apply. Nothing connects before the first command."""
    return Redis.from_url(url, socket_timeout=10, socket_connect_timeout=3, health_check_interval=30)


def make_broker(redis: Redis, namespace: str, middleware: Sequence[Middleware] = ()) -> RedisBroker:
    """A broker on this Redis, under this installation's name.

    There is no age limit: it would trust the clocks of the hosts, and an old doorbell costs one look at PostgreSQL.
    """
    return RedisBroker(  # type: ignore[no-untyped-call]  # Dramatiq leaves its constructor untyped
        client=redis,
        namespace=broker_namespace(namespace),
        heartbeat_timeout=30_000,
        middleware=[
            TimeLimit(time_limit=TIME_LIMIT_MS),
            ShutdownNotifications(),
            *middleware,
        ],
    )


def broker_namespace(namespace: str) -> str:
    """What Dramatiq's keys start with."""
    return f"{namespace}:dramatiq"


def queue_key(namespace: str, queue: str) -> str:
    """The list of the messages that wait in a queue."""
    return f"{broker_namespace(namespace)}:{queue}"


def letter(actor: ActorName, queue: str, message: Message) -> dramatiq.Message[None]:
    """The message as Dramatiq carries it: addressed by actor name, so that no service imports another."""
    return dramatiq.Message(queue_name=queue, actor_name=actor, args=(), kwargs=dump(message), options={})


def waiting(broker: RedisBroker, queue: str) -> int:
    """How many messages no worker has taken out of the queue yet."""
    return cast("int", broker.client.llen(f"{broker.namespace}:{queue}"))


def enqueue_all(
    broker: RedisBroker, letters: Iterable[dramatiq.Message[None]], pipeline: Pipeline | None = None
) -> None:
    """Enqueues many messages in one MULTI, with Dramatiq's hooks kept; in the caller's pipeline if one is given.

    Writes the keys that Dramatiq 2.2 writes (`<ns>:<queue>` and `<ns>:<queue>.msgs`); a test holds this against
    Dramatiq's own enqueue.
    """
    into: Pipeline = broker.client.pipeline(transaction=True) if pipeline is None else pipeline
    sent = []
    for one in letters:
        redis_id = str(uuid4())
        message = one.copy(options={"redis_message_id": redis_id})
        broker.emit_before("enqueue", message, None)
        key = f"{broker.namespace}:{message.queue_name}"
        into.hset(f"{key}.msgs", redis_id, message.encode())
        into.rpush(key, redis_id)
        sent.append(message)
    if pipeline is None:
        into.execute()
    for message in sent:
        broker.emit_after("enqueue", message, None)
