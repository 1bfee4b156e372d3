"""What stands before every call of one service, shared by all workers."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from redis import Redis

from weathertrigger.call_limits import CallLimit
from weathertrigger.errors import ServiceError
from weathertrigger.limits.keys import GateKeys
from weathertrigger.limits.outcomes import GOOD, Outcome, Outcomes
from weathertrigger.limits.passage import Call, Passage
from weathertrigger.limits.rate_limit import RateLimit
from weathertrigger.limits.state import GateState
from weathertrigger.limits.troubles import Troubles
from weathertrigger.storage import changes
from weathertrigger.storage.database import Database


class Gate:
    """Lets calls of one service out or holds them back: cool-down, circuit breaker, calls at once, rate limit, in this
    order. Safe to use from several threads. Errors of Redis and PostgreSQL are raised as they are.
    """

    def __init__(
        self,
        *,
        redis: Redis,
        namespace: str,
        database: Database,
        service: str,
        limits: Sequence[CallLimit],
        failures: int = 5,
        reset: timedelta = timedelta(seconds=30),
        most_at_once: int = 16,
        cool_down: timedelta = timedelta(minutes=1),
    ) -> None:
        """
        Args:
            limits: of the service. If they are of each account, then so are breaker, cool-down and calls at once.
            failures: so many in a row open the breaker.
            reset: so long it stays open; then one call tries.
            most_at_once: so many calls may be in flight.
            cool_down: how long a limit of the service lasts that does not say so.

        Raises:
            SettingsError: the limits do not go together.
        """
        self._namespace = namespace
        self._database = database
        self._service = service
        troubles = Troubles(redis, database)
        self._rate_limit = RateLimit(redis, database, troubles, service, limits)
        self._passage = Passage(redis, most_at_once=most_at_once, reset=reset)
        self._outcomes = Outcomes(
            redis,
            passage=self._passage,
            rate_limit=self._rate_limit,
            troubles=troubles,
            failures=failures,
            reset=reset,
            cool_down=cool_down,
        )

    @contextmanager
    def admit(self, cost: int = 1, *, account: str = "") -> Iterator[None]:
        """Lets one call out, which the service counts as `cost`. The block is the call, and takes 20 s at most.

        What the block raises is judged. A Transient is a failure of the service. Any other ServiceError is an answer;
        RateLimited, QuotaExhausted and Unauthorised begin a cool-down. Anything else, such as a time limit of ours or a
        HeldBack of another gate, says nothing of the service.

        Raises:
            Busy: as many calls are in flight as may be.
            HeldBack: the call may not be made now. Nothing waits here; `retry_after` says when it may be worth asking.
        """
        call = self._passage.enter(self._keys(account))
        outcome: Outcome = None
        try:
            self._get_ready(call, cost, account)
            yield
            outcome = GOOD
        except ServiceError as error:
            outcome = error
            raise
        finally:
            self._outcomes.end(call, outcome)

    def state(self, account: str = "") -> GateState:
        """How the gate stands now."""
        return self._rate_limit.state(self._keys(account))

    def _keys(self, account: str) -> GateKeys:
        return GateKeys(self._namespace, self._service, account if self._rate_limit.per_account else "")

    def _get_ready(self, call: Call, cost: int, account: str) -> None:
        """The call is counted before it is made, so that a crash counts too much and never too little."""
        self._rate_limit.take(call, cost)
        self._database.run(lambda tx: changes.count(tx, self._service, None, account_id=account, calls=cost))
        if not self._passage.confirm(call, cost, self._rate_limit.shortest_window):
            self._rate_limit.take(call, cost)
