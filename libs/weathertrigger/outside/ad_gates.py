"""The gate before each ad platform, shared by all workers and commands."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from functools import partial
from types import MappingProxyType
from typing import Protocol

from redis import Redis, RedisError

from weathertrigger.call_limits import AdLimits, CallLimit, ad_limits, own_limit
from weathertrigger.errors import LimitScope, RateLimited, ServiceError
from weathertrigger.limits.cost import NOTHING
from weathertrigger.limits.gate import Gate
from weathertrigger.platforms.port import Admit
from weathertrigger.platforms.usage import SLOW_FROM, Usage, cool_down
from weathertrigger.storage import changes
from weathertrigger.storage.database import Database

KEPT_BACK = Fraction(1, 5)
"""The share of every limit that is left to reverts of raises and to pauses."""
KEPT_FROM_LOOKS = Fraction(1, 2)
"""The share that is left to changes of every kind by looks which only see whether all is as it should be."""
LIMIT_WAIT: Mapping[str, timedelta] = MappingProxyType(
    {"meta_ads": timedelta(hours=1), "google_ads": timedelta(minutes=5)}
)
"""How long a limit lasts when the platform does not say."""


class Called(Protocol):
    """An account that is called, as far as its gate looks at it."""

    @property
    def id(self) -> str: ...

    @property
    def platform(self) -> str: ...

    @property
    def call_limit(self) -> int | None: ...


class AdGates:
    """A gate for each platform. Limits are of each account at Meta, and of all accounts together at Google; an account
    with a limit of its own has that instead at Meta, and as well at Google."""

    def __init__(
        self, *, redis: Redis, namespace: str, database: Database, limits: Mapping[str, tuple[CallLimit, ...]]
    ) -> None:
        self._limits = limits
        self._gates = {
            platform: Gate(
                redis=redis,
                namespace=namespace,
                database=database,
                service=platform,
                limits=each,
                cool_down=LIMIT_WAIT[platform],
                unauthorised=None,  # the account is paused, and its owner told
            )
            for platform, each in limits.items()
        }

    def admit(self, account: Called, *, urgent: bool, only_look: bool = False) -> Admit:
        """What stands around the calls for this account. Those that are not urgent leave a share to those that are, and
        those that only look a larger one to all others."""
        keep_back = NOTHING if urgent else KEPT_FROM_LOOKS if only_look else KEPT_BACK
        own = own_limit(self._limits[account.platform], account.call_limit)
        return partial(self._gates[account.platform].admit, account=account.id, keep_back=keep_back, own=own)

    def obey(self, account: Called, usage: Usage | None) -> None:
        """Before the wall is hit: the fuller the platform says that its limits are, the longer nobody calls."""
        if usage is not None and (usage.percent >= SLOW_FROM or usage.regain_after is not None):
            why = f"{usage.percent:.0f} % of its calls are used"
            self._gates[account.platform].slow_down(cool_down(usage), why, account=account.id)

    def hear(self, account: Called, errors: Iterable[ServiceError]) -> None:
        """Limits that were told of single items of a batch, which as a whole went through."""
        for error in errors:
            if isinstance(error, RateLimited) and error.scope is not LimitScope.ENTITY:
                length = error.retry_after or LIMIT_WAIT[account.platform]
                whose = "" if error.scope is LimitScope.SERVICE else account.id
                self._gates[account.platform].slow_down(length, "it has had too many calls", account=whose)


@dataclass(frozen=True, slots=True)
class OnlyCounted:
    """While Redis is away: nothing holds a person's few calls back, and they are counted all the same."""

    database: Database

    def admit(self, account: Called, *, urgent: bool, only_look: bool = False) -> Admit:  # noqa: ARG002 - as of AdGates
        """What counts the calls for this account."""
        return partial(self._counted, account)

    def obey(self, account: Called, usage: Usage | None) -> None:
        """Nobody else could be told."""

    def hear(self, account: Called, errors: Iterable[ServiceError]) -> None:
        """Nor of these."""

    @contextmanager
    def _counted(self, account: Called, calls: int) -> Iterator[None]:
        self.database.run(lambda tx: changes.count(tx, account.platform, calls, account_id=account.id))
        yield


Admissions = AdGates | OnlyCounted
"""What admits calls of ad platforms."""


def ad_gates(settings: AdLimits, *, redis: Redis, namespace: str, database: Database) -> AdGates:
    """With the limits of the settings."""
    return AdGates(redis=redis, namespace=namespace, database=database, limits=ad_limits(settings))


def admissions(settings: AdLimits, *, redis: Redis, namespace: str, database: Database) -> Admissions:
    """The gates of the settings; while Redis is away calls are only counted."""
    try:
        redis.ping()
    except RedisError:
        return OnlyCounted(database)
    return ad_gates(settings, redis=redis, namespace=namespace, database=database)
