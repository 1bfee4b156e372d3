"""All messages of the installation: those that nobody has taken yet, and a copy of every one that somebody took."""

from collections import deque

from redis import Redis

from tests.integration.engine import NAMESPACE
from tests.integration.schedule_model.mail import TO_EVALUATOR, TO_FETCHER, Mail
from weathertrigger.broker import queue_key
from weathertrigger.queues import actions_of

TO_ADS = queue_key(NAMESPACE, actions_of("meta_ads"))


class Bag(Mail):
    """The mail of all three kinds of workers; nothing that was ever sent is forgotten."""

    def __init__(self, redis: Redis) -> None:
        super().__init__(redis)
        self.copies = deque()

    def waiting(self, *queues: str) -> list[tuple[str, bytes]]:
        return super().waiting(*queues or (TO_FETCHER, TO_EVALUATOR, TO_ADS))
