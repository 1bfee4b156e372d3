"""The circuit breaker: pybreaker's rules on a state that all workers share.

pybreaker says what a failure and a success mean: how they are counted, when the breaker opens, opens again, closes.
Who may call at all is decided in `enter.lua`, because pybreaker would let a probe through in every process, and holds
a lock for the whole of a call. So it is told what came of a call afterwards, and only what it should count.
"""

import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import NoReturn, cast

from pybreaker import (
    STATE_CLOSED,
    STATE_HALF_OPEN,
    STATE_OPEN,
    CircuitBreaker,
    CircuitBreakerError,
    CircuitBreakerListener,
    CircuitBreakerState,
    CircuitBreakerStorage,
)
from redis import Redis

from weathertrigger.errors import Transient
from weathertrigger.redis_clock import redis_clock_ms

LONGEST_OPEN = timedelta(minutes=15)
"""The time that the breaker stays open doubles after each failed probe, up to here: an outage of a day costs a hundred
calls, and not the quota."""
BREAKER_KEPT = timedelta(days=1)
"""After so long without a change a breaker is closed and its failures are forgotten."""


log = logging.getLogger(__name__)


def closed_for(redis: Redis, key: str) -> timedelta | None:
    """How long the breaker of this key has been closed after it was open; None if it is not, or was not."""
    state, since = cast("list[bytes | None]", redis.hmget(key, "state", "since"))
    if state is None or since is None or state.decode() != STATE_CLOSED:
        return None
    return timedelta(milliseconds=redis_clock_ms(redis) - int(since))


class _Logged(CircuitBreakerListener):
    """Each opening and closing is a line in the log; that a call tries again is one too, but of the first answer."""

    def state_change(self, cb: CircuitBreaker, old_state: object, new_state: CircuitBreakerState) -> None:
        """What pybreaker calls then."""
        log.warning("circuit breaker is %s", new_state.name, extra={"breaker": cb.name, "was": _name_of(old_state)})


class Breaker:
    """The circuit breakers of one service."""

    def __init__(self, redis: Redis, *, failures: int, reset: timedelta) -> None:
        self._redis = redis
        self.failures = failures
        self._reset = reset

    def failed(self, key: str, error: Transient, *, entered_in: str) -> bool:
        """A call has failed that was let in when the breaker was in this state. Whether the breaker is open now."""
        breaker, kept = self._fresh(key)
        if breaker.current_state == entered_in:  # else it is late: what it says was said by others
            if entered_in == STATE_HALF_OPEN:
                kept.count_failed_probe()
            with suppress(Transient, CircuitBreakerError):
                breaker.call(_fail, error)
        return breaker.current_state == STATE_OPEN

    def answered(self, key: str, *, entered_in: str) -> None:
        """A probe has been answered that was let in when the breaker was in this state."""
        breaker, _ = self._fresh(key)
        if breaker.current_state == entered_in:
            with suppress(CircuitBreakerError):
                breaker.call(lambda: None)

    def _fresh(self, key: str) -> "tuple[CircuitBreaker, BreakerInRedis]":
        """Made anew each time: one that lives on keeps a copy of the state, and when it notices late that somebody else
        has closed the breaker, it forgets the failures that all have counted since."""
        kept = BreakerInRedis(self._redis, key)
        breaker = CircuitBreaker(
            fail_max=self.failures,
            reset_timeout=self._reset.total_seconds(),
            state_storage=kept,
            throw_new_error_on_trip=False,
            listeners=[_Logged()],
            name=key,
        )
        return breaker, kept


class BreakerInRedis(CircuitBreakerStorage):
    """One hash with Redis's clock. pybreaker's own storage swallows errors of Redis, keeps its keys for ever, and takes
    times from the clocks of the hosts, in whole seconds."""

    def __init__(self, redis: Redis, key: str) -> None:
        super().__init__("redis")
        self._redis = redis
        self._key = key

    @property
    def state(self) -> str:
        """A breaker that Redis knows nothing of is closed."""
        state = cast("bytes | None", self._redis.hget(self._key, "state"))
        return state.decode() if state else STATE_CLOSED

    @state.setter
    def state(self, state: str) -> None:
        fields: dict[str, str | int] = {"state": state, "since": redis_clock_ms(self._redis)}
        self._write({**fields, "failed_probes": 0} if state == STATE_CLOSED else fields)

    def count_failed_probe(self) -> None:
        """One more in a row: `enter.lua` waits twice as long for the next."""
        self._increment("failed_probes")

    def increment_counter(self) -> None:
        """One more failure in a row."""
        self._increment("failures")

    def reset_counter(self) -> None:
        """No failure in a row."""
        self._write({"failures": 0})

    def increment_success_counter(self) -> None:
        """One more probe that was answered."""
        self._increment("successes")

    def reset_success_counter(self) -> None:
        """No probe was answered yet."""
        self._write({"successes": 0})

    @property
    def counter(self) -> int:
        """Failures in a row, over all workers."""
        return self._number("failures")

    @property
    def success_counter(self) -> int:
        """Probes that were answered."""
        return self._number("successes")

    @property
    def opened_at(self) -> datetime | None:
        """As this host's clock would say it, with which pybreaker compares it."""
        if not (opened_at := self._number("opened_at")):
            return None
        return datetime.now(UTC) - timedelta(milliseconds=redis_clock_ms(self._redis) - opened_at)

    @opened_at.setter
    def opened_at(self, _: datetime) -> None:
        self._write({"opened_at": redis_clock_ms(self._redis)})

    def _number(self, field: str) -> int:
        return int(cast("bytes | None", self._redis.hget(self._key, field)) or 0)

    def _increment(self, field: str) -> None:
        with self._redis.pipeline(transaction=True) as pipeline:
            pipeline.hincrby(self._key, field)
            pipeline.pexpire(self._key, BREAKER_KEPT)
            pipeline.execute()

    def _write(self, fields: dict[str, str | int]) -> None:
        with self._redis.pipeline(transaction=True) as pipeline:
            pipeline.hset(self._key, mapping=fields)  # type: ignore[arg-type]  # invariant, though it only reads
            pipeline.pexpire(self._key, BREAKER_KEPT)
            pipeline.execute()


def _name_of(state: object) -> str | None:
    return state.name if isinstance(state, CircuitBreakerState) else None


def _fail(error: Transient) -> NoReturn:
    raise error
