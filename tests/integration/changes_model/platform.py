"""An ad platform in memory that does what a test wants: it loses answers, is late, lags, fails, refuses. It passes
`tests/contract/test_platform_port.py`, as the real adapters do."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from weathertrigger.domain.change import Carrier, ChangeLimit, Wanted
from weathertrigger.domain.money import MoneyCodec
from weathertrigger.domain.rule import FieldName, Level
from weathertrigger.errors import NotFound, RateLimited, Rejected, ServiceError, Transient
from weathertrigger.platforms.google_ads import capabilities as google_ads
from weathertrigger.platforms.meta_ads import capabilities as meta_ads
from weathertrigger.platforms.port import (
    AdAccount,
    Admit,
    Observed,
    ReadAnswer,
    ResolveAnswer,
    Write,
    WriteAnswer,
    at_once,
)
from weathertrigger.platforms.registry import MONEY

LAG = timedelta(seconds=90)


class Mood(StrEnum):
    """What becomes of a call that writes; while it is away, also of those that read."""

    TAKEN = "taken"
    ANSWER_LOST = "answer lost"
    REQUEST_LOST = "request lost"
    FAILED = "failed"
    LATE = "late"  # no answer, and the write lands when the test says so
    REFUSED = "refused"
    LIMITED = "limited"
    AWAY = "away"


class Died(BaseException):
    """The worker process ends here, without another word."""


@dataclass(frozen=True, slots=True)
class Landed:
    """One value that reached the platform."""

    carrier: Carrier
    before: str
    after: str
    by_hand: bool = False


@dataclass
class PlatformInMemory:
    """One account's carriers and their values. `now` is the platform's clock; `budgets` are the resources that carry
    the budgets of its campaigns."""

    values: dict[Carrier, str]
    now: Callable[[], datetime]
    name: str = "meta_ads"
    budgets: Mapping[str, str] = field(default_factory=dict)
    mood: Mood = Mood.TAKEN
    lags: bool = False
    under_way: list[tuple[Write, datetime]] = field(default_factory=list)
    journal: list[Landed] = field(default_factory=list)
    calls: list[tuple[datetime, int]] = field(default_factory=list)
    _before: dict[Carrier, tuple[str, datetime]] = field(default_factory=dict)

    @property
    def levels(self) -> Mapping[Level, frozenset[FieldName]]:
        return meta_ads.LEVELS if self.name == "meta_ads" else google_ads.LEVELS

    @property
    def fields_at_once(self) -> int:
        return 50

    @property
    def money(self) -> MoneyCodec:
        return MONEY[self.name]

    def resolve(self, account: AdAccount, wanted: Sequence[Wanted], *, admit: Admit = at_once) -> ResolveAnswer:  # noqa: ARG002 - one account
        """An entity carries its own fields, but for the budgets that it was told of."""
        with self._called(admit, len(wanted)):
            carriers = {one: self._carrier(f"{one.level}/{one.entity_id}", one.field) for one in wanted}
        found: dict[Wanted, Carrier | ServiceError] = {
            one: carrier if carrier in self.values else self._gone(carrier) for one, carrier in carriers.items()
        }
        shared = {one: shared for one in carriers.values() if (shared := self._shared_by(one))}
        return ResolveAnswer(found, len(wanted), shared)

    def read(self, account: AdAccount, carriers: Sequence[Carrier], *, admit: Admit = at_once) -> ReadAnswer:  # noqa: ARG002 - one account
        """As it is, or where reads lag, as it was up to 90 s ago."""
        with self._called(admit, 1):
            pass
        return ReadAnswer({one: self._seen(one) for one in carriers}, 1)

    def change_limit(self, carrier: Carrier) -> ChangeLimit | None:
        """As Meta's."""
        return meta_ads.change_limit(carrier, meta_ads.BUDGET_CHANGES) if self.name == "meta_ads" else None

    def batches(self, writes: Sequence[Write]) -> list[list[Write]]:
        return [list(writes)] if writes else []

    def write(
        self,
        account: AdAccount,  # noqa: ARG002 - one account
        batch: Sequence[Write],
        *,
        validate_only: bool = False,
        admit: Admit = at_once,
    ) -> WriteAnswer:
        """In the mood of the moment, for the whole batch."""
        with self._called(admit, len(batch)):
            if validate_only:
                return WriteAnswer(dict.fromkeys([one.carrier for one in batch]), len(batch))
            return self._answer(batch)

    @contextmanager
    def _called(self, admit: Admit, calls: int) -> Iterator[None]:
        with admit(calls):
            self.calls.append((self.now(), calls))
            if self.mood is Mood.AWAY:
                raise Transient("nobody is there", service=self.name)
            yield

    def _answer(self, batch: Sequence[Write]) -> WriteAnswer:
        match self.mood:
            case Mood.LIMITED:
                raise RateLimited("too many calls", service=self.name, retry_after=timedelta(minutes=5))
            case Mood.REQUEST_LOST:
                raise Transient("the connection was reset", service=self.name)
            case Mood.FAILED:
                raise Transient("an error of the platform's own", service=self.name)
            case Mood.REFUSED:
                no = Rejected("the platform will not have it", service=self.name)
                return WriteAnswer(dict.fromkeys([one.carrier for one in batch], no), len(batch))
            case Mood.LATE:
                self.under_way += [(one, self.now()) for one in batch]
                raise Transient("no answer came in time", service=self.name)
        results: dict[Carrier, ServiceError | None] = {}
        for one in batch:
            results[one.carrier] = None if one.carrier in self.values else self._gone(one.carrier)
            if results[one.carrier] is None:
                self.land(one.carrier, one.value)
        if self.mood is Mood.ANSWER_LOST:
            raise Transient("the answer was lost", service=self.name)
        return WriteAnswer(results, len(batch), request_id=f"request-{len(self.journal)}")

    def land(self, carrier: Carrier, value: str, *, by_hand: bool = False, late: bool = False) -> None:
        """A value reaches the platform. One that comes late is seen at once, as nothing that people did is hidden."""
        before = self.values[carrier]
        self.journal.append(Landed(carrier, before, value, by_hand))
        self.values[carrier] = value
        self._before[carrier] = (value if late else before, self.now())

    def _seen(self, carrier: Carrier) -> Observed | ServiceError:
        if carrier not in self.values:
            return self._gone(carrier)
        before, at = self._before.get(carrier, (self.values[carrier], self.now() - LAG))
        lagging = self.lags and self.now() - at < LAG
        return Observed(before if lagging else self.values[carrier], shared_by=self._shared_by(carrier))

    def _carrier(self, resource: str, name: FieldName) -> Carrier:
        return Carrier(self.budgets.get(resource, resource) if name is FieldName.DAILY_BUDGET else resource, name)

    def _shared_by(self, carrier: Carrier) -> int | None:
        campaigns = [one for one in self.budgets.values() if one == carrier.resource]
        return len(campaigns) if len(campaigns) > 1 else None

    def _gone(self, carrier: Carrier) -> NotFound:
        return NotFound(f"there is no {carrier.resource}", service=self.name)
