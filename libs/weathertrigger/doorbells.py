"""Rings ad-action for accounts: one doorbell per account, on its platform's queue."""

from collections.abc import Mapping

from weathertrigger.broker import enqueue_all, letter
from weathertrigger.deliveries.queue_broker import QueueBroker
from weathertrigger.messages import ApplyChanges
from weathertrigger.queues import ActorName, actions_of


def ring_accounts(broker: QueueBroker, accounts: Mapping[str, str]) -> None:
    """Rings the accounts (id to platform). A doorbell that is lost is rung again by the scheduler's repair."""
    letters = [
        letter(ActorName.APPLY_CHANGES, actions_of(platform), ApplyChanges(account_id))
        for account_id, platform in accounts.items()
    ]
    if letters:
        enqueue_all(broker, letters)
