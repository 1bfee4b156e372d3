"""Troubles outside: each is told once when it begins and once when it ends, however many workers meet it."""

from datetime import timedelta
from enum import StrEnum

from weathertrigger.storage.database import Row, Transaction
from weathertrigger.storage.notifications import notify
from weathertrigger.storage.queries import load_queries

_SQL = "incidents"
_QUIET = timedelta(hours=24)
"""A trouble that comes and goes is one trouble until it stays away for so long."""


class IncidentKind(StrEnum):
    """What can be wrong. The subject says where: a service, an account of it, a place and metric."""

    BREAKER_OPEN = "breaker_open"  # a service fails so often that it is left alone for a while
    UNAUTHORISED = "unauthorised"  # the key is wrong, expired or not enough
    QUOTA_EXHAUSTED = "quota_exhausted"  # the day's calls are used up
    CREDENTIALS_UNREADABLE = "credentials_unreadable"  # an ad account's own ones; the subject is its id
    REVERT_REFUSED = "revert_refused"  # a value that should go back; the subject names the field
    IMPLAUSIBLE = "implausible"  # a provider tells what cannot be


def begin(tx: Transaction, kind: IncidentKind, subject: str, message: str) -> bool:
    """Keeps the trouble and notifies; of one that is known already, only that it was seen. Whether it was new."""
    parameters = {"kind": kind, "subject": subject, "message": message}
    if not (seen := tx.row(load_queries(_SQL)["open"], parameters)) or not seen.is_new:
        return False
    notify(tx, kind=kind, subject=subject, message=message)
    return True


def end(tx: Transaction, kind: IncidentKind, subject: str, message: str) -> bool:
    """Ends the trouble and notifies, if there was one. Whether there was."""
    if tx.row(load_queries(_SQL)["close"], {"kind": kind, "subject": subject}) is None:
        return False
    notify(tx, kind=f"{kind}_ended", subject=subject, message=message)
    return True


def end_quiet(tx: Transaction, kind: IncidentKind) -> int:
    """Ends, without a word, the troubles of this kind that were not seen for a day. Gives how many."""
    return tx.execute(load_queries(_SQL)["end_quiet"], {"kind": kind, "quiet": _QUIET})


def listed(tx: Transaction) -> list[Row]:
    """The troubles of now, the oldest first: `kind, subject, message, opened_at`."""
    return tx.rows(load_queries(_SQL)["listed"])
