"""The actor of the rule-evaluator."""

from collections.abc import Callable

from weathertrigger.actors import declare_actor
from weathertrigger.deliveries.queue_broker import QueueBroker
from weathertrigger.messages import EvaluateRules
from weathertrigger.queues import EVALUATION, ActorName
from weathertrigger.storage.database import Database


def declare(broker: QueueBroker, database: Database, step: Callable[[EvaluateRules], None]) -> None:
    """Makes `step` the consumer of `evaluate_rules`."""
    declare_actor(broker, database, name=ActorName.EVALUATE_RULES, queue=EVALUATION, kind=EvaluateRules, step=step)
