"""The dead messages of a queue: those whose job failed in a way that nobody foresaw, or that nobody could read."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import cast

from redis import Redis

from weathertrigger.deliveries.keys import QueueKeys

_UNKNOWN = "its job failed"


@dataclass(frozen=True, slots=True)
class DeadMessage:
    """One of them; the body is whatever came."""

    redis_id: bytes
    body: bytes
    reason: str


def dead_messages(redis: Redis, keys: QueueKeys, most: int) -> list[DeadMessage]:
    """The ones that died first."""
    ids = cast("list[bytes]", redis.zrange(keys.dead, 0, most - 1))
    if not ids:
        return []
    bodies = cast("list[bytes | None]", redis.hmget(keys.dead_bodies, ids))
    reasons = cast("list[bytes | None]", redis.hmget(keys.dead_reasons, ids))
    return [
        DeadMessage(one, body or b"", reason.decode(errors="replace") if reason else _UNKNOWN)
        for one, body, reason in zip(ids, bodies, reasons, strict=True)
    ]


def forget(redis: Redis, keys: QueueKeys, redis_ids: Collection[bytes]) -> None:
    """They are kept elsewhere now."""
    with redis.pipeline(transaction=True) as pipeline:
        pipeline.hdel(keys.dead_bodies, *redis_ids)
        pipeline.hdel(keys.dead_reasons, *redis_ids)
        pipeline.zrem(keys.dead, *redis_ids)
        pipeline.execute()
