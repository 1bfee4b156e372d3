"""Every replica brings dead messages from Redis into PostgreSQL, where they are kept until somebody looks at them."""

import json
import logging

from redis import Redis

from weathertrigger.broker import broker_namespace
from weathertrigger.deliveries.all_queues import all_queues
from weathertrigger.deliveries.dead import DeadMessage, dead_messages, forget
from weathertrigger.deliveries.keys import QueueKeys
from weathertrigger.storage import dead_letters
from weathertrigger.storage.database import Database, Transaction

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
                    _add(tx, keys.queue, one)
            forget(self._redis, keys, [one.redis_id for one in dead])
            log.warning("messages are dead letters", extra={"queue": keys.queue, "messages": len(dead)})
        return len(dead)


def _add(tx: Transaction, queue: str, message: DeadMessage) -> None:
    actor, body = _letter(message.body.decode(errors="replace"))
    redis_id = message.redis_id.decode(errors="backslashreplace")
    dead_letters.add(tx, queue=queue, actor=actor, body=body, reason=message.reason, redis_id=redis_id)


def _letter(text: str) -> tuple[str, str]:
    """Who it was for, and what it said: the arguments of a message, or the whole body where it is none."""
    try:
        envelope = json.loads(text)
        actor, args, kwargs = str(envelope["actor_name"]), list(envelope["args"]), envelope["kwargs"]
        return actor, json.dumps([*args, kwargs] if args else kwargs)
    except (ValueError, TypeError, LookupError, RecursionError):
        return "", text
