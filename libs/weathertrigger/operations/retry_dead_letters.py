"""Sends dead letters again: to the actor and the queue that they were for, if it is a message that they would take.

A letter is sent before it is forgotten: after a crash in between it is sent twice, which no actor minds.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import dramatiq

from weathertrigger.broker import enqueue_all, letter
from weathertrigger.deliveries.queue_broker import QueueBroker
from weathertrigger.messages import ApplyChanges, EvaluateRules, FetchWeather, InvalidMessage, Message, load
from weathertrigger.platforms.registry import PLATFORMS
from weathertrigger.queues import EVALUATION, WEATHER, ActorName, actions_of
from weathertrigger.storage import dead_letters
from weathertrigger.storage.database import Row, Transaction

_TAKES: Mapping[str, tuple[type[Message], frozenset[str]]] = {
    ActorName.FETCH_WEATHER: (FetchWeather, frozenset({WEATHER})),
    ActorName.EVALUATE_RULES: (EvaluateRules, frozenset({EVALUATION})),
    ActorName.APPLY_CHANGES: (ApplyChanges, frozenset(map(actions_of, PLATFORMS))),
}
"""What each actor takes, and from which queues."""


@dataclass(frozen=True, slots=True)
class Retried:
    """The letters that were sent again, and why the others (by id) were not: those stay."""

    sent: tuple[int, ...]
    refused: Mapping[int, str]


def retry(tx: Transaction, broker: QueueBroker, letter_ids: Collection[int]) -> Retried:
    """Sends those of the letters that can be worked on, and forgets them; one that is gone meanwhile is left out.

    Raises:
        RedisError: none is sent, and all stay.
    """
    refused: dict[int, str] = {}
    letters: dict[int, dramatiq.Message[None]] = {}
    for row in dead_letters.lock(tx, letter_ids):
        try:
            letters[row.id] = _letter(row)
        except InvalidMessage as error:
            refused[row.id] = str(error)
    if letters:
        enqueue_all(broker, letters.values())
        dead_letters.remove(tx, letters)
    return Retried(tuple(letters), refused)


def _letter(row: Row) -> dramatiq.Message[None]:
    if row.actor not in _TAKES:
        raise InvalidMessage(f"there is no actor {row.actor!r}")
    kind, queues = _TAKES[row.actor]
    if row.queue not in queues:
        raise InvalidMessage(f"{row.actor} takes nothing from the queue {row.queue!r}")
    try:
        payload = json.loads(row.body)
    except (ValueError, RecursionError):
        raise InvalidMessage(f"{kind.__name__}: the body is not JSON") from None
    return letter(ActorName(row.actor), row.queue, load(kind, payload))
