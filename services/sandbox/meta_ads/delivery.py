"""Whether a node delivers, which is not what was set on it: parents may be paused, and Meta takes its time."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.sandbox import exchange
from services.sandbox.ad_accounts import Account, Entity

ACTIVE, PAUSED = "ACTIVE", "PAUSED"
_IN_PROCESS = "IN_PROCESS"


@dataclass(slots=True)
class _Pending:
    looks_left: int | None
    until: datetime | None


@dataclass(slots=True)
class Delivery:
    """How long a node that was activated is in process: so many looks, or so much time, whichever is over first;
    without either it delivers at once."""

    looks: int | None = None
    time: timedelta | None = None
    _pending: dict[str, _Pending] = field(default_factory=dict)

    def activated(self, entity: Entity) -> None:
        """The node was set to ACTIVE and was something else before."""
        if self.looks or self.time:
            self._pending[entity.id] = _Pending(self.looks, _now() + self.time if self.time else None)

    def looked_at(self, entity: Entity) -> None:
        """Its effective status was shown once more."""
        pending = self._pending.get(entity.id)
        if pending and pending.looks_left is not None:
            pending.looks_left -= 1

    def effective_status(self, account: Account, entity: Entity) -> str:
        """The node's own status, unless it is active under something that is not, or active only just now."""
        own = entity.values["status"]
        if own != ACTIVE:
            return own
        parent = account.parent_of(entity)
        above = self.effective_status(account, parent) if parent else ACTIVE
        if parent and above == PAUSED:
            return "CAMPAIGN_PAUSED" if parent.kind == "campaign" else "ADSET_PAUSED"
        if above not in {ACTIVE, _IN_PROCESS}:
            return above
        return _IN_PROCESS if self._is_in_process(entity) else ACTIVE

    def _is_in_process(self, entity: Entity) -> bool:
        pending = self._pending.get(entity.id)
        if pending is None:
            return False
        is_over = pending.looks_left == 0 or (pending.until is not None and _now() >= pending.until)
        if is_over:
            del self._pending[entity.id]
        return not is_over


def _now() -> datetime:
    return exchange.current().moment.real
