"""Baseline (a): bare Dramatiq messages a second on the same Redis, sent one by one while they are consumed."""

import time
from contextlib import closing

from tests.benchmarks.bare_worker import NAMESPACE, QUEUE, declare
from tests.benchmarks.ground import Ground, bare_workers
from tests.benchmarks.waiting import wait_for
from weathertrigger.broker import connect_redis, make_broker, queue_key

_MESSAGES = 5000
_WARM_UP = 200


def bare_messages_per_second(ground: Ground) -> float:
    """From the first send to the last acknowledgement."""
    with closing(connect_redis(ground.redis.url)) as client, bare_workers(ground):
        actor = declare(make_broker(client, NAMESPACE))
        unfinished = f"{queue_key(NAMESPACE, QUEUE)}.msgs"

        def send(messages: int) -> float:
            started = time.monotonic()
            for _ in range(messages):
                actor.send()
            wait_for("bare messages", lambda: client.hlen(unfinished) == 0, every=0.005)
            return messages / (time.monotonic() - started)

        send(_WARM_UP)
        return send(_MESSAGES)
