"""The clock of Redis, which all hosts share."""

from redis import Redis


def redis_clock_ms(redis: Redis) -> int:
    """Whole milliseconds since the epoch, in one round trip."""
    seconds, micros = redis.time()
    return seconds * 1000 + micros // 1000
