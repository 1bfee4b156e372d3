"""What a person should know. Until a notifier sends them, a notification is a row and a WARNING line."""

import logging
from dataclasses import dataclass
from datetime import datetime

from weathertrigger.storage.database import Row, Transaction
from weathertrigger.storage.queries import load_queries

log = logging.getLogger(__name__)

_SQL = "notifications"


@dataclass(frozen=True, slots=True)
class Notification:
    """One of them, in a sentence."""

    id: int
    at: datetime
    message: str


def notify(tx: Transaction, *, kind: str, subject: str, message: str) -> None:
    """Keeps the notification in the transaction of what it is about, and logs it."""
    tx.execute(load_queries(_SQL)["add"], {"kind": kind, "subject": subject, "message": message})
    log.warning(message, extra={"kind": kind, "subject": subject})


def listed(
    tx: Transaction,
    *,
    kind: str | None = None,
    about: str | None = None,
    since: datetime | None = None,
    limit: int,
) -> list[Row]:
    """The newest first: `id, at, kind, subject, message`. `kind` may be its beginning, `about` part of the subject."""
    return tx.rows(load_queries(_SQL)["listed"], {"kind": kind, "about": about, "since": since, "limit": limit})


def after(tx: Transaction, notification_id: int, limit: int) -> list[Notification]:
    """Those that came after this one, the oldest first."""
    rows = tx.rows(load_queries(_SQL)["after"], {"id": notification_id, "limit": limit})
    return [Notification(row.id, row.at, row.message) for row in rows]


def kinds_beginning_with(tx: Transaction, beginning: str, *, limit: int) -> list[str]:
    """The kinds that people were told of and that begin so."""
    rows = tx.rows(load_queries(_SQL)["kinds_beginning_with"], {"beginning": beginning, "limit": limit})
    return [row.kind for row in rows]
