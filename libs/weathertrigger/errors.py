"""Every error that crosses a border of this library.

WeatherTriggerError
├── UsageError            somebody asked for the wrong thing; the sentence says what to do
│   ├── InvalidRules      a rules file with faults, each with its path
│   ├── SettingsError     every setting that is missing or wrong, at once
│   ├── NotThere          an id that is not known
│   ├── WorkerNameTaken   a live worker has the name
│   └── UnsafeRedis       a Redis that may throw away what it is given
├── StorageError          PostgreSQL
│   ├── StorageUnavailable   cannot be reached, or the connection broke
│   ├── PoolTimeout          every connection is in use
│   ├── StatementTimeout     a statement took too long
│   ├── SerialisationFailure conflict or deadlock: repeat the whole transaction
│   └── ConstraintViolated   carries the constraint's name
├── AccountOff            an ad account that is not called from here: no credentials, removed, the other outside world
│   └── CredentialsUnreadable   its own credentials cannot be decrypted here
├── DoorbellExpired       a message that came too late: somebody else has what it was about
└── ServiceError          an external API (weather provider, ad platform)
    ├── Transient         try again later; after a write: it may have happened
    ├── RateLimited       carries retry_after and scope
    ├── QuotaExhausted    carries until and scope
    ├── Unauthorised      stop the account and tell somebody
    ├── Rejected          this request never works
    ├── NotFound          no such entity, or not for these credentials
    │   └── Gone          it was deleted, and never comes back
    ├── Conflict          not done, for a reason that lies in the moment: look again, then try again
    └── HeldBack          not asked at all; carries retry_after and what is left
        └── Busy          only because many calls are in flight: a moment later there may be room
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class WeatherTriggerError(Exception):
    """The root. Its text is one sentence for a person."""


class UsageError(WeatherTriggerError):
    """The caller can put it right."""


class SettingsError(UsageError):
    """Environment variables that are missing or wrong, all of them at once."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("Settings: " + "; ".join(self.faults))


class NotThere(UsageError):
    """No rule, account or execution of that id."""


class WorkerNameTaken(UsageError):
    """A worker of this name is alive."""


class UnsafeRedis(UsageError):
    """A Redis that evicts keys would drop bells and messages without a word."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a rules file. The path reads like `rules[2].when.all[0].unit`; `row` names the row of a
    template that made the rule."""

    path: str
    message: str
    line: int | None = None
    row: str | None = None

    def __str__(self) -> str:
        where = f"line {self.line}, " if self.line else ""
        what = f"{self.row}: {self.message}" if self.row else self.message
        return f"{where}{self.path}: {what}" if self.path else f"{where}{what}"


class InvalidRules(UsageError):
    """A rules file that cannot be taken; nothing of it was saved. A fault that was found twice is told once."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(dict.fromkeys(faults))
        super().__init__("; ".join(str(fault) for fault in self.faults))


class StorageError(WeatherTriggerError):
    """PostgreSQL refused or could not be reached."""


class StorageUnavailable(StorageError):
    """No connection, or the connection broke in the middle."""


class PoolTimeout(StorageError):
    """Every connection of the pool stayed in use for the whole wait."""


class StatementTimeout(StorageError):
    """PostgreSQL ended a statement that took too long, or waited too long for a lock."""


class SerialisationFailure(StorageError):
    """A conflict with another transaction, or a deadlock: the whole transaction may be repeated."""


class ConstraintViolated(StorageError):
    """A named constraint of the schema refused the row."""

    def __init__(self, message: str, constraint: str | None) -> None:
        self.constraint = constraint
        super().__init__(message)


class AccountOff(WeatherTriggerError):
    """No call is made for an ad account from here; the sentence says why."""


class CredentialsUnreadable(AccountOff):
    """The credentials that are stored for an account cannot be used; nothing of them is in the text."""


class DoorbellExpired(WeatherTriggerError):
    """A message whose lease was over before it was looked at; counted, and of no use to keep."""


class ServiceError(WeatherTriggerError):
    """An external API did not do what was asked.

    Attributes:
        service: `openweather`, `meta_ads`, ...
        account: our id of the ad account, or None.
        request_id: the vendor's own id of the request, where it gave one.
    """

    def __init__(
        self, message: str, *, service: str, account: str | None = None, request_id: str | None = None
    ) -> None:
        self.service = service
        self.account = account
        self.request_id = request_id
        super().__init__(message)


class Transient(ServiceError):
    """Time-out, reset, 5xx, unreadable answer: may work later. After a write the outcome is unknown. `most_attempts` is
    how often the vendor's own advice is to try, where there is such advice."""

    most_attempts: int | None = None


class LimitScope(StrEnum):
    """What a vendor's limit holds back."""

    ENTITY = "entity"  # one field of one resource; everything else goes on
    ACCOUNT = "account"  # the account that was called
    SERVICE = "service"  # every account that these credentials reach


class RateLimited(ServiceError):
    """Too many calls, or too many changes; `retry_after` is what the vendor asked for, or None."""

    def __init__(
        self,
        message: str,
        *,
        service: str,
        account: str | None = None,
        request_id: str | None = None,
        retry_after: timedelta | None = None,
        scope: LimitScope = LimitScope.ACCOUNT,
    ) -> None:
        self.retry_after = retry_after
        self.scope = scope
        super().__init__(message, service=service, account=account, request_id=request_id)


class QuotaExhausted(ServiceError):
    """The day's quota is used up; `until` is when it opens again, if known."""

    def __init__(
        self,
        message: str,
        *,
        service: str,
        account: str | None = None,
        request_id: str | None = None,
        until: datetime | None = None,
        scope: LimitScope = LimitScope.ACCOUNT,
    ) -> None:
        self.until = until
        self.scope = scope
        super().__init__(message, service=service, account=account, request_id=request_id)


class Unauthorised(ServiceError):
    """The credentials are wrong, expired or not enough."""


class Rejected(ServiceError):
    """The vendor understood and refused: final."""


class NotFound(ServiceError):
    """The entity does not exist, or not for these credentials: final."""


class Gone(NotFound):
    """The vendor says that the entity was deleted. It never comes back, and nothing of it spends any more."""


class Conflict(ServiceError):
    """Nothing was done, for a reason that lies in the moment (a concurrent change, an old token): look, try again."""


class HeldBack(ServiceError):
    """Not asked at all: a limit of our own, a cool-down or an open circuit breaker holds the call back. No failure, and
    no attempt; `retry_after` is when it may be worth asking again, `left` how much a call may cost now: it is more than
    nothing where a smaller one would go out."""

    def __init__(
        self, message: str, *, service: str, retry_after: timedelta, account: str | None = None, left: int = 0
    ) -> None:
        self.retry_after = retry_after
        self.left = left
        super().__init__(message, service=service, account=account)


class Busy(HeldBack):
    """As many calls are in flight as may be at once: a moment later there may be room."""
