"""What a person should know: a row, and when that is committed a WARNING line; `alerts.py` sends it to Sentry."""

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
    """Keeps the notification in the transaction of what it is about, and tells it when that is committed."""
    row = tx.row(load_queries(_SQL)["add"], {"kind": kind, "subject": subject, "message": message})
    assert row is not None  # noqa: S101 - an INSERT of one row returns it
    about = {"kind": kind, "subject": subject, "notification": row.id}
    tx.after_commit(lambda: log.warning("%s", message, extra=about))


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
