"""The jobs (messages) that wait in the queues and those that workers have taken."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any as Json  # the body of a message may be anything
from typing import cast

from redis import Redis

from weathertrigger.deliveries.keys import QueueKeys
from weathertrigger.instants import from_ms
from weathertrigger.redis_clock import redis_clock_ms

_SENT = re.compile(rb"t(\d{1,15})\.")


class JobState(StrEnum):
    """Where a job is."""

    WAITING = "waiting"
    TAKEN = "taken"  # by a worker, which does it or is about to


@dataclass(frozen=True, slots=True)
class Job:
    """One message. `broker_id` is that of the worker that has it; `age` is None where the sender did not say."""

    id: str
    queue: str
    state: JobState
    actor: str
    age: timedelta | None
    payload: Mapping[str, Json]
    broker_id: str | None = None


def waiting_jobs(redis: Redis, keys: QueueKeys, most: int) -> list[Job]:
    """The oldest first."""
    ids = cast("list[bytes]", redis.lrange(keys.waiting, 0, most - 1))
    return list(_jobs(redis, keys, ids, JobState.WAITING, None))


def taken_jobs(redis: Redis, keys: QueueKeys, broker_id: str) -> list[Job]:
    """What this worker has; in no order."""
    ids = sorted(cast("set[bytes]", redis.smembers(keys.taken_by(broker_id))))
    return list(_jobs(redis, keys, ids, JobState.TAKEN, broker_id))


def age_of(redis_id: bytes, now_ms: int) -> timedelta | None:
    """How long ago a message was sent, by Redis's clock; None where its id does not say."""
    sent = _SENT.match(redis_id)
    return max(from_ms(now_ms) - from_ms(int(sent[1])), timedelta()) if sent else None


def _jobs(redis: Redis, keys: QueueKeys, ids: list[bytes], state: JobState, broker_id: str | None) -> Iterator[Job]:
    if not ids:
        return
    now = redis_clock_ms(redis)
    bodies = cast("list[bytes | None]", redis.hmget(keys.bodies, ids))
    for one, body in zip(ids, bodies, strict=True):
        if body is not None:  # otherwise it has been done meanwhile
            actor, payload = _read(body)
            name = one.decode(errors="backslashreplace")
            yield Job(name, keys.queue, state, actor, age_of(one, now), payload, broker_id)


def _read(body: bytes) -> tuple[str, Mapping[str, Json]]:
    try:
        envelope = json.loads(body)
        payload = envelope["kwargs"]
        return str(envelope["actor_name"]), payload if isinstance(payload, dict) else {}
    except (ValueError, TypeError, LookupError, RecursionError):
        return "", {}
