"""The kill switch (semantics 28): rows that stop writes, looked at just before each call and nowhere cached.

It is a row and nothing else, so it works while Redis and every worker are down.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from weathertrigger.storage.database import Row, Transaction
from weathertrigger.storage.queries import load_queries

_SQL = "pauses"


class Scope(StrEnum):
    """By what a person names what is meant; `subject` is the id, and empty for all."""

    ALL = "all"
    USER = "user"
    ACCOUNT = "account"
    RULE = "rule"


@dataclass(frozen=True, slots=True)
class Covered:
    """What a pause covers: `Covered(Scope.RULE, "rain-budget")`, `Covered(Scope.ALL)`."""

    scope: Scope
    subject: str = ""

    def __str__(self) -> str:
        return "everything" if self.scope is Scope.ALL else f"{self.scope} {self.subject}"

    @property
    def option(self) -> str:
        """As the commands are told."""
        return "--all" if self.scope is Scope.ALL else f"--{self.scope} {self.subject}"


@dataclass(frozen=True, slots=True)
class Pause:
    """Who stopped what, since when and why. `reverts`: fields without a live winner are put back all the same."""

    covered: Covered
    reason: str
    reverts: bool
    who: str
    since: datetime


def pause(
    tx: Transaction, covered: Covered, *, reason: str, who: str, reverts: bool = False, loosen: bool = False
) -> bool:
    """From the commit on nothing that is covered is written. False: it was paused like this already, and stays so; or
    more strictly, and only a person may `loosen` that to let reverts go out."""
    parameters = {**_named(covered), "reason": reason, "reverts": reverts, "who": who, "loosen": loosen}
    return tx.row(load_queries(_SQL)["pause"], parameters) is not None


def end(tx: Transaction, covered: Covered) -> Pause | None:
    """Ends the pause of exactly this, and makes due what waits; gives what it was, None where there was none."""
    row = tx.row(load_queries(_SQL)["end"], _named(covered))
    if row is None:
        return None
    bring_forward(tx, covered)
    return _pause(row)


def get(tx: Transaction, covered: Covered) -> Pause | None:
    """The pause of exactly this."""
    row = tx.row(load_queries(_SQL)["get"], _named(covered))
    return _pause(row) if row else None


def listed(tx: Transaction) -> list[Pause]:
    """Every pause, the widest first."""
    return [_pause(row) for row in tx.rows(load_queries(_SQL)["listed"])]


def of_account(tx: Transaction, account_id: str) -> list[Pause]:
    """The pauses that cover the whole account, the strictest first."""
    return [_pause(row) for row in tx.rows(load_queries(_SQL)["of_account"], {"account_id": account_id})]


def accounts_covered(tx: Transaction, covered: Covered) -> dict[str, str]:
    """The accounts with a field that is covered, and their platforms."""
    return {row.id: row.platform for row in tx.rows(load_queries(_SQL)["accounts_covered"], _named(covered))}


def on_their_way(tx: Transaction, covered: Covered) -> list[Row]:
    """The writes that have left and have no answer yet: `account_id, resource, field, to_value`."""
    return tx.rows(load_queries(_SQL)["on_their_way"], _named(covered))


def bring_forward(tx: Transaction, covered: Covered) -> None:
    """What waits to be changed, or to be worked out, is due now."""
    for statement in ("bring_forward", "bring_dry_runs_forward"):
        tx.execute(load_queries(_SQL)[statement], _named(covered))


def _named(covered: Covered) -> dict[str, object]:
    return {"scope": covered.scope.value, "subject": covered.subject}


def _pause(row: Row) -> Pause:
    return Pause(Covered(Scope(row.scope), row.subject), row.reason, row.reverts, row.who, row.since)
