"""What workers that died had taken and not acknowledged.

It is let go: the checks ring again by themselves, and a message that ended its worker must not come back to end
another one.
"""

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import cast

from redis import Redis

from weathertrigger.deliveries.keys import QueueKeys, heartbeats_key


def let_go(redis: Redis, namespace: str, queues: Iterable[str], broker_ids: Collection[str]) -> int:
    """Lets go of what these brokers had; gives how many messages that were."""
    messages = 0
    for queue in queues:
        keys = QueueKeys(namespace, queue)
        for broker_id in broker_ids:
            taken = cast("set[bytes]", redis.smembers(keys.taken_by(broker_id)))
            messages += len(taken)
            if taken:
                with redis.pipeline(transaction=True) as pipeline:
                    pipeline.hdel(keys.bodies, *taken)
                    pipeline.srem(keys.taken_by(broker_id), *taken)
                    pipeline.execute()
    if broker_ids:
        redis.zrem(heartbeats_key(namespace), *broker_ids)
    return messages


def brokers_seen(redis: Redis, namespace: str) -> dict[str, timedelta]:
    """Every broker that has spoken, and how long ago by the clock of its host: only good for telling a long time."""
    seconds, _ = redis.time()
    heard = cast("list[tuple[bytes, float]]", redis.zrange(heartbeats_key(namespace), 0, -1, withscores=True))
    return {one.decode(): timedelta(seconds=seconds) - timedelta(milliseconds=at) for one, at in heard}
