"""C4: every replica rings the accounts that have changes due, or calls that somebody left behind."""

from collections import Counter

from weathertrigger.broker import waiting
from weathertrigger.deliveries.queue_broker import QueueBroker
from weathertrigger.doorbells import ring_accounts
from weathertrigger.queues import actions_of
from weathertrigger.storage import accounts
from weathertrigger.storage.database import Database


class RingDueChanges:
    """Rings every account that nobody is at; the work list stays in PostgreSQL. A queue in which a doorbell waits for
    each of them is left alone, or while nobody answers they would fill Redis."""

    def __init__(self, database: Database, broker: QueueBroker) -> None:
        self._database = database
        self._broker = broker

    def __call__(self) -> int:
        """Gives the number of accounts that were rung."""
        with self._database.transaction() as tx:
            due = accounts.with_due_changes(tx)
        by_platform = Counter(due.values())
        full = {name for name, count in by_platform.items() if waiting(self._broker, actions_of(name)) >= count}
        ringing = {account_id: platform for account_id, platform in due.items() if platform not in full}
        ring_accounts(self._broker, ringing)
        return len(ringing)
