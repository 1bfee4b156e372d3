"""What keeps a rule's changes from being written, whatever the weather: dry run, and the kill switch."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from weathertrigger.domain.rule import Mode, Rule
from weathertrigger.storage import accounts, installation, pauses
from weathertrigger.storage.database import Transaction
from weathertrigger.storage.pauses import Covered, Pause, Scope


@dataclass(frozen=True, slots=True)
class Hindrances:
    """Of one rule on one account."""

    mode: str | None
    pauses: Sequence[Pause]

    @classmethod
    def read(cls, tx: Transaction, rule: Rule, account_id: str) -> Self:
        """What holds now."""
        stopped = [*pauses.of_account(tx, account_id), pauses.get(tx, Covered(Scope.RULE, rule.id))]
        return cls(_mode(tx, rule, account_id), [one for one in stopped if one])

    def sentence(self, *, has_winner: bool) -> str | None:
        """The first of them that holds; `has_winner`: a rule has the say, so that it is no way back."""
        if self.mode:
            return self.mode
        stopping = next((one for one in self.pauses if has_winner or not one.reverts), None)
        return f"{stopping.covered} is paused, nothing is written: {stopping.reason}" if stopping else None


def _mode(tx: Transaction, rule: Rule, account_id: str) -> str | None:
    """Semantics 27: the strictest of installation, account and rule."""
    whole, account = installation.get(tx), accounts.get(tx, account_id)
    dry = {
        "the installation": whole is not None and whole.mode is Mode.DRY_RUN,
        f"account {account_id}": account is not None and account.mode is Mode.DRY_RUN,
        "the rule": rule.mode is Mode.DRY_RUN,
    }
    named = next((name for name, is_dry in dry.items() if is_dry), None)
    if named:
        return f"{named} is in dry run: nothing would be written"
    return None if rule.enabled else "the rule is disabled: nothing would be written"
