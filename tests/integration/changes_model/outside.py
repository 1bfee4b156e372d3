"""What the model needs of the platforms: an adversary whom it can order about, and who keeps a journal."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from tests.integration.changes_model.platform import Landed, Mood, PlatformInMemory
from tests.integration.changes_model.scene import ACCOUNTS, CAMPAIGNS, FOUND, G
from tests.integration.rule_documents import GOOGLE, META
from weathertrigger.domain.change import Carrier
from weathertrigger.platforms.port import AdPlatform, Write

LANDS_WITHIN = timedelta(hours=24)
"""A request without an answer lands within this time or never (semantics 25)."""


class Outside(Protocol):
    """Both platforms."""

    @property
    def clients(self) -> Mapping[str, AdPlatform]:
        """By which the engine calls them."""

    @property
    def journal(self) -> Sequence[Landed]:
        """Every value that has reached them, oldest first."""

    @property
    def lags(self) -> bool:
        """Whether reads may show what was there up to 90 s ago."""

    def value(self, carrier: Carrier) -> str:
        """What is there."""

    def edit(self, carrier: Carrier, value: str) -> None:
        """A person's hand."""

    def be_in(self, mood: Mood) -> None:
        """What becomes of every call that writes, from now on."""

    def let_reads_lag(self, lags: bool) -> None:
        """Where they can."""

    def under_way(self) -> int:
        """How many requests are lost on their way, and may still arrive."""

    def arrive(self, which: int) -> Sequence[Landed]:
        """What that request brings; nothing if it is too late."""

    def lose(self) -> None:
        """Nothing is under way any more."""

    def close(self) -> None:
        """The history is over."""


class InMemory:
    """Implements `Outside`, as fast as it goes; only here reads lag."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.journal: list[Landed] = []
        self._now = now
        self._under_way: list[tuple[Write, datetime]] = []
        self._meta = PlatformInMemory(_values(META), now, journal=self.journal, under_way=self._under_way)
        self._google = PlatformInMemory(
            _values(GOOGLE),
            now,
            name="google_ads",
            budgets={f"campaign/{one}": G.resource for one in CAMPAIGNS.values()},
            journal=self.journal,
            under_way=self._under_way,
        )

    @property
    def clients(self) -> Mapping[str, AdPlatform]:
        return {one.name: one for one in (self._meta, self._google)}

    @property
    def lags(self) -> bool:
        return self._meta.lags

    def value(self, carrier: Carrier) -> str:
        return self._of(carrier).values[carrier]

    def edit(self, carrier: Carrier, value: str) -> None:
        self._of(carrier).land(carrier, value, by_hand=True)

    def be_in(self, mood: Mood) -> None:
        self._meta.mood = self._google.mood = mood

    def let_reads_lag(self, lags: bool) -> None:
        self._meta.lags = self._google.lags = lags

    def under_way(self) -> int:
        return len(self._under_way)

    def arrive(self, which: int) -> Sequence[Landed]:
        write, at = self._under_way.pop(which)
        if self._now() - at >= LANDS_WITHIN:
            return []
        self._of(write.carrier).land(write.carrier, write.value, late=True)
        return self.journal[-1:]

    def lose(self) -> None:
        self._under_way.clear()

    def close(self) -> None:
        """Nothing is open."""

    def _of(self, carrier: Carrier) -> PlatformInMemory:
        return self._google if carrier in self._google.values else self._meta


def _values(account_id: str) -> dict[Carrier, str]:
    return {carrier: FOUND[carrier] for carrier in ACCOUNTS[account_id]}
