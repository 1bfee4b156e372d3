"""Ad accounts: whose they are, and who is at work on them (the lease and the fence of protocol C)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from weathertrigger.domain.rule import Mode
from weathertrigger.errors import ConstraintViolated
from weathertrigger.storage.database import Row, Transaction
from weathertrigger.storage.installation import OutsideWorld
from weathertrigger.storage.queries import load_queries

_SQL = "accounts"


@dataclass(frozen=True, slots=True)
class StoredCredentials:
    """Credentials of an account's own, encrypted. Every new set has a later `set_at`; to encrypt the same ones anew
    leaves it."""

    text: str = field(repr=False)
    set_at: datetime


@dataclass(frozen=True, slots=True)
class Account:
    """An ad account as a user registered it. `outside_world` is that of the installation, None before it is said;
    `paused_reason` that of a pause of the account, its user or everything. `call_limit`: so many calls in the window of
    its platform's limit; None: what the settings say."""

    id: str
    user_id: str
    platform: str
    external_id: str
    currency: str
    mode: Mode
    paused_reason: str | None = None
    credentials: StoredCredentials | None = None
    outside_world: OutsideWorld | None = None
    removed_at: datetime | None = None
    call_limit: int | None = None


@dataclass(frozen=True, slots=True)
class Leased:
    """An account that we are at work on; `fence` proves it. `unreadable`: it is known that its credentials were."""

    id: str
    platform: str
    external_id: str
    currency: str
    fence: int
    credentials: StoredCredentials | None = None
    outside_world: OutsideWorld | None = None
    unreadable: bool = False
    call_limit: int | None = None


def with_due_changes(tx: Transaction) -> dict[str, str]:
    """C4: the accounts that should be rung, with their platforms."""
    return {row.id: row.platform for row in tx.rows(load_queries(_SQL)["with_due_changes"])}


def platforms(tx: Transaction, account_ids: Collection[str]) -> dict[str, str]:
    """The platform of each account."""
    rows = tx.rows(load_queries(_SQL)["platforms"], {"account_ids": list(account_ids)})
    return {row.id: row.platform for row in rows}


def get(tx: Transaction, account_id: str) -> Account | None:
    """One account, also one that was removed, or None."""
    row = tx.row(load_queries(_SQL)["get"], {"account_id": account_id})
    return _account(row) if row else None


def all_accounts(tx: Transaction, *, with_removed: bool = False) -> list[Account]:
    """Every account, by id."""
    rows = tx.rows(load_queries(_SQL)["all"], {"with_removed": with_removed})
    return [_account(row) for row in rows]


def beginning_with(tx: Transaction, beginning: str, *, limit: int) -> list[str]:
    """The ids of accounts that begin so, in order."""
    rows = tx.rows(load_queries(_SQL)["beginning_with"], {"beginning": beginning, "limit": limit})
    return [row.id for row in rows]


def add(tx: Transaction, account: Account, credentials: str | None = None) -> None:
    """A new account, or one that was removed and comes back as it was known: the same user, platform and id there.

    Raises:
        ConstraintViolated: the id, or the platform's own id, is known already; or there is no such user.
    """
    parameters = {
        "id": account.id,
        "user_id": account.user_id,
        "platform": account.platform,
        "external_id": account.external_id,
        "currency": account.currency,
        "mode": account.mode,
        "credentials": credentials,
    }
    if tx.row(load_queries(_SQL)["add"], parameters) is None:
        raise ConstraintViolated(f"There is an account {account.id!r} already.", "ad_accounts_pkey")


def lock(tx: Transaction, account_id: str) -> Account | None:
    """One account that was not removed, and nobody else's to change until the end of the transaction."""
    row = tx.row(load_queries(_SQL)["lock"], {"account_id": account_id})
    return _account(row) if row else None


def set_credentials(tx: Transaction, account_id: str, text: str) -> None:
    """New credentials, in the place of those that there were; lock the account first."""
    tx.execute(load_queries(_SQL)["set_credentials"], {"account_id": account_id, "credentials": text})


def set_call_limit(tx: Transaction, account_id: str, calls: int | None) -> None:
    """A limit of the account's own, or none; it counts from the next lease on. Lock the account first."""
    tx.execute(load_queries(_SQL)["set_call_limit"], {"account_id": account_id, "calls": calls})


def encrypt_anew(tx: Transaction, account_id: str, text: str) -> None:
    """The same credentials under another key; lock the account first."""
    tx.execute(load_queries(_SQL)["encrypt_anew"], {"account_id": account_id, "credentials": text})


def remove(tx: Transaction, account_id: str) -> None:
    """Erases the credentials and hides the account; whoever is at it finds out at its next proof."""
    for statement in ("end_changes", "end_pause"):
        tx.execute(load_queries(_SQL)[statement], {"account_id": account_id})
    tx.execute(load_queries(_SQL)["remove"], {"account_id": account_id})


def leave_fields(tx: Transaction, account_id: str) -> list[int]:
    """Nothing of the account is put back any more: its fields stay as they are, and are free. Gives their ids."""
    return [row.id for row in tx.rows(load_queries(_SQL)["leave_fields"], {"account_id": account_id})]


def rules_on(tx: Transaction, account_id: str) -> list[str]:
    """The enabled rules that target a field of the account."""
    return [row.rule_id for row in tx.rows(load_queries(_SQL)["rules_on"], {"account_id": account_id})]


def unsettled(tx: Transaction, account_id: str) -> list[Row]:
    """The fields of the account that are not as they were before any rule: `resource, field, state, baseline`."""
    return tx.rows(load_queries(_SQL)["unsettled"], {"account_id": account_id})


def take_lease(tx: Transaction, account_id: str, lease: timedelta) -> Leased | None:
    """C3: the account, or None when somebody is at it, it is paused as a whole, or it is not known."""
    row = tx.row(load_queries(_SQL)["take_lease"], {"account_id": account_id, "lease": lease})
    if row is None:
        return None
    return Leased(
        row.id,
        row.platform,
        row.external_id,
        row.currency,
        row.fence,
        _credentials(row),
        _world(row),
        row.unreadable,
        row.call_limit,
    )


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
    """What may be called now: the fields with the generation of each, of those that no pause stops; and the stopped."""

    generations: Mapping[int, int]
    stopped: frozenset[int] = frozenset()


def leave_to_call(tx: Transaction, leased: Leased, field_ids: Collection[int], time_out: timedelta) -> Leave:
    """C7, in one read: nothing may be called unless the account is ours and the lease outlasts the call."""
    parameters = {"account_id": leased.id, "fence": leased.fence, "time_out": time_out, "field_ids": list(field_ids)}
    rows = tx.rows(load_queries(_SQL)["leave_to_call"], parameters)
    return Leave(
        {row.id: row.generation for row in rows if row.leased and not row.stopped},
        frozenset(row.id for row in rows if row.stopped),
    )


def lease_left(tx: Transaction, account_id: str) -> timedelta | None:
    """How long somebody has the account at most; None: nobody is at it."""
    row = tx.row(load_queries(_SQL)["lease_left"], {"account_id": account_id})
    return row.left if row else None


def give_lease_back(tx: Transaction, leased: Leased) -> bool:
    """C10: False when something came due meanwhile (the account stays ours) or the account is no longer ours."""
    parameters = {"account_id": leased.id, "fence": leased.fence}
    return tx.execute(load_queries(_SQL)["give_lease_back"], parameters) == 1


def _account(row: Row) -> Account:
    return Account(
        row.id,
        row.user_id,
        row.platform,
        row.external_id,
        row.currency,
        Mode(row.mode),
        row.paused_reason,
        _credentials(row),
        _world(row),
        row.removed_at,
        row.call_limit,
    )


def _credentials(row: Row) -> StoredCredentials | None:
    return None if row.credentials is None else StoredCredentials(row.credentials, row.credentials_set_at)


def _world(row: Row) -> OutsideWorld | None:
    return OutsideWorld(row.outside_world) if row.outside_world else None
