"""Fresh reading, first provider, second provider, last good reading, unknown: in this order, and every call counted."""

from datetime import timedelta

import pytest

from services.scheduler.end_quiet_troubles import EndQuietTroubles
from tests.contract.sandbox_server import SandboxClient
from tests.integration.engine import AGES, Engine
from tests.integration.odd_providers import Died, Dying, Late, Picky
from tests.integration.rule_documents import NEWARK, rule
from weathertrigger.call_limits import CallLimit
from weathertrigger.domain.weather import Metric, place_at
from weathertrigger.providers.registry import PROVIDERS
from weathertrigger.storage import day_plan, forecasts, readings, rules

ELSEWHERE = [place_at(40 + number, -74) for number in range(5)]


@pytest.fixture
def both(engine: Engine) -> Engine:
    """OpenWeather first, Open-Meteo second, both in the sandbox."""
    engine.providers = [*engine.providers, PROVIDERS["open_meteo"]({"base_url": engine.sandbox.url})]
    engine.apply(rule("wet"))
    return engine


@pytest.fixture
def one_call(engine: Engine) -> Engine:
    """OpenWeather's One Call alone."""
    engine.providers = [PROVIDERS["openweather"]({"api_key": "k", "base_url": engine.sandbox.url, "api": "3.0"})]
    engine.apply(rule("wet"))
    return engine


def fetch(engine: Engine, *ahead: str, refresh: timedelta = AGES.refresh) -> tuple[int | None, str | None]:
    """Fetches Newark's weather for a check that is due; gives the reading's id, and why there is none."""
    engine.fetcher(refresh=refresh)(engine.leased({NEWARK.id: engine.make_due("wet")}, *ahead))
    (handed_on,) = engine.published[-1].readings
    return handed_on.reading_id, handed_on.reason


def calls(engine: Engine) -> dict[str, int]:
    """The weather calls that were made, by service, and as many were counted."""
    made, counted = engine.calls_made(), engine.calls_counted()
    assert made == counted
    return {service: made[service] for service in ("openweather", "open_meteo") if service in made}


def provider_of(engine: Engine, reading_id: int | None) -> str:
    with engine.database.transaction() as tx:
        (reading,) = readings.by_id(tx, [reading_id or 0]).values()
    return reading.provider


def outdate(engine: Engine, minutes: int) -> None:
    """As if what is known were so much older."""
    engine.execute(
        "UPDATE weather_readings SET fetched_at = fetched_at - %(by)s, observed_at = observed_at - %(by)s",
        by=timedelta(minutes=minutes),
    )
    engine.execute("UPDATE weather_forecasts SET fetched_at = fetched_at - %(by)s", by=timedelta(minutes=minutes))


def notified(engine: Engine) -> list[str]:
    return [row.kind for row in engine.rows("SELECT kind FROM notifications ORDER BY id")]


def test_the_second_steps_in(both: Engine) -> None:
    """Where the first fails, the second is asked at once; both calls are counted; the reading says who it was."""
    both.sandbox.fault("openweather", "status", status=503)
    reading_id, _ = fetch(both)
    assert provider_of(both, reading_id) == "open_meteo"
    assert calls(both) == {"openweather": 1, "open_meteo": 2}
    assert both.published[-1].readings[0].calls == {"openweather": 1, "open_meteo": 2}


def test_both_say_the_same(both: Engine) -> None:
    """The metrics of the two mean the same: of one moment of the recorded year both tell the same numbers."""
    both.sandbox.set_clock("2013-06-07T14:30")
    first, _ = fetch(both)
    both.sandbox.fault("openweather", "status", status=503)
    outdate(both, 12)
    second, _ = fetch(both)
    with both.database.transaction() as tx:
        known = readings.by_id(tx, [first or 0, second or 0])
    one, other = known[first or 0].values, known[second or 0].values
    for metric in (Metric.TEMPERATURE, Metric.HUMIDITY, Metric.PRESSURE, Metric.WIND_SPEED, Metric.RAIN, Metric.SNOW):
        assert one[metric] == pytest.approx(other[metric], abs=0.51), metric
    assert one[Metric.CONDITION] == other[Metric.CONDITION]
    assert one[Metric.IS_DAY] is other[Metric.IS_DAY]


def test_the_last_good_reading_serves_while_it_is_young_enough(both: Engine) -> None:
    """Semantics 4: with both providers down a reading of 80 minutes answers, one of 91 does not, and each says why."""
    before, _ = fetch(both)
    for service in ("openweather", "open_meteo"):
        both.sandbox.fault(service, "status", status=503)
    outdate(both, 80)
    assert fetch(both)[0] == before
    outdate(both, 11)
    reading_id, reason = fetch(both)
    assert reading_id is None
    assert "openweather" in (reason or "").lower()
    assert "open-meteo" in (reason or "").lower()


def test_nothing_is_planned_from_missing_data(both: Engine) -> None:
    """Semantics 2: with both providers down the check is put off, then `no_data`; the rule keeps its state."""
    for service in ("openweather", "open_meteo"):
        both.sandbox.fault(service, "hang", seconds=0.1)
    fetch(both)
    both.execute("UPDATE automation_rules SET run_requested_at = clock_ms()")
    both.published.clear()
    both.fetcher()(both.leased({NEWARK.id: both.dues("wet")}))
    both.evaluator()(both.published[-1])
    assert {row.outcome for row in both.executions()} == {"no_data"}
    assert both.value("SELECT count(*) FROM ad_changes") == 0
    assert both.value("SELECT state FROM automation_rules") == "unjudged"


def test_a_failure_answers_those_who_ask_a_moment_later(engine: Engine) -> None:
    """Many messages about one place do not ask a provider that has just failed for it."""
    engine.apply(rule("wet"))
    engine.sandbox.fault("openweather", "status", status=503)
    for _ in range(5):
        reading_id, reason = fetch(engine)
        assert (reading_id, bool(reason)) == (None, True)
    assert calls(engine) == {"openweather": 1}


def test_the_forecast_is_a_call_of_its_own_and_kept_for_longer(engine: Engine) -> None:
    """Version 2.5: present and forecast are two calls; after the refresh of the one, the other is still fresh."""
    engine.apply(rule("wet"))
    fetch(engine, NEWARK.id)
    assert calls(engine) == {"openweather": 2}
    outdate(engine, 12)
    fetch(engine, NEWARK.id)
    assert calls(engine) == {"openweather": 3}
    outdate(engine, 60)
    fetch(engine, NEWARK.id)
    assert calls(engine) == {"openweather": 5}
    with engine.database.transaction() as tx:
        forecast = forecasts.of(tx, [NEWARK.id])[NEWARK.id]
    assert len(forecast.hours) >= 120


def test_a_forecast_that_fails_does_not_cost_the_reading(engine: Engine) -> None:
    """The present is known; the forecast is asked for again soon, and by then the reading is not."""
    engine.apply(rule("wet"))
    engine.sandbox.fault("openweather", "status", path="forecast", status=503)
    reading_id, reason = fetch(engine, NEWARK.id)
    assert reading_id is not None
    assert reason
    assert calls(engine) == {"openweather": 2}


def test_one_call_serves_the_present_and_the_forecast(one_call: Engine) -> None:
    """Whoever asks first brings both: a rule that looks ahead a moment later needs no call."""
    fetch(one_call)
    fetch(one_call, NEWARK.id)
    assert calls(one_call) == {"openweather": 1}
    with one_call.database.transaction() as tx:
        forecast = forecasts.of(tx, [NEWARK.id])[NEWARK.id]
    assert len(forecast.hours) == 48
    assert len(forecast.days) == 8


def test_a_starved_place_spares_the_first_provider(both: Engine) -> None:
    """The calls are kept for others: its weather comes from the second provider, or there is none, with a reason."""
    with both.database.transaction() as tx:
        assert day_plan.mark(tx, [NEWARK.id]) == [NEWARK.id]
    reading_id, _ = fetch(both)
    assert provider_of(both, reading_id) == "open_meteo"
    both.providers = both.providers[:1]
    both.execute("DELETE FROM weather_readings")
    reading_id, reason = fetch(both)
    assert reading_id is None
    assert "higher priority" in (reason or "")
    assert "openweather" not in both.calls_made()


def test_the_daily_limit_holds(both: Engine) -> None:
    """Of five places the first provider is asked about three, which is its limit, and the second about the others; the
    operator hears of it once."""
    both.limits = {"openweather": (CallLimit(3, timedelta(hours=24)),)}
    with both.database.transaction() as tx:
        rules.ensure_places(tx, ELSEWHERE)
    both.fetcher()(both.leased({place.id: {f"rule-{place.id}": 1} for place in ELSEWHERE}))
    assert all(one.reading_id for one in both.published[-1].readings)
    assert both.calls_made()["openweather"] == 3
    outdate(both, 12)
    both.fetcher()(both.leased({place.id: {f"rule-{place.id}": 1} for place in ELSEWHERE}))
    assert both.calls_made()["openweather"] == 3
    assert notified(both) == ["quota_exhausted"]


def test_a_wrong_key_is_told_once(both: Engine) -> None:
    """401: the first provider is left alone for a while, the second answers, and one notification says what to do."""
    key = {"api_key": "invalid", "base_url": both.sandbox.url, "api": "2.5"}
    both.providers = [PROVIDERS["openweather"](key), both.providers[1]]
    for minutes in (0, 12, 12):
        outdate(both, minutes)
        assert provider_of(both, fetch(both)[0]) == "open_meteo"
    assert both.calls_made()["openweather"] == 1
    assert notified(both) == ["unauthorised"]


def test_an_impossible_value_is_told_once_and_when_it_comes_back(engine: Engine) -> None:
    """Semantics 3: the wind of 1,048 mph is told of once, however often it is read, also with sane readings in between;
    anew when a day has passed without it, whether or not its place is still looked at."""
    engine.apply(rule("wet"))

    def read(at: str, told: int) -> None:
        engine.sandbox.set_clock(f"2013-02-{at}")
        fetch(engine)
        outdate(engine, 12)
        assert notified(engine) == ["implausible"] * told

    for at in ("12T08:30", "12T08:40", "12T12:00", "12T08:50"):
        read(at, 1)
    for hours, told in ((23, 1), (25, 2)):
        engine.execute("UPDATE incidents SET last_seen_at = last_seen_at - %(by)s", by=timedelta(hours=hours))
        assert EndQuietTroubles(engine.database)() == told - 1
        read("12T08:30", told)


@pytest.mark.parametrize("places", [1, 3])
def test_a_batch_is_one_request(sandbox: SandboxClient, engine: Engine, places: int) -> None:
    """Open-Meteo alone: all places of a message in one request, and its weight shared among them."""
    engine.providers = [PROVIDERS["open_meteo"]({"base_url": sandbox.url})]
    with engine.database.transaction() as tx:
        rules.ensure_places(tx, ELSEWHERE[:places])
    engine.fetcher()(engine.leased({place.id: {f"rule-{place.id}": 1} for place in ELSEWHERE[:places]}))
    requests = [entry for entry in sandbox.journal() if entry["service"] == "open_meteo"]
    assert len(requests) == 1
    assert sum(one.calls["open_meteo"] for one in engine.published[-1].readings) == requests[0]["calls"]
    assert engine.calls_counted() == engine.calls_made()


def test_an_old_observation_does_not_end_the_chain(both: Engine) -> None:
    """Semantics 4: the first provider tells what was observed three hours ago: not kept, and the second is asked."""
    first = both.providers[0]
    both.providers = [Late(first, timedelta(hours=3)), both.providers[1]]
    reading_id, _ = fetch(both)
    assert provider_of(both, reading_id) == "open_meteo"
    assert both.value("SELECT count(*) FROM weather_readings") == 1


def test_a_younger_observation_serves_where_a_newer_answer_is_old(engine: Engine) -> None:
    """Semantics 4: an answer that is too old does not hide the reading that was observed half an hour ago."""
    engine.apply(rule("wet"))
    before, _ = fetch(engine)
    outdate(engine, 30)
    engine.providers = [Late(engine.providers[0], timedelta(hours=3))]
    assert fetch(engine) == (before, "openweather tells only what was observed 180 min ago")


def test_a_reading_that_grows_too_old_is_not_fresh(engine: Engine) -> None:
    """However long the refresh: weather observed 91 minutes ago is asked for again."""
    engine.apply(rule("wet"))
    fetch(engine)
    outdate(engine, 91)
    fetch(engine, refresh=timedelta(hours=24))
    assert calls(engine) == {"openweather": 2}


def test_a_place_that_keeps_failing_is_asked_less_and_less(engine: Engine) -> None:
    """Decision 24: the calls for a place are bounded, although its checks come again and again without weather."""
    engine.apply(rule("wet"))
    engine.sandbox.fault("openweather", "garbage")
    waits = []
    for number in range(1, 5):  # a fifth failure would open the circuit breaker
        fetch(engine)
        assert calls(engine) == {"openweather": number}
        key = "wt-test:fetching.failed:now:40.69,-74.17"
        waits.append(engine.redis.pttl(key) / 1000)
        engine.redis.delete(key)
    assert [round(wait / waits[0]) for wait in waits] == [1, 2, 4, 8]
    engine.sandbox.heal()
    assert fetch(engine)[0] is not None
    engine.sandbox.fault("openweather", "garbage")
    outdate(engine, 12)
    fetch(engine)
    assert engine.redis.pttl("wt-test:fetching.failed:now:40.69,-74.17") <= 3_000


def test_a_forecast_that_cannot_be_had_leaves_the_present_alone(engine: Engine) -> None:
    """It is remembered for ten minutes that there is no forecast; the present is asked for all the same."""
    engine.apply(rule("wet"))
    engine.sandbox.fault("openweather", "status", path="forecast", status=404)
    fetch(engine, NEWARK.id)
    outdate(engine, 12)
    reading_id, _ = fetch(engine, NEWARK.id)
    assert reading_id is not None
    assert calls(engine) == {"openweather": 3}


def test_no_clock_of_a_host_decides_what_is_fresh(engine: Engine) -> None:
    """Semantics 14: the time of fetching is PostgreSQL's: a worker whose clock is an hour behind asks no more often."""
    behind = {"api_key": "k", "base_url": engine.sandbox.url, "api": "2.5"}
    engine.providers = [Late(PROVIDERS["openweather"](behind), timedelta(), clock=-timedelta(hours=1))]
    engine.apply(rule("wet"))
    for _ in range(3):
        fetch(engine)
    assert calls(engine) == {"openweather": 1}


def test_what_was_answered_is_kept_whatever_comes_next(engine: Engine) -> None:
    """S5: a worker that dies in its second round of calls leaves the weather of the first one to whoever comes next."""
    many = [place_at(20 + number, -74) for number in range(10)]
    with engine.database.transaction() as tx:
        rules.ensure_places(tx, many)
    engine.providers = [Dying(engine.providers[0], after=8)]
    with pytest.raises(Died):
        engine.fetcher()(engine.leased({place.id: {f"rule-{place.id}": 1} for place in many}))
    assert engine.value("SELECT count(*) FROM weather_readings") == 8


def test_one_refused_place_does_not_cost_the_others_their_weather(engine: Engine) -> None:
    """A batch is refused as a whole; the place for which it is so is found in few calls and left alone for a while."""
    places = [place_at(20 + number, -74) for number in range(20)]
    with engine.database.transaction() as tx:
        rules.ensure_places(tx, places)
    picky = Picky(PROVIDERS["open_meteo"]({"base_url": engine.sandbox.url}), {places[13].id})
    engine.providers = [picky]
    message = {place.id: {f"rule-{place.id}": 1} for place in places}
    engine.fetcher()(engine.leased(message))
    assert [one.reading_id is None for one in engine.published[-1].readings] == [
        place is places[13] for place in places
    ]
    assert picky.questions == 11
    outdate(engine, 12)
    engine.fetcher()(engine.leased(message))
    assert picky.questions == 12


def test_a_batch_that_is_always_refused_costs_few_calls(engine: Engine) -> None:
    """A fault of ours in the question is not paid for with a call for every place."""
    places = [place_at(20 + number, -74) for number in range(20)]
    with engine.database.transaction() as tx:
        rules.ensure_places(tx, places)
    picky = Picky(PROVIDERS["open_meteo"]({"base_url": engine.sandbox.url}), {place.id for place in places})
    engine.providers = [picky]
    engine.fetcher()(engine.leased({place.id: {f"rule-{place.id}": 1} for place in places}))
    assert picky.questions <= 17
