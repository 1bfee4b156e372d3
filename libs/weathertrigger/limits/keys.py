"""Where a gate keeps what all workers share. Every key expires by itself."""

from dataclasses import dataclass

from weathertrigger.errors import LimitScope
from weathertrigger.storage.incidents import IncidentKind

SEEDED = "seeded"
"""The member of the hits that says that they are whole. Its score is the longest window that they are kept for."""


@dataclass(frozen=True, slots=True)
class GateKeys:
    """The keys in Redis of one account at a service; of the service as a whole where `account` is ''."""

    namespace: str
    service: str
    account: str = ""

    @property
    def subject(self) -> str:
        """The service, or the account at it, as incidents and messages name it."""
        return f"{self.service} {self.account}".strip()

    @property
    def of_service(self) -> "GateKeys":
        """Those of the service as a whole."""
        return GateKeys(self.namespace, self.service)

    @property
    def levels(self) -> tuple["GateKeys", ...]:
        """The account and its service: each has a cool-down and troubles of its own."""
        return (self, self.of_service) if self.account else (self,)

    def level(self, scope: LimitScope) -> "GateKeys | None":
        """Whose calls such a limit holds back; None: those of one entity, which is not for a gate to say."""
        match scope:
            case LimitScope.ENTITY:
                return None
            case LimitScope.ACCOUNT:
                return self
            case LimitScope.SERVICE:
                return self.of_service

    @property
    def cool_down(self) -> str:
        """Hash: `until` when nothing is asked (ms) and `why`, `limits` that the service has told in a row."""
        return self._key("cool_down")

    @property
    def breaker(self) -> str:
        """Hash, of the service: `state` and `since` when (ms), `failures` in a row, `successes` of probes, `opened_at`
        (ms), `failed_probes` in a row."""
        return self._key_of_service("breaker")

    @property
    def in_flight(self) -> str:
        """Sorted set, of the service: id of a call to the end of its lease (ms)."""
        return self._key_of_service("in_flight")

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

    def _key_of_service(self, name: str) -> str:
        return f"{self.namespace}:gate:{self.service}::{name}"
