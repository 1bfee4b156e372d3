"""Ad accounts: whose they are, and who is at work on them (the lease and the fence of protocol C)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from weathertrigger.domain.rule import Mode
from weathertrigger.storage.database import Row, Transaction
from weathertrigger.storage.queries import load_queries

_SQL = "accounts"


@dataclass(frozen=True, slots=True)
class Account:
    """An ad account as a user registered it."""

    id: str
    user_id: str
    platform: str
    external_id: str
    currency: str
    mode: Mode
    paused_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Leased:
    """An account that we are at work on; `fence` proves it."""

    id: str
    platform: str
    external_id: str
    currency: str
    fence: int


def with_due_changes(tx: Transaction) -> dict[str, str]:
    """C4: the accounts that should be rung, with their platforms."""
    return {row.id: row.platform for row in tx.rows(load_queries(_SQL)["with_due_changes"])}


def platforms(tx: Transaction, account_ids: Collection[str]) -> dict[str, str]:
    """The platform of each account."""
    rows = tx.rows(load_queries(_SQL)["platforms"], {"account_ids": list(account_ids)})
    return {row.id: row.platform for row in rows}


def get(tx: Transaction, account_id: str) -> Account | None:
    """One account, or None."""
    row = tx.row(load_queries(_SQL)["get"], {"account_id": account_id})
    return _account(row) if row else None


def all_accounts(tx: Transaction) -> list[Account]:
    """Every account, by id."""
    return [_account(row) for row in tx.rows(load_queries(_SQL)["all"])]


def add(tx: Transaction, account: Account) -> None:
    """A new account.

    Raises:
        ConstraintViolated: the id, or the platform's own id, is known already; or there is no such user.
    """
    tx.execute(
        load_queries(_SQL)["add"],
        {
            "id": account.id,
            "user_id": account.user_id,
            "platform": account.platform,
            "external_id": account.external_id,
            "currency": account.currency,
            "mode": account.mode,
        },
    )


def take_lease(tx: Transaction, account_id: str, lease: timedelta) -> Leased | None:
    """C3: the account, or None when somebody is at it, it is paused, or it is not known."""
    row = tx.row(load_queries(_SQL)["take_lease"], {"account_id": account_id, "lease": lease})
    return Leased(row.id, row.platform, row.external_id, row.currency, row.fence) if row else None


def renew_lease(tx: Transaction, leased: Leased, lease: timedelta) -> bool:
    """C4: whether the account is still ours, and for how much longer."""
    parameters = {"account_id": leased.id, "fence": leased.fence, "lease": lease}
    return tx.row(load_queries(_SQL)["renew_lease"], parameters) is not None


def hold_fence(tx: Transaction, leased: Leased) -> bool:
    """C6, C8: whether the account is still ours; if so it stays ours until the end of the transaction."""
    parameters = {"account_id": leased.id, "fence": leased.fence}
    return tx.row(load_queries(_SQL)["hold_fence"], parameters) is not None


@dataclass(frozen=True, slots=True)
class Leave:
    """Whether a call may be made now, and whether it is a person's stop that forbids it."""

    given: bool
    paused: bool = False


def leave_to_call(tx: Transaction, leased: Leased, time_out: timedelta) -> Leave:
    """C7: given while the account is ours and not paused, and the lease outlasts the call."""
    parameters = {"account_id": leased.id, "fence": leased.fence, "time_out": time_out}
    row = tx.row(load_queries(_SQL)["leave_to_call"], parameters)
    if row is None:
        return Leave(given=False)
    return Leave(given=bool(row.leased) and not row.paused, paused=row.paused)


def give_lease_back(tx: Transaction, leased: Leased) -> bool:
    """C10: False when something came due meanwhile (the account stays ours) or the account is no longer ours."""
    parameters = {"account_id": leased.id, "fence": leased.fence}
    return tx.execute(load_queries(_SQL)["give_lease_back"], parameters) == 1


def pause(tx: Transaction, account_id: str, reason: str) -> bool:
    """Stops the account; False when it was paused already."""
    return tx.execute(load_queries(_SQL)["pause"], {"account_id": account_id, "reason": reason}) == 1


def _account(row: Row) -> Account:
    return Account(row.id, row.user_id, row.platform, row.external_id, row.currency, Mode(row.mode), row.paused_reason)
