"""Wall-clock time, aware and in UTC. Steps take a Clock as an argument, so that tests can hold it still."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The present time of this machine, aware, in UTC."""
    return datetime.now(UTC)
