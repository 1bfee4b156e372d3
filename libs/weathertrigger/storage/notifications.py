"""What a person should know. Until a notifier sends them, a notification is a row and a WARNING line."""

import logging

from weathertrigger.storage.database import Transaction
from weathertrigger.storage.queries import load_queries

log = logging.getLogger(__name__)


def notify(tx: Transaction, *, kind: str, subject: str, message: str) -> None:
    """Keeps the notification in the transaction of what it is about, and logs it."""
    tx.execute(load_queries("notifications")["add"], {"kind": kind, "subject": subject, "message": message})
    log.warning(message, extra={"kind": kind, "subject": subject})
