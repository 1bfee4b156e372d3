"""Declares the actors of a service on a broker that is handed in: payload to typed message to step.

A message that does not validate goes to the dead letters with the reason. A step that fails for a reason of the outside
world is logged in one line; the check rings again by itself when its lease ends. A doorbell that came too late is
counted. After an error that nobody foresaw the message goes to Dramatiq's dead ones, which the scheduler keeps.
"""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any as Json  # a payload, before its schema has looked at it

import dramatiq
from redis.exceptions import RedisError

from weathertrigger.deliveries.queue_broker import QueueBroker
from weathertrigger.errors import DoorbellExpired, WeatherTriggerError
from weathertrigger.messages import InvalidMessage, M, load
from weathertrigger.queues import ActorName
from weathertrigger.storage import dead_letters
from weathertrigger.storage.database import Database

log = logging.getLogger(__name__)


def declare_actor(
    broker: QueueBroker,
    database: Database,
    *,
    name: ActorName,
    queue: str,
    kind: type[M],
    step: Callable[[M], None],
) -> None:
    """Makes `step` the consumer of messages of this kind on this queue."""

    def act(*positional: Json, **payload: Json) -> None:
        try:
            message = _read(kind, positional, payload)
        except InvalidMessage as error:
            reason = str(error)
            log.error("message is refused", extra={"actor": name, "reason": reason})  # noqa: TRY400  it says it all
            body = json.dumps([*positional, payload] if positional else payload, default=str)
            database.run(lambda tx: dead_letters.add(tx, queue=queue, actor=name, body=body, reason=reason))
            broker.jobs.fail()
            return
        try:
            step(message)
        except DoorbellExpired:
            broker.jobs.expire()
        except (WeatherTriggerError, RedisError) as error:
            broker.jobs.fail()
            log.warning("step is given up until its bell rings again", extra={"actor": name, "error": str(error)})

    dramatiq.Actor(act, broker=broker, actor_name=name, queue_name=queue, priority=0, options={})


def _read(kind: type[M], positional: Sequence[Json], payload: Mapping[str, Json]) -> M:
    if positional:
        raise InvalidMessage(f"{kind.__name__}: takes no positional arguments")
    return load(kind, payload)
