"""S5, first half: one reading per place and refresh, whoever asks, then on to the rule-evaluator. Always hands on."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

from redis import Redis

from weathertrigger.domain.weather import Place, Reading
from weathertrigger.errors import DoorbellExpired, ServiceError
from weathertrigger.instants import to_ms
from weathertrigger.messages import EvaluateRules, FetchWeather, ReadingChecks
from weathertrigger.providers.port import WeatherProvider
from weathertrigger.schedule.bells import STEP_LEASE, Bells
from weathertrigger.storage import changes, checks, readings
from weathertrigger.storage.database import Database, Transaction
from weathertrigger.storage.readings import PlaceNow

log = logging.getLogger(__name__)

Publish = Callable[[EvaluateRules], None]

CONCURRENT_CALLS = 8
_CALL_SECONDS = 10.0
_LONGEST_WAIT_BEFORE_A_CALL = 4.0
"""Wait and call together end before the lease does."""
_ASKING_SECONDS = 60.0
"""So long a message may take for its calls: half of what Dramatiq gives a step. Then it is handed on as it is."""
_LOOK_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class _Got:
    """What came of one place: a reading, or why there is none, and how many calls it took."""

    reading_id: int | None = None
    calls: int = 0
    reason: str | None = None


class FetchWeatherStep:
    """Takes checks by place, gives the same checks by reading."""

    def __init__(
        self,
        *,
        database: Database,
        bells: Bells,
        redis: Redis,
        namespace: str,
        provider: WeatherProvider,
        publish: Publish,
        refresh: timedelta,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._bells = bells
        self._redis = redis
        self._namespace = namespace
        self._provider = provider
        self._publish = publish
        self._refresh = refresh
        self._monotonic = monotonic

    def __call__(self, message: FetchWeather) -> None:
        """Finds or fetches a reading for every place of the message.

        Raises:
            DoorbellExpired: newer claims have taken all of its checks.
        """
        token, places = self._renew(message.lease, message.places)
        if not places:
            raise DoorbellExpired("newer claims have taken all checks of this message")
        dues = {rule_id: due for batch in places.values() for rule_id, due in batch.items()}
        with self._bells.starts.at_work(token, dues) as start:
            self._hand_on(start, token, places)

    def _hand_on(self, start: str, token: int, places: Mapping[str, dict[str, int]]) -> None:
        started = self._monotonic()
        known = self._newest(places)
        got = {place_id: _Got(one.reading_id) for place_id, one in known.items() if one.reading_id}
        wanted = [one.place for one in known.values() if one.reading_id is None]
        # Threads of this message's own: behind the calls of other messages its leases would end.
        with ThreadPoolExecutor(CONCURRENT_CALLS, thread_name_prefix="weather-call") as calls:
            for first in range(0, len(wanted), CONCURRENT_CALLS):
                wave = [place for place in wanted[first : first + CONCURRENT_CALLS] if place.id in places]
                if self._monotonic() - started >= _ASKING_SECONDS:
                    got |= dict.fromkeys((place.id for place in wave), _Got(reason="other places took too long"))
                elif wave:
                    got |= dict(zip((place.id for place in wave), calls.map(self._fetch, wave), strict=True))
                    token, places = self._renew(token, places)
                    self._bells.starts.extend(start, token)
        if places:
            self._publish(EvaluateRules(token, _by_reading(self._provider.name, places, got)))

    def _renew(self, token: int, places: Mapping[str, dict[str, int]]) -> tuple[int, dict[str, dict[str, int]]]:
        """Keeps the lease on the checks. One that is longer stays, but for a millisecond: a check that travels alone is
        to ring at a time of its own (S4), and the same message a second time is to find another lease. Those that a
        newer claim has taken are left to it."""
        with self._database.transaction() as tx:
            renewed = max(token + 1, to_ms(checks.clock(tx) + STEP_LEASE))
        rule_ids = [rule_id for batch in places.values() for rule_id in batch]
        ours = set(self._bells.move(token, dict.fromkeys(rule_ids, renewed)))
        kept = {place_id: {one: due for one, due in batch.items() if one in ours} for place_id, batch in places.items()}
        return renewed, {place_id: batch for place_id, batch in kept.items() if batch}

    def _newest(self, place_ids: Iterable[str]) -> dict[str, PlaceNow]:
        with self._database.transaction() as tx:
            known, _ = readings.newest(tx, list(place_ids), self._refresh)
        return known

    def _fetch(self, place: Place) -> _Got:
        """Single flight: one call per place at a time over all workers; the others wait for its reading."""
        key = f"{self._namespace}:fetching:{place.id}"
        started = self._monotonic()
        while not self._redis.set(key, b"1", nx=True, px=int(_CALL_SECONDS * 1000) + 2000):
            if reading_id := self._newest([place.id])[place.id].reading_id:
                return _Got(reading_id)
            if self._monotonic() - started > _CALL_SECONDS:
                return _Got(reason="another worker has been asking for this place for too long")
            time.sleep(_LOOK_SECONDS)
        try:
            # Somebody may have stored a reading between our first look and our turn.
            if reading_id := self._newest([place.id])[place.id].reading_id:
                return _Got(reading_id)
            if self._monotonic() - started > _LONGEST_WAIT_BEFORE_A_CALL:
                return _Got(reason="another worker has just asked for this place in vain")
            return self._call(place)
        finally:
            self._redis.delete(key)

    def _call(self, place: Place) -> _Got:
        try:
            reading = self._provider.current(place)
        except ServiceError as error:
            log.warning("no weather", extra={"place": place.id, "provider": self._provider.name, "error": str(error)})
            self._database.run(self._count_call)
            return _Got(calls=1, reason=str(error))
        _warn_of_discarded(reading)
        return _Got(self._database.run(lambda tx: self._keep(tx, reading)), calls=1)

    def _keep(self, tx: Transaction, reading: Reading) -> int:
        kept = readings.add(tx, [reading])
        self._count_call(tx)
        return kept[reading.place_id]

    def _count_call(self, tx: Transaction) -> None:
        """Apart at first: the execution that it answers takes it from there, if there will be one."""
        changes.count(tx, self._provider.name, None, calls=1)


def _warn_of_discarded(reading: Reading) -> None:
    for metric, value in reading.discarded.items():
        log.warning(
            "implausible value is treated as unknown",
            extra={"place": reading.place_id, "provider": reading.provider, "metric": metric, "value": value},
        )


def _by_reading(service: str, places: Mapping[str, dict[str, int]], got: Mapping[str, _Got]) -> list[ReadingChecks]:
    unknown = _Got(reason="the place is not known")
    return [
        ReadingChecks(one.reading_id, service, one.calls, batch, one.reason)
        for place_id, batch in places.items()
        if (one := got.get(place_id, unknown))
    ]
