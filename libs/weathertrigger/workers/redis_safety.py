"""Whether a Redis may be trusted with bells and messages."""

import logging

from redis import Redis, RedisError

from weathertrigger.errors import UnsafeRedis

log = logging.getLogger(__name__)

SAFE_POLICY = "noeviction"


def refuse_eviction(redis: Redis) -> None:
    """Looks at the eviction policy; a Redis that is away for the moment is given the benefit of the doubt.

    Raises:
        UnsafeRedis: it would throw keys away when its memory is full.
    """
    try:
        policy = redis.info("memory").get("maxmemory_policy", SAFE_POLICY)
    except RedisError as error:
        log.warning("Redis does not answer; its eviction policy is not known", extra={"error": str(error)})
        return
    if policy != SAFE_POLICY:
        raise UnsafeRedis(
            f"Redis evicts keys ({policy}): bells and messages would vanish without a word. Set maxmemory-policy to "
            f"{SAFE_POLICY}, or give the engine a Redis of its own."
        )
