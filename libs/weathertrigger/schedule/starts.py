"""S5: who has begun to work on which checks, so that a check that ends every process that touches it is found out.

A step adds a start before it works and takes it back at any end that it can tell of. Death leaves it. When its lease is
over it is counted against the checks that it was for (`claim.lua`). All of it may be lost: that costs patience alone.
"""

import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from secrets import token_hex

import orjson
from redis import Redis, RedisError

from weathertrigger.errors import WeatherTriggerError
from weathertrigger.lua import script

log = logging.getLogger(__name__)

ALONE_FROM = 2
"""S3: unreported starts from which on a check travels alone, so that it takes no other with it."""
ENDED_FROM = 7
"""S3: unreported starts from which on a check is ended as failed."""


@dataclass(frozen=True, slots=True)
class Unreported:
    """The starts of one check (its due time in ms) whose lease is over and of which nobody has heard since."""

    due: int
    starts: int


class Starts:
    """The steps that are at work. Three keys beside the bells: starts by the end of their lease, their checks, and what
    is unreported by rule."""

    def __init__(self, redis: Redis, namespace: str, new_id: Callable[[], str] = lambda: token_hex(8)) -> None:
        self._redis = redis
        self._new_id = new_id
        self.keys = (f"{namespace}:starts", f"{namespace}:starts.checks", f"{namespace}:unreported")
        self._report = redis.register_script(script("schedule", "report"))

    @contextmanager
    def at_work(self, lease: int, checks: Mapping[str, int]) -> Iterator[str]:
        """A start of these checks (rule id to due in ms) with the end of its lease; gives its id. An end that tells its
        reason takes it back; what nobody foresaw, and death, leave it."""
        start = self.begin(lease, checks)
        try:
            yield start
        except (WeatherTriggerError, RedisError):
            self._take_back(start, checks)
            raise
        self._take_back(start, checks)

    def begin(self, lease: int, checks: Mapping[str, int]) -> str:
        """Adds a start; gives its id."""
        start = self._new_id()
        by_lease, by_start, _ = self.keys
        with self._redis.pipeline(transaction=True) as pipeline:
            pipeline.hset(by_start, start, orjson.dumps(list(checks.items())))
            pipeline.zadd(by_lease, {start: lease})
            pipeline.execute()
        return start

    def extend(self, start: str, lease: int) -> None:
        """The step goes on until then."""
        self._redis.zadd(self.keys[0], {start: lease}, xx=True)

    def report(self, start: str, rule_ids: Collection[str]) -> None:
        """Takes a start back; again is as good as once."""
        self._report(keys=list(self.keys), args=[start, *rule_ids])

    def suspect(self, dues: Mapping[str, int]) -> None:
        """The next check of these rules travels alone from the beginning: the one before it had to be ended."""
        with self._redis.pipeline(transaction=True) as pipeline:
            for rule_id, due in dues.items():
                pipeline.hset(self.keys[2], rule_id, " ".join([str(due), *["ended"] * ALONE_FROM]))
            pipeline.execute()

    def forget(self, rule_ids: Collection[str]) -> None:
        """What is unreported of these rules is about checks that are settled."""
        self._redis.hdel(self.keys[2], *rule_ids)

    def at_work_now(self) -> int:
        """How many steps are at work, or have ended without a word a moment ago."""
        return self._redis.zcard(self.keys[0])

    def _take_back(self, start: str, rule_ids: Collection[str]) -> None:
        try:
            self.report(start, rule_ids)
        except RedisError as error:
            log.info("a start is not taken back", extra={"error": str(error)})


def unreported_of(text: bytes) -> Unreported:
    """What `claim.lua` keeps: `due start start ...`."""
    due, *starts = text.split()
    return Unreported(int(due), len(starts))
