"""What came of a call: what the breaker hears of it, how long the service is left alone, and whom it is told."""

from typing import Final

from weathertrigger.errors import HeldBack, QuotaExhausted, ServiceError, Transient, Unauthorised
from weathertrigger.limits.breaker import Breaker
from weathertrigger.limits.cool_down import CoolDown
from weathertrigger.limits.cost import Cost
from weathertrigger.limits.keys import GateKeys
from weathertrigger.limits.passage import Answer, Call, Left, Passage
from weathertrigger.limits.rate_limit import RateLimit
from weathertrigger.limits.troubles import Trouble, Troubles
from weathertrigger.storage.incidents import IncidentKind


class Good:
    """The call has ended without an error."""


GOOD: Final = Good()
Outcome = ServiceError | Good | None
"""None: something else has ended the call, and nothing is known of the service."""


class Outcomes:
    """Judges the calls of one service."""

    def __init__(
        self,
        *,
        passage: Passage,
        rate_limit: RateLimit,
        troubles: Troubles,
        breaker: Breaker,
        cool_down: CoolDown,
    ) -> None:
        self._passage = passage
        self._rate_limit = rate_limit
        self._troubles = troubles
        self._breaker = breaker
        self._cool_down = cool_down

    def end(self, call: Call, outcome: Outcome, cost: Cost) -> None:
        """Ends the call. Its place is freed after the breaker has heard of it, and before anybody is told."""
        is_open = isinstance(outcome, Transient) and self._breaker.failed(
            call.keys.breaker, outcome, entered_in=call.breaker
        )
        answer = _answer(outcome)
        if answer is not Answer.NOTHING and call.is_probe:
            self._breaker.answered(call.keys.breaker, entered_in=call.breaker)
        if isinstance(outcome, ServiceError):
            self._cool_down.after(call, outcome)
        left = self._passage.leave(call, answer, self._troubles.of(call.keys))
        if isinstance(outcome, ServiceError):
            self._tell_trouble(call.keys, outcome, is_open=is_open)
        if answer is not Answer.NOTHING:
            self._tell_end(call.keys, left, answer, cost)

    def _tell_trouble(self, keys: GateKeys, error: ServiceError, *, is_open: bool) -> None:
        match error:
            case Transient() if is_open:
                said = f"has failed {self._breaker.failures} times in a row, the last time so: {error}"
                self._troubles.begin(keys.of_service, IncidentKind.BREAKER_OPEN, said)
            case Unauthorised():
                self._troubles.begin(keys, IncidentKind.UNAUTHORISED, f"does not accept the credentials: {error}")
            case QuotaExhausted() if level := keys.level(error.scope):
                self._troubles.begin(level, IncidentKind.QUOTA_EXHAUSTED, f"says that its quota is used up: {error}")

    def _tell_end(self, keys: GateKeys, left: Left, answer: Answer, cost: Cost) -> None:
        """A refusal shows only that the service works; that it accepts us is shown by a good answer."""
        if answer is Answer.GOOD:
            over = self._troubles.possible(keys, left.told)
        else:
            over = {one for one in left.told if one.kind is IncidentKind.BREAKER_OPEN}
        self._troubles.end([one for one in over if self._is_over(one, keys, left, cost)])

    def _is_over(self, trouble: Trouble, keys: GateKeys, left: Left, cost: Cost) -> bool:
        """Whoever gets an answer while nobody may ask had asked before the trouble began. A breaker that has closed is
        watched for a while (`troubles.end_of_breakers`); one of which Redis has forgotten everything is not."""
        if trouble.kind is IncidentKind.BREAKER_OPEN:
            return left.never_open
        if trouble.keys in left.cooling_down:
            return False
        return trouble.kind is not IncidentKind.QUOTA_EXHAUSTED or self._rate_limit.has_room(trouble.keys, keys, cost)


def _answer(outcome: Outcome) -> Answer:
    if outcome is GOOD:
        return Answer.GOOD
    return Answer.NOTHING if isinstance(outcome, Transient | HeldBack | None) else Answer.REFUSED
