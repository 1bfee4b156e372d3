"""What stops a whole ad account, and what sets it going again."""

import logging
from dataclasses import replace
from datetime import timedelta

from weathertrigger.errors import AccountOff, CredentialsUnreadable, Unauthorised
from weathertrigger.storage import accounts, changes, checks, fields, incidents, notifications, pauses
from weathertrigger.storage.accounts import Leased
from weathertrigger.storage.database import Transaction
from weathertrigger.storage.incidents import IncidentKind
from weathertrigger.storage.pauses import Covered, Scope

log = logging.getLogger(__name__)


def off(tx: Transaction, leased: Leased, reason: AccountOff, wait: timedelta) -> None:
    """No call can be made for the account from here: it waits. That its credentials cannot be read is told once."""
    if isinstance(reason, CredentialsUnreadable):
        advice = f"{reason} Until they can be, nothing of the account is changed."
        incidents.begin(tx, IncidentKind.CREDENTIALS_UNREADABLE, leased.id, advice)
    _wait(tx, leased, str(reason), wait)


def readable_again(tx: Transaction, leased: Leased) -> None:
    """The account's own credentials can be read, after they could not."""
    message = f"The credentials of the ad account {leased.id} can be read again."
    incidents.end(tx, IncidentKind.CREDENTIALS_UNREADABLE, leased.id, message)


def pause_account(tx: Transaction, leased: Leased, error: Unauthorised, who: str) -> None:
    """The credentials do not work: nothing more is sent until a person has looked; told once."""
    reason = (
        f"{error} Put the credentials right, see whether `accounts check {leased.id}` is content, then "
        f"`accounts resume {leased.id}`."
    )
    if pauses.pause(tx, Covered(Scope.ACCOUNT, leased.id), reason=reason, who=who):
        message = f"The ad account {leased.id} is paused: {reason}"
        notifications.notify(tx, kind="account_paused", subject=leased.id, message=message)


def _wait(tx: Transaction, leased: Leased, reason: str, wait: timedelta) -> None:
    """Everything on the account waits, and the account is given back."""
    log.warning("account waits", extra={"account": leased.id, "reason": reason})
    at = checks.clock(tx)
    waiting = fields.due(tx, leased.id, limit=10_000)
    locked = fields.lock_fields(tx, [field.id for field in waiting])
    fields.store(tx, [replace(field, next_at=at + wait) for field in locked])
    changes.postpone_dry_runs(tx, leased.id, at + wait)
    accounts.give_lease_back(tx, leased)
