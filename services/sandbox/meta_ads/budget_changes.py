"""Meta's rule for the budget of an ad set: four changes within an hour; a fifth is refused, and all others for an hour.

Every write of a budget counts, one of the same value too. Counted anew with every start of the sandbox.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.sandbox.ad_accounts import Entity
from services.sandbox.meta_ads.errors import GraphError


@dataclass(slots=True)
class BudgetChanges:
    """The changes of every ad set, by the sandbox's real clock."""

    most: int = 4
    window: timedelta = timedelta(hours=1)
    _made: dict[str, list[datetime]] = field(default_factory=dict)
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
        if now < self._blocked_until.get(ad_set.id, now):
            raise self._refusal()
        made = [at for at in self._made.get(ad_set.id, ()) if at > now - self.window]
        if len(made) >= self.most:
            self._blocked_until[ad_set.id] = now + self.window
            raise self._refusal()
        self._made[ad_set.id] = [*made, now]

    def _refusal(self) -> GraphError:
        message = f"(#613) The budget of this ad set was changed {self.most} times in an hour. Try again in an hour."
        return GraphError(613, message, subcode=1487632, blame="daily_budget")
