"""A Dramatiq worker whose actor does nothing: what a message costs when nobody looks at it."""

import os

import dramatiq

from weathertrigger.broker import connect_redis, make_broker

NAMESPACE = "bench-bare"
QUEUE = "bare"


def start() -> None:
    """Called by Dramatiq in each worker process."""
    broker = make_broker(connect_redis(os.environ["REDIS_URL"]), NAMESPACE)
    dramatiq.set_broker(broker)
    declare(broker)


def declare(broker: dramatiq.Broker) -> "dramatiq.Actor[[], None]":
    """The actor, to consume or to send."""

    def nothing() -> None:
        """All that is asked."""

    return dramatiq.Actor(nothing, broker=broker, actor_name="nothing", queue_name=QUEUE, priority=0, options={})
