"""Meta's rule for the budget of an ad set: four changes within an hour; a fifth is refused, and all others for an hour.

Every write of a budget counts, one of the same value too. Counted anew with every start of the sandbox. Where replay
time runs faster than real time, an hour of it is an hour too: a day in a minute has its rules in that minute.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from services.sandbox.ad_accounts import Entity
from services.sandbox.meta_ads.errors import GraphError
from services.sandbox.replay_clock import Moment


@dataclass(slots=True)
class BudgetChanges:
    """The changes of every ad set, by the faster of the sandbox's clocks."""

    most: int = 4
    window: timedelta = timedelta(hours=1)
    _made: dict[str, list[Moment]] = field(default_factory=dict)
    _refused: dict[str, Moment] = field(default_factory=dict)

    def reset(self, most: int, window: timedelta) -> None:
        """Another rule from now on; what was counted is forgotten."""
        self.most, self.window = most, window
        self._made.clear()
        self._refused.clear()

    def note(self, ad_set: Entity, now: Moment) -> None:
        """Counts one more change.

        Raises:
            GraphError: it is one too many, or it falls into the block that another one started.
        """
        if ad_set.id in self._refused and _passed(self._refused[ad_set.id], now) < self.window:
            raise self._refusal()
        made = [at for at in self._made.get(ad_set.id, ()) if _passed(at, now) < self.window]
        if len(made) >= self.most:
            self._refused[ad_set.id] = now
            raise self._refusal()
        self._made[ad_set.id] = [*made, now]

    def _refusal(self) -> GraphError:
        message = f"(#613) The budget of this ad set was changed {self.most} times in an hour. Try again in an hour."
        return GraphError(613, message, subcode=1487632, blame="daily_budget")


def _passed(since: Moment, now: Moment) -> timedelta:
    return max(now.real - since.real, now.replay - since.replay)
