"""What stands before every call of one service, shared by all workers."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from fractions import Fraction

from redis import Redis

from weathertrigger.call_limits import CallLimit
from weathertrigger.errors import ServiceError
from weathertrigger.limits.breaker import Breaker
from weathertrigger.limits.cool_down import CoolDown
from weathertrigger.limits.cost import NOTHING, Cost
from weathertrigger.limits.keys import GateKeys
from weathertrigger.limits.outcomes import GOOD, Outcome, Outcomes
from weathertrigger.limits.passage import Call, Passage
from weathertrigger.limits.rate_limit import RateLimit
from weathertrigger.limits.state import GateState
from weathertrigger.limits.troubles import TROUBLES, Troubles
from weathertrigger.storage import changes
from weathertrigger.storage.database import Database
from weathertrigger.storage.incidents import IncidentKind


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
        unauthorised: timedelta | None = timedelta(minutes=15),
    ) -> None:
        """
        Args:
            limits: of the service, or of each of its accounts. Breaker and calls at once are always of the service.
            failures: so many in a row open the breaker.
            reset: so long it stays open; then one call tries. After each one that fails, for twice as long.
            most_at_once: so many calls may be in flight.
            cool_down: how long a limit of the service lasts at first that does not say so.
            unauthorised: how long nobody asks after the credentials were refused, of which people are told. None: that
                is the caller's to say.

        Raises:
            SettingsError: the limits do not go together.
        """
        self._namespace = namespace
        self._database = database
        self._service = service
        kinds = [kind for kind in TROUBLES if unauthorised is not None or kind is not IncidentKind.UNAUTHORISED]
        troubles = Troubles(redis, database, kinds=kinds)
        self._rate_limit = RateLimit(redis, database, troubles, service, limits)
        self._passage = Passage(redis, most_at_once=most_at_once, reset=reset)
        self._cool_down = CoolDown(redis, default=cool_down, unauthorised=unauthorised)
        self._outcomes = Outcomes(
            passage=self._passage,
            rate_limit=self._rate_limit,
            troubles=troubles,
            breaker=Breaker(redis, failures=failures, reset=reset),
            cool_down=self._cool_down,
        )

    @contextmanager
    def admit(
        self,
        cost: int = 1,
        *,
        account: str = "",
        smallest: int = 1,
        keep_back: Fraction = NOTHING,
        own: CallLimit | None = None,
    ) -> Iterator[None]:
        """Lets one call out, which the service counts as `cost`. The block is the call, and takes 20 s at most.

        What the block raises is judged. A Transient is a failure of the service. Any other ServiceError is an answer;
        RateLimited, QuotaExhausted and Unauthorised begin a cool-down, of the account or of the service as the scope
        says. Anything else, such as a time limit of ours or a HeldBack of another gate, says nothing of the service.

        Args:
            cost: how many calls the service counts for it.
            account: whose call it is; '' where there are no accounts.
            smallest: the smallest cost that would be of use. A day's calls are told as used up when less is left.
            keep_back: the share of every limit that is left to more urgent calls.
            own: a limit that the account has of its own.

        Raises:
            Busy: as many calls are in flight as may be.
            HeldBack: the call may not be made now. Nothing waits here; `retry_after` says when it may be worth asking,
                `left` how much a call may cost now.
        """
        price = Cost(cost, min(smallest, cost), keep_back, own)
        call = self._passage.enter(self._keys(account))
        outcome: Outcome = None
        try:
            self._get_ready(call, price)
            yield
            outcome = GOOD
        except ServiceError as error:
            outcome = error
            raise
        finally:
            self._outcomes.end(call, outcome, price)

    def slow_down(self, length: timedelta, why: str, *, account: str = "") -> None:
        """Nobody calls this account for so long from now, if that is longer than it is so already. `why` follows a
        colon: `it is not asked for 12 s: 80 % of its calls are used`."""
        self._cool_down.begin(self._keys(account), length, why)

    def state(self, account: str = "") -> GateState:
        """How the gate stands now."""
        return self._rate_limit.state(self._keys(account))

    def _keys(self, account: str) -> GateKeys:
        return GateKeys(self._namespace, self._service, account)

    def _get_ready(self, call: Call, cost: Cost) -> None:
        """The call is counted before it is made, so that a crash counts too much and never too little."""
        keys = call.keys
        self._rate_limit.take(call, cost)
        self._database.run(lambda tx: changes.count(tx, keys.service, cost.calls, account_id=keys.account))
        if not self._passage.confirm(call, cost.calls, self._rate_limit.hits(keys, cost)):
            self._rate_limit.take(call, cost)
