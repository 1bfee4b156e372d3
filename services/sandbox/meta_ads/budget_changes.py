"""Meta's rule for the budget of an ad set: four changes within an hour; a fifth is refused, and all others for an hour.

Every write of a budget counts, one of the same value too. Counted anew with every start of the sandbox.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.sandbox.ad_accounts import Entity
from services.sandbox.meta_ads.errors import GraphError


@dataclass(slots=True)
class BudgetChanges:
    """The changes of every ad set, by the sandbox's real clock."""

    most: int = 4
    window: timedelta = timedelta(hours=1)
    _made: dict[str, deque[datetime]] = field(default_factory=dict)
    _blocked_until: dict[str, datetime] = field(default_factory=dict)

    def reset(self, most: int, window: timedelta) -> None:
        """Another rule from now on; what was counted is forgotten."""
        self.most, self.window = most, window
        self._made.clear()
        self._blocked_until.clear()

    def note(self, ad_set: Entity, now: datetime) -> None:
        """Counts one more change.

        Raises:
            GraphError: it is one too many, or it falls into the block that another one started.
        """
        made = self._made.setdefault(ad_set.id, deque())
        while made and made[0] <= now - self.window:
            made.popleft()
        if now >= self._blocked_until.get(ad_set.id, now) and len(made) < self.most:
            made.append(now)
            return
        self._blocked_until.setdefault(ad_set.id, now + self.window)
        if now >= self._blocked_until[ad_set.id]:
            self._blocked_until[ad_set.id] = now + self.window
        raise GraphError(
            613,
            f"(#613) The budget of this ad set was changed {self.most} times within the hour. Try again in an hour.",
            subcode=1487632,
            blame="daily_budget",
        )
