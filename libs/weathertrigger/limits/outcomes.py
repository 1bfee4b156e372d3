"""What came of a call: what the breaker hears of it, how long the service is left alone, and whom it is told."""

import logging
from datetime import timedelta
from typing import Final

from redis import Redis

from weathertrigger.errors import HeldBack, QuotaExhausted, ServiceError, Transient, Unauthorised
from weathertrigger.limits.breaker import Breaker
from weathertrigger.limits.cool_down import CoolDown
from weathertrigger.limits.keys import GateKeys
from weathertrigger.limits.passage import Call, Left, Passage
from weathertrigger.limits.rate_limit import RateLimit
from weathertrigger.limits.troubles import Troubles
from weathertrigger.storage.incidents import IncidentKind

log = logging.getLogger(__name__)


class Good:
    """The call has ended without an error."""


GOOD: Final = Good()
Outcome = ServiceError | Good | None
"""None: something else has ended the call, and nothing is known of the service."""


class Outcomes:
    """Judges the calls of one service."""

    def __init__(
        self,
        redis: Redis,
        *,
        passage: Passage,
        rate_limit: RateLimit,
        troubles: Troubles,
        failures: int,
        reset: timedelta,
        cool_down: timedelta,
    ) -> None:
        self._passage = passage
        self._rate_limit = rate_limit
        self._troubles = troubles
        self._failures = failures
        self._breaker = Breaker(redis, failures=failures, reset=reset)
        self._cool_down = CoolDown(redis, default=cool_down)

    def end(self, call: Call, outcome: Outcome) -> None:
        """Ends the call. Its place is freed after the breaker has heard of it, and before anybody is told."""
        is_open = isinstance(outcome, Transient) and self._breaker.failed(
            call.keys.breaker, outcome, entered_in=call.breaker
        )
        is_answer = not isinstance(outcome, Transient | HeldBack | None)
        if is_answer and call.is_probe:
            self._breaker.answered(call.keys.breaker, entered_in=call.breaker)
        if isinstance(outcome, ServiceError):
            self._begin_cool_down(call.keys, outcome)
        left = self._passage.leave(call, answered=is_answer)
        if isinstance(outcome, ServiceError):
            self._tell_trouble(call.keys, outcome, is_open=is_open)
        if is_answer:
            self._tell_end(call.keys, left, is_good=outcome is GOOD)

    def _begin_cool_down(self, keys: GateKeys, error: ServiceError) -> None:
        if length := self._cool_down.after(keys, error):
            extra = {"service": keys.subject, "seconds": length.total_seconds(), "error": str(error)}
            log.warning("service is not asked for a while", extra=extra)

    def _tell_trouble(self, keys: GateKeys, error: ServiceError, *, is_open: bool) -> None:
        match error:
            case Transient() if is_open:
                said = f"has failed {self._failures} times in a row, the last time so: {error}"
                self._troubles.begin(keys, IncidentKind.BREAKER_OPEN, said)
            case Unauthorised():
                self._troubles.begin(keys, IncidentKind.UNAUTHORISED, f"does not accept the credentials: {error}")
            case QuotaExhausted():
                self._troubles.begin(keys, IncidentKind.QUOTA_EXHAUSTED, f"says that its quota is used up: {error}")

    def _tell_end(self, keys: GateKeys, left: Left, *, is_good: bool) -> None:
        """A refusal shows only that the service works; that it accepts us is shown by a good answer."""
        over = self._troubles.possible(keys, left.told) if is_good else left.told & {IncidentKind.BREAKER_OPEN}
        if not left.closed:
            over = over - {IncidentKind.BREAKER_OPEN}
        if IncidentKind.QUOTA_EXHAUSTED in over and not self._rate_limit.has_room(keys):
            over = over - {IncidentKind.QUOTA_EXHAUSTED}
        self._troubles.end(keys, over)
