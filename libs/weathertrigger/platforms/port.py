"""What the engine needs of an ad platform. One folder per platform, same files inside, one line in `registry.py`.

A field's value crosses this port as text: `enabled` or `paused` for a status, the platform's own integer for money
("5000" is 50.00 EUR at Meta, "50000000" at Google), a plain decimal for a bid modifier ("1.25"). `MoneyCodec`
translates, so that no caller knows offsets or micros.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Protocol

from weathertrigger.domain.change import Carrier, ChangeLimit, Wanted
from weathertrigger.domain.money import MoneyCodec
from weathertrigger.domain.rule import FieldName, Level
from weathertrigger.errors import ServiceError
from weathertrigger.platforms.usage import Usage


@dataclass(frozen=True, slots=True)
class AdAccount:
    """Whose entities are meant. `external_id` is the platform's: `act_123` at Meta, `1234567890` at Google."""

    id: str
    external_id: str
    currency: str


@dataclass(frozen=True, slots=True)
class Write:
    """Set one carrier's field to an absolute value. `sibling_key` (from `Observed`) tells entities that must not
    travel in one batch."""

    carrier: Carrier
    value: str
    sibling_key: str | None = None


@dataclass(frozen=True, slots=True)
class Observed:
    """What a platform shows of one carrier's field now. `shared_by`: so many entities share the carrier, and a change
    would reach all of them; None: it is one entity's alone. `obstacle`: why the entity does not run whatever its own
    status says (`its campaign is paused`), as far as the platform tells; nothing is decided by it."""

    value: str
    sibling_key: str | None = None
    shared_by: int | None = None
    obstacle: str | None = None


@dataclass(frozen=True, slots=True)
class ResolveAnswer:
    """Per wanted field the resource that carries it, or why there is none; calls as the platform counts them; of the
    carriers that several entities share, how many do (see `Observed`)."""

    results: Mapping[Wanted, Carrier | ServiceError]
    calls: int
    shared: Mapping[Carrier, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReadAnswer:
    """Per carrier what was seen, or why not; how many calls the platform counts for it; how much of its limits is used,
    where it says so; `moved`: of the fields that carriers are named by, those that another resource carries by now."""

    results: Mapping[Carrier, Observed | ServiceError]
    calls: int
    usage: Usage | None = None
    moved: Mapping[Wanted, Carrier] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WriteAnswer:
    """Per carrier None for success, or why not; calls as the platform counts them; the vendor's request id; how much of
    its limits is used, where it says so."""

    results: Mapping[Carrier, ServiceError | None]
    calls: int
    request_id: str | None = None
    usage: Usage | None = None


Admit = Callable[[int], AbstractContextManager[None]]
"""Stands around each HTTP call, which the platform counts as so many. Raises HeldBack where it may not be made now."""


def at_once(_calls: int) -> AbstractContextManager[None]:
    """Holds nothing back."""
    return nullcontext()


class AdPlatform(Protocol):
    """Reads and writes fields of one platform's accounts over HTTP. Safe to use from several threads."""

    @property
    def name(self) -> str:
        """`meta_ads`, `google_ads`."""

    @property
    def levels(self) -> Mapping[Level, frozenset[FieldName]]:
        """Which fields can be set on which level."""

    @property
    def fields_at_once(self) -> int:
        """So many fields are read before the first of them is written. Where every read is a call that counts, this is
        no more than one call takes, so that reading does not use up what writing needs."""

    @property
    def money(self) -> MoneyCodec:
        """How this platform writes money."""

    def resolve(self, account: AdAccount, wanted: Sequence[Wanted], *, admit: Admit = at_once) -> ResolveAnswer:
        """Which resource carries each wanted field. An entity without a budget of its own is `Rejected`, naming the
        one that has it (semantics 15).

        Raises:
            ServiceError: the account could not be asked at all.
        """

    def read(self, account: AdAccount, carriers: Sequence[Carrier], *, admit: Admit = at_once) -> ReadAnswer:
        """Reads many carriers in few calls.

        Raises:
            ServiceError: nothing could be read.
        """

    def change_limit(self, carrier: Carrier) -> ChangeLimit | None:
        """How often the platform lets this field be changed, None where it sets no bound (semantics 24)."""

    def batches(self, writes: Sequence[Write]) -> list[list[Write]]:
        """Splits writes so that each batch is one HTTP call that the platform takes, order kept."""

    def write(
        self, account: AdAccount, batch: Sequence[Write], *, validate_only: bool = False, admit: Admit = at_once
    ) -> WriteAnswer:
        """One HTTP call with one batch. `Transient` means that the outcome is unknown.

        Raises:
            ServiceError: the call as a whole failed.
        """
