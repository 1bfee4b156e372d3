"""S2 to S4: claims the bells that ring, asks PostgreSQL which checks are due, and hands them on in batches by place."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import groupby

from dramatiq.brokers.redis import RedisBroker

from weathertrigger.broker import enqueue_all, letter, queue_key
from weathertrigger.instants import to_ms
from weathertrigger.messages import FetchWeather
from weathertrigger.queues import EVALUATION, WEATHER, ActorName
from weathertrigger.schedule.bells import STEP_LEASE, Bells, Claim
from weathertrigger.storage import checks
from weathertrigger.storage.checks import Standing
from weathertrigger.storage.database import Database

log = logging.getLogger(__name__)

MOST_CLAIMED = 2000
CHECKS_A_MESSAGE = 250
MOST_WAITING = 16
"""Messages in both queues together from which on nothing more is claimed. Enough to keep the workers busy until the
next look; few enough to be worked off before their leases end, or checks would be claimed again behind themselves."""
_MOST_SLEEP = 0.25
_MEASURE_SECONDS = 60.0
_FULL_QUEUES_SLEEP = 0.02
_GATHERING_SLEEP = 0.02
"""After a claim, so that checks that follow each other closely travel together: a message costs far more than a check
in it. The first of them never waits."""


class DispatchDueChecks:
    """One round claims, checks and hands on. Any number of replicas may run it: a bell is claimed by one of them."""

    def __init__(
        self,
        database: Database,
        bells: Bells,
        broker: RedisBroker,
        namespace: str,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._monotonic = monotonic
        self._database = database
        self._bells = bells
        self._broker = broker
        self._queues = [queue_key(namespace, queue) for queue in (WEATHER, EVALUATION)]
        self._offset_ms = 0
        self._measured_at: float | None = None

    def __call__(self) -> float:
        """One round. Gives the seconds to sleep before the next one (S11)."""
        if self._measured_at is None or self._monotonic() - self._measured_at >= _MEASURE_SECONDS:
            self._measure_clock()
        claim = self._bells.claim(
            offset_ms=self._offset_ms, most=MOST_CLAIMED, queues=self._queues, most_waiting=MOST_WAITING
        )
        if not claim.rule_ids:
            return _sleep_seconds(claim)
        with self._database.transaction() as tx:
            standing = checks.standing(tx, claim.rule_ids)
        if standing:
            self._set_offset(standing[0].clock)
        due = [one for one in standing if one.next_check_at and one.next_check_at <= one.clock]
        self._correct(claim, standing)
        self._hand_on(claim, due)
        if not due:
            return _MOST_SLEEP
        return 0.0 if len(claim.rule_ids) == MOST_CLAIMED else _GATHERING_SLEEP

    def _measure_clock(self) -> None:
        """S1: how far PostgreSQL's clock, which decides, is ahead of Redis's, which rings."""
        with self._database.transaction() as tx:
            self._set_offset(checks.clock(tx))

    def _set_offset(self, deciding: datetime) -> None:
        self._offset_ms = self._bells.clock_offset_ms(deciding)
        self._measured_at = self._monotonic()

    def _correct(self, claim: Claim, standing: list[Standing]) -> None:
        """S3: a bell that rang too early, or for a rule that is paused or gone, goes where it belongs."""
        belongs: dict[str, datetime | int | None] = dict.fromkeys(claim.rule_ids)
        for one in standing:
            if one.next_check_at and one.next_check_at <= one.clock:
                del belongs[one.rule_id]
            else:
                belongs[one.rule_id] = one.next_check_at
        if belongs:
            self._bells.move(claim.token, belongs)

    def _hand_on(self, claim: Claim, due: list[Standing]) -> None:
        """S4: in one MULTI, the leases for the fetcher and the messages."""
        token = to_ms(claim.now + STEP_LEASE)
        with self._broker.client.pipeline(transaction=True) as pipeline:
            letters = []
            for places in _batches(due):
                rules = [rule_id for batch in places.values() for rule_id in batch]
                self._bells.move(claim.token, dict.fromkeys(rules, token), pipeline)
                letters.append(letter(ActorName.FETCH_WEATHER, WEATHER, FetchWeather(token, places)))
            if letters:
                enqueue_all(self._broker, letters, pipeline)
                pipeline.execute()


def _sleep_seconds(claim: Claim) -> float:
    """Until the next bell, at most 250 ms, so that there is no bell to lose; a little while the queues are full."""
    if claim.next_bell is None:
        return _MOST_SLEEP
    wait = (claim.next_bell - claim.now).total_seconds()
    return min(wait, _MOST_SLEEP) if wait > 0 else _FULL_QUEUES_SLEEP


def _batches(due: list[Standing]) -> Iterator[Mapping[str, dict[str, int]]]:
    """Checks by place, several places a message, the checks of one place together as far as they fit."""
    batch: dict[str, dict[str, int]] = {}
    size = 0
    for place_id, group in groupby(sorted(due, key=lambda one: one.place_id), key=lambda one: one.place_id):
        for one in group:
            if size == CHECKS_A_MESSAGE:
                yield batch
                batch, size = {}, 0
            batch.setdefault(place_id, {})[one.rule_id] = to_ms(one.next_check_at or one.clock)
            size += 1
    if batch:
        yield batch
