"""Every replica brings dead messages from Redis into PostgreSQL, where they are kept until somebody looks at them."""

import json
import logging

from redis import Redis

from weathertrigger.broker import broker_namespace
from weathertrigger.deliveries.all_queues import all_queues
from weathertrigger.deliveries.dead import DeadMessage, dead_messages, forget
from weathertrigger.deliveries.keys import QueueKeys
from weathertrigger.storage import dead_letters
from weathertrigger.storage.database import Database

log = logging.getLogger(__name__)

_MOST = 100


class KeepDeadLetters:
    """Kept first, then forgotten in Redis: a crash in between finds it kept already."""

    def __init__(self, database: Database, redis: Redis, namespace: str) -> None:
        self._database = database
        self._redis = redis
        self._namespace = broker_namespace(namespace)

    def __call__(self) -> int:
        """Gives the number of messages that were brought over."""
        return sum(self._keep(QueueKeys(self._namespace, queue)) for queue in all_queues())

    def _keep(self, keys: QueueKeys) -> int:
        dead = dead_messages(self._redis, keys, _MOST)
        if dead:
            with self._database.transaction() as tx:
                for one in dead:
                    actor, body = _letter(one)
                    dead_letters.add(
                        tx, queue=keys.queue, actor=actor, body=body, reason=one.reason, redis_id=one.redis_id
                    )
            forget(self._redis, keys, [one.redis_id for one in dead])
            log.warning("messages are dead letters", extra={"queue": keys.queue, "messages": len(dead)})
        return len(dead)


def _letter(message: DeadMessage) -> tuple[str, str]:
    """Who it was for, and what it said: the arguments of a message, or the whole body where it is none."""
    text = message.body.decode(errors="replace")
    try:
        envelope = json.loads(text)
        actor, args, kwargs = str(envelope["actor_name"]), envelope["args"], envelope["kwargs"]
    except (ValueError, TypeError, LookupError):
        return "", text
    return actor, json.dumps([*args, kwargs] if args else kwargs)
