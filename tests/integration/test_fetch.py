"""FetchWeatherStep against the sandbox: one call for a place and refresh, and always handed on (protocol S, S5)."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import count
from threading import Barrier

import pytest

from tests.integration.engine import AGES, Engine
from tests.integration.rule_documents import NEWARK, rule
from weathertrigger.domain.weather import Metric, Place, place_at
from weathertrigger.errors import DoorbellExpired, ServiceError
from weathertrigger.providers.port import Weather, WeatherProvider
from weathertrigger.storage import readings, rules

FIVE = [place_at(40 + number, -74) for number in range(5)]
SIXTEEN = [place_at(20 + number, -74) for number in range(16)]


class Watched:
    """A provider that lets a test act before and after each of its calls."""

    def __init__(
        self, real: WeatherProvider, before: Callable[[], object], after: Callable[[], object] = lambda: None
    ) -> None:
        self.name, self.horizon = real.name, real.horizon
        self.most_places, self.most_at_once = real.most_places, real.most_at_once
        self.both_in_one, self.cost = real.both_in_one, real.cost
        self._real = real
        self._before = before
        self._after = after

    def ask(self, places: Sequence[Place], *, now: bool, ahead: bool) -> Mapping[str, Weather | ServiceError]:
        self._before()
        answers = self._real.ask(places, now=now, ahead=ahead)
        self._after()
        return answers


def watch(engine: Engine, before: Callable[[], object], after: Callable[[], object] = lambda: None) -> None:
    """Puts a watched provider in the place of the engine's."""
    engine.providers = [Watched(engine.providers[0], before, after)]


def test_one_call_for_a_place_and_refresh(engine: Engine) -> None:
    """Eight workers ask for the same six places at the same instant; the provider is asked once for each."""
    with engine.database.transaction() as tx:
        rules.ensure_places(tx, [NEWARK, *FIVE])
    messages = [
        engine.leased({place.id: {f"rule-{worker}-{place.id}": 1} for place in [NEWARK, *FIVE]}) for worker in range(8)
    ]
    steps = [engine.fetcher() for _ in range(4)]
    together = Barrier(8)

    def fetch(worker: int) -> None:
        together.wait()
        steps[worker % 4](messages[worker])

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(fetch, range(8)))
    assert engine.calls_made() == {"openweather": 6}
    assert engine.calls_counted() == {"openweather": 6}
    handed_on = [one for message in engine.published for one in message.readings]
    assert len(engine.published) == 8
    assert len(handed_on) == 48
    assert len({one.reading_id for one in handed_on}) == 6
    assert sum(one.calls.get("openweather", 0) for one in handed_on) == 6


def test_a_reading_is_used_again_until_it_is_too_old(engine: Engine) -> None:
    """The stored reading answers everybody within the refresh; after it the provider is asked anew."""
    engine.apply(rule("wet"))
    for _ in range(3):
        engine.fetcher()(engine.leased({NEWARK.id: engine.dues("wet")}))
    assert engine.calls_made()["openweather"] == 1
    engine.execute("UPDATE weather_readings SET fetched_at = fetched_at - interval '11 min 1 s'")
    engine.fetcher()(engine.leased({NEWARK.id: engine.dues("wet")}))
    assert engine.calls_made()["openweather"] == 2
    ids = [message.readings[0].reading_id for message in engine.published]
    assert ids[0] == ids[1] == ids[2] != ids[3]
    assert [message.readings[0].calls.get("openweather") for message in engine.published] == [1, None, None, 1]


def test_a_provider_that_is_down_holds_nobody_up(engine: Engine) -> None:
    """Handed on without a reading and with the reason; the other places of the message have theirs."""
    with engine.database.transaction() as tx:
        rules.ensure_places(tx, [NEWARK, FIVE[0]])
        known = readings.newest(tx, [FIVE[0].id], AGES)
    assert known[FIVE[0].id].reading_id is None
    engine.fetcher()(engine.leased({FIVE[0].id: {"far": 1}}))
    engine.sandbox.fault("openweather", "status", status=503)
    engine.fetcher()(engine.leased({NEWARK.id: {"wet": 2}, FIVE[0].id: {"far": 1}}))
    # Those whose weather is there do not wait for the others.
    (having,), (without,) = (message.readings for message in engine.published[1:])
    assert (without.reading_id, without.checks, without.calls) == (None, {"wet": 2}, {"openweather": 1})
    assert without.reason
    assert "sandbox" not in without.reason.replace(engine.sandbox.url, "")
    assert (having.checks, having.calls) == ({"far": 1}, {})
    assert engine.calls_counted() == engine.calls_made() == {"openweather": 2}


def test_checks_of_a_newer_claim_are_left_to_it(engine: Engine) -> None:
    """S5: only the checks whose lease is still ours travel on; with none left nothing is asked and nothing sent."""
    engine.apply(rule("ours"), rule("theirs"))
    message = engine.leased({NEWARK.id: engine.dues("ours", "theirs")})
    engine.redis.zadd(engine.bells.key, {"theirs": message.lease + 1})
    engine.fetcher()(message)
    (handed_on,) = engine.published
    assert list(handed_on.readings[0].checks) == ["ours"]
    assert engine.redis.zscore(engine.bells.key, "ours") == handed_on.lease
    with pytest.raises(DoorbellExpired):
        engine.fetcher(refresh=timedelta())(message)
    assert len(engine.published) == 1
    assert engine.calls_made()["openweather"] == 1


def test_a_longer_lease_is_kept(engine: Engine) -> None:
    """S4: the leases of checks that travel alone end one after the other, also when the fetcher has renewed them; and a
    second delivery of the message finds that it is too late."""
    engine.apply(rule("wet"))
    message = engine.leased({NEWARK.id: engine.dues("wet")})
    longer = message.lease + 60_000
    engine.redis.zadd(engine.bells.key, {"wet": longer})
    engine.fetcher()(replace(message, lease=longer))
    lease = engine.published[0].lease
    assert engine.redis.zscore(engine.bells.key, "wet") == lease
    assert longer < lease < longer + 10
    with pytest.raises(DoorbellExpired):
        engine.fetcher()(replace(message, lease=longer))


def test_a_lease_that_is_taken_during_the_call(engine: Engine) -> None:
    """S5: nothing is handed on, but the call was made and its reading is there for the newer claim."""
    engine.apply(rule("wet"))
    message = engine.leased({NEWARK.id: engine.dues("wet")})
    watch(engine, lambda: None, after=lambda: engine.redis.zadd(engine.bells.key, {"wet": 1}))
    engine.fetcher()(message)
    assert engine.published == []
    assert engine.value("SELECT count(*) FROM weather_readings") == 1
    assert engine.calls_counted()["openweather"] == engine.calls_made()["openweather"] == 1


def test_a_place_that_nobody_knows(engine: Engine) -> None:
    """Handed on without a reading: the evaluator decides."""
    engine.fetcher()(engine.leased({"1.00,1.00": {"lost": 1}}))
    (handed_on,) = engine.published[0].readings
    assert (handed_on.reading_id, handed_on.calls, handed_on.reason) == (None, {}, "the place is not known")
    assert engine.calls_made() == {}


def test_a_place_that_a_dead_worker_was_asking_for(engine: Engine) -> None:
    """Its mark ends by itself: the time that it lasts is a little more than a call."""
    engine.apply(rule("wet"))
    engine.redis.set("wt-test:fetching:40.69,-74.17", "1", px=300)
    engine.fetcher()(engine.leased({NEWARK.id: engine.dues("wet")}))
    assert engine.published[0].readings[0].reading_id is not None


def test_no_call_begins_when_the_lease_would_end_before_it(engine: Engine) -> None:
    """S5: whoever waited long for somebody else's call hands on without a reading, rather than lose its lease."""
    engine.apply(rule("wet"))
    engine.redis.set("wt-test:fetching:40.69,-74.17", "1", px=60_000)
    ticks = count()
    engine.fetcher(monotonic=lambda: float(next(ticks)))(engine.leased({NEWARK.id: engine.dues("wet")}))
    assert "openweather" not in engine.calls_made()
    assert engine.published[0].readings[0].reading_id is None
    assert engine.published[0].readings[0].reason


def test_messages_do_not_wait_for_each_others_calls(engine: Engine) -> None:
    """S5: two messages of one worker process ask for eight places each at the same instant, so no lease ends."""
    with engine.database.transaction() as tx:
        rules.ensure_places(tx, SIXTEEN)
    together = Barrier(16, timeout=5)
    watch(engine, together.wait)
    step = engine.fetcher()
    messages = [
        engine.leased({place.id: {f"rule-{place.id}": 1} for place in places}) for places in (SIXTEEN[:8], SIXTEEN[8:])
    ]
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(step, messages))
    assert engine.calls_made() == {"openweather": 16}


def test_a_provider_that_hangs_cannot_keep_a_message_for_ever(engine: Engine) -> None:
    """S5: always handed on, and well before Dramatiq ends the step; places nobody was asked about have no reading."""
    with engine.database.transaction() as tx:
        rules.ensure_places(tx, SIXTEEN)
    passed = [0.0]

    def pass_a_minute() -> None:
        passed[0] += 60

    watch(engine, Barrier(8, action=pass_a_minute, timeout=5).wait)
    message = engine.leased({place.id: {f"rule-{place.id}": 1} for place in SIXTEEN})
    engine.fetcher(monotonic=lambda: passed[0])(message)
    (handed_on,) = engine.published
    assert len(handed_on.readings) == 16
    without = [one for one in handed_on.readings if one.reading_id is None]
    assert len(without) == 8
    assert all(one.reason and not one.calls for one in without)


def test_places_of_a_newer_claim_are_not_asked_for(engine: Engine) -> None:
    """S5: once the lease on a place's checks is lost, the call is the newer claim's."""
    with engine.database.transaction() as tx:
        rules.ensure_places(tx, SIXTEEN)
    message = engine.leased({place.id: {f"rule-{place.id}": 1} for place in SIXTEEN})
    watch(engine, lambda: engine.redis.delete(engine.bells.key))
    engine.fetcher()(message)
    assert engine.calls_made() == {"openweather": 8}
    assert engine.published == []


@pytest.mark.parametrize("minute", ["08:05", "08:30", "08:55"])
def test_an_impossible_wind_is_unknown(engine: Engine, caplog: pytest.LogCaptureFixture, minute: str) -> None:
    """Semantics 3: at Newark on 12 February 2013 the recorded wind is 1,048 mph; one warning, and no rule fires."""
    engine.sandbox.set_clock(f"2013-02-12T{minute}")
    engine.apply(rule("windy", when={"metric": "wind_speed", "above": 30, "unit": "mph"}))
    engine.fetcher()(engine.leased({NEWARK.id: engine.make_due("windy")}))
    engine.evaluator()(engine.published[0])
    (row,) = engine.executions()
    assert (row.outcome, row.conditions_met) == ("unknown", None)
    assert "1,048" in row.reason
    assert len([record for record in caplog.records if "which cannot be" in record.message]) == 1
    with engine.database.transaction() as tx:
        (reading,) = readings.by_id(tx, [engine.published[0].readings[0].reading_id or 0]).values()
    assert Metric.WIND_SPEED not in reading.values
    assert engine.value("SELECT state FROM automation_rules") == "unjudged"
