"""The actor of ad-action: one actor, one queue per platform."""

from collections.abc import Callable, Collection

from weathertrigger.actors import declare_actor
from weathertrigger.deliveries.queue_broker import QueueBroker
from weathertrigger.messages import ApplyChanges
from weathertrigger.queues import ActorName, actions_of
from weathertrigger.storage.database import Database


def declare(
    broker: QueueBroker, database: Database, step: Callable[[ApplyChanges], None], platforms: Collection[str]
) -> None:
    """Makes `step` the consumer of `apply_changes` on the queues of these platforms."""
    first, *others = [actions_of(platform) for platform in platforms]
    declare_actor(broker, database, name=ActorName.APPLY_CHANGES, queue=first, kind=ApplyChanges, step=step)
    for queue in others:
        broker.declare_queue(queue)
