"""Where a gate keeps what all workers share. Every key expires by itself."""

from dataclasses import dataclass

from weathertrigger.storage.incidents import IncidentKind

TROUBLES = (IncidentKind.BREAKER_OPEN, IncidentKind.UNAUTHORISED, IncidentKind.QUOTA_EXHAUSTED)
"""What a gate tells people of."""

SEEDED = "seeded"
"""The member of the hits that says that they are whole. Its score is the longest window that they are kept for."""


@dataclass(frozen=True, slots=True)
class GateKeys:
    """The keys of one gate in Redis; `account` is '' where the service's limits are of all accounts together."""

    namespace: str
    service: str
    account: str = ""

    @property
    def subject(self) -> str:
        """The service, or the account at it, as incidents and messages name it."""
        return f"{self.service} {self.account}".strip()

    @property
    def cool_down(self) -> str:
        """Why the service is not asked for a while; gone when the while is over."""
        return self._key("cool_down")

    @property
    def breaker(self) -> str:
        """Hash: `state` and `since` when (ms), `failures` in a row, `successes` of probes, `opened_at` (ms)."""
        return self._key("breaker")

    @property
    def in_flight(self) -> str:
        """Sorted set: id of a call to the end of its lease (ms)."""
        return self._key("in_flight")

    @property
    def hits(self) -> str:
        """Sorted set: what was called in the longest window, a member for each call that the service counts."""
        return self._key("hits")

    def ticket(self, seeder: str) -> str:
        """Shows that Redis has forgotten nothing since this seeder began."""
        return self._key(f"seeding:{seeder}")

    def told(self, kind: IncidentKind) -> str:
        """Shows that this trouble has begun, not long ago."""
        return self._key(f"told:{kind}")

    def _key(self, name: str) -> str:
        return f"{self.namespace}:gate:{self.service}:{self.account}:{name}"
