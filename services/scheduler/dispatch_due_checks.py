"""S2 to S4: claims the bells that ring, asks PostgreSQL which checks are due, and hands them on in batches by place."""

import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

import dramatiq

from services.scheduler.end_poison import EndPoison
from weathertrigger.broker import enqueue_all, letter, queue_key
from weathertrigger.deliveries.queue_broker import QueueBroker
from weathertrigger.instants import from_ms, to_ms
from weathertrigger.messages import EvaluateRules, FetchWeather, ReadingChecks
from weathertrigger.queues import EVALUATION, WEATHER, ActorName
from weathertrigger.schedule.bells import ALONE_SPREAD, STEP_LEASE, Bells, Claim
from weathertrigger.schedule.lateness import Way
from weathertrigger.schedule.starts import ALONE_FROM, ENDED_FROM
from weathertrigger.storage import checks
from weathertrigger.storage.checks import Standing
from weathertrigger.storage.database import Database

MOST_CLAIMED = 2000
CHECKS_A_MESSAGE = 250
MOST_WAITING = 16
"""Messages in both queues together from which on nothing more is claimed. Enough to keep the workers busy until the
next look; few enough to be worked off before their leases end, or checks would be claimed again behind themselves."""
_RESTS = "the rule is outside its active hours"
_MOST_SLEEP = 0.25
_MEASURE_SECONDS = 60.0
_SURE_WITHIN_MS = 250
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
        broker: QueueBroker,
        namespace: str,
        *,
        end_poison: EndPoison,
        monotonic: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._monotonic = monotonic
        self._chance = chance
        self._database = database
        self._bells = bells
        self._broker = broker
        self._end_poison = end_poison
        self._lateness = bells.lateness(Way.STARTED)
        self._queues = [queue_key(namespace, queue) for queue in (WEATHER, EVALUATION)]
        self._offset_ms = 0
        self._measured_at: float | None = None

    def __call__(self) -> float:
        """One round. Gives the seconds to sleep before the next one (S11)."""
        if self._measured_at is None or self._monotonic() - self._measured_at >= _MEASURE_SECONDS:
            self._measure_clock()
        claimed_at = self._monotonic()
        claim = self._bells.claim(
            offset_ms=self._offset_ms, most=MOST_CLAIMED, queues=self._queues, most_waiting=MOST_WAITING
        )
        if not claim.rule_ids:
            return _sleep_seconds(claim)
        standing = self._standing(claim)
        due = [one for one in standing if one.next_check_at and one.next_check_at <= one.clock]
        if not due:
            return _MOST_SLEEP
        starts = self._starts(claim, standing, due)
        poison = {one.rule_id: _due_ms(one) for one in due if starts.get(one.rule_id, 0) >= ENDED_FROM}
        alive = [one for one in due if one.rule_id not in poison]
        self._hand_on(claim, alive, {rule_id for rule_id, count in starts.items() if count >= ALONE_FROM})
        at = claim.now + timedelta(seconds=self._monotonic() - claimed_at)
        self._lateness.add([at - from_ms(_due_ms(one)) for one in alive], at)
        self._end_poison(claim.token, poison)
        return 0.0 if len(claim.rule_ids) == MOST_CLAIMED else _GATHERING_SLEEP

    def _standing(self, claim: Claim) -> list[Standing]:
        """S3: what PostgreSQL says of the rules that rang; the bells of those that are not due go where they belong."""
        with self._database.transaction() as tx:
            standing = checks.standing(tx, claim.rule_ids)
        if standing:
            self._compare_clocks(to_ms(claim.now) - self._offset_ms, standing[-1].clock, or_else_keep=True)
        self._correct(claim, standing)
        return standing

    def _measure_clock(self) -> None:
        before = self._bells.clock_ms()
        with self._database.transaction() as tx:
            clock = checks.clock(tx)
        self._compare_clocks(before, clock)

    def _compare_clocks(self, before: int, deciding: datetime, *, or_else_keep: bool = False) -> None:
        """S1: how far PostgreSQL's clock, which decides, is ahead of Redis's, which rings. It was read between two
        looks at that of Redis: the further these are apart, the less it says."""
        after = self._bells.clock_ms()
        if or_else_keep and after - before > _SURE_WITHIN_MS:
            self._measured_at = None  # measured again before the next claim
            return
        self._offset_ms = to_ms(deciding) - (before + after) // 2
        self._measured_at = self._monotonic()

    def _correct(self, claim: Claim, standing: Sequence[Standing]) -> None:
        """A bell that rang too early, or for a rule that is paused or gone."""
        belongs: dict[str, datetime | int | None] = dict.fromkeys(claim.rule_ids)
        for one in standing:
            if one.next_check_at and one.next_check_at <= one.clock:
                del belongs[one.rule_id]
            else:
                belongs[one.rule_id] = one.next_check_at
        if belongs:
            self._bells.move(claim.token, belongs)

    def _starts(self, claim: Claim, standing: Sequence[Standing], due: Sequence[Standing]) -> dict[str, int]:
        """S3: how often each due check was begun without a report. What is known of an earlier check of its rule is
        forgotten, and of a rule that is paused or gone."""
        starts = dict.fromkeys(claim.unreported.keys() - {one.rule_id for one in standing if one.next_check_at}, 0)
        for one in due:
            if unreported := claim.unreported.get(one.rule_id):
                starts[one.rule_id] = unreported.starts if unreported.due == _due_ms(one) else 0
        if over := [rule_id for rule_id, count in starts.items() if count == 0]:
            self._bells.starts.forget(over)
        return starts

    def _hand_on(self, claim: Claim, due: Sequence[Standing], alone: set[str]) -> None:
        """S4: in one MULTI, the leases for the fetcher and the messages. Checks that travel alone end their leases one
        after the other, so that what one of them ends cannot take the same others with it again."""
        lease = to_ms(claim.now + STEP_LEASE)
        together = [one for one in due if one.rule_id not in alone]
        messages: list[FetchWeather | EvaluateRules] = []
        messages += [_message(lease, batch) for batch in _batches(one for one in together if not one.rests)]
        messages += [_without_weather(lease, batch) for batch in _batches(one for one in together if one.rests)]
        messages += [_message(lease + self._spread_ms(), [one]) for one in due if one.rule_id in alone]
        if not messages:
            return
        with self._broker.client.pipeline(transaction=True) as pipeline:
            for message in messages:
                self._bells.move(claim.token, dict.fromkeys(_rules_of(message), message.lease), pipeline)
            letters = [_letter(message) for message in messages]
            enqueue_all(self._broker, letters, pipeline)
            pipeline.execute()

    def _spread_ms(self) -> int:
        return int(self._chance() * (ALONE_SPREAD // timedelta(milliseconds=1)))


def _due_ms(one: Standing) -> int:
    return to_ms(one.next_check_at or one.clock)


def _sleep_seconds(claim: Claim) -> float:
    """Until the next bell, at most 250 ms, so that there is no bell to lose; a little while the queues are full."""
    if claim.next_bell is None:
        return _MOST_SLEEP
    wait = (claim.next_bell - claim.now).total_seconds()
    return min(wait, _MOST_SLEEP) if wait > 0 else _FULL_QUEUES_SLEEP


def _batches(due: Iterable[Standing]) -> Iterator[Sequence[Standing]]:
    """Several places a message, the checks of one place together as far as they fit. A check of several places counts
    for as many: all of them travel with it."""
    batch: list[Standing] = []
    size = 0
    for one in sorted(due, key=lambda one: one.place_ids[0]):
        size += len(one.place_ids)
        if batch and size > CHECKS_A_MESSAGE:
            yield batch
            batch, size = [], len(one.place_ids)
        batch.append(one)
    if batch:
        yield batch


def _message(lease: int, due: Sequence[Standing]) -> FetchWeather:
    ahead = {place_id for one in due if one.looks_ahead for place_id in one.place_ids}
    return FetchWeather(lease, _by_place(due), tuple(sorted(ahead)))


def _by_place(due: Sequence[Standing]) -> dict[str, dict[str, int]]:
    """The checks by place, each under all of its own."""
    places: dict[str, dict[str, int]] = {}
    for one in due:
        for place_id in one.place_ids:
            places.setdefault(place_id, {})[one.rule_id] = _due_ms(one)
    return places


def _without_weather(lease: int, resting: Sequence[Standing]) -> EvaluateRules:
    """Checks outside active hours go straight to the rule-evaluator: nobody is asked for the weather."""
    return EvaluateRules(
        lease, [ReadingChecks(place_id, None, {}, due, _RESTS) for place_id, due in _by_place(resting).items()]
    )


def _rules_of(message: FetchWeather | EvaluateRules) -> dict[str, None]:
    batches = message.places.values() if isinstance(message, FetchWeather) else [one.checks for one in message.readings]
    return dict.fromkeys(rule_id for checks in batches for rule_id in checks)


def _letter(message: FetchWeather | EvaluateRules) -> dramatiq.Message[None]:
    if isinstance(message, FetchWeather):
        return letter(ActorName.FETCH_WEATHER, WEATHER, message)
    return letter(ActorName.EVALUATE_RULES, EVALUATION, message)
