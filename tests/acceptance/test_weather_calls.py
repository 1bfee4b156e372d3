"""Eight fetchers, a thousand rules, fifty places: a place is asked for once a refresh, whoever wants its weather.

What was asked is what the sandbox saw.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from signal import SIGCONT, SIGSTOP
from urllib.parse import parse_qs, urlsplit

import pytest
from redis import Redis

from services.scheduler.sweep_schedule import SweepSchedule
from tests.acceptance.weather_ground import WeatherGround, patiently, weather_ground
from tests.acceptance.weather_rules import places, weather_rules
from tests.acceptance.weather_since import Since

_PLACES = places(50)
_IDS = [place.id for place in _PLACES]
_AHEAD = _IDS[:20]
_SECONDS = (2, 3)
_FETCHERS = [f"weather-fetcher-{number}" for number in range(1, 9)]
_PRESENT, _FORECAST, _ONE_CALL = "/data/2.5/weather", "/data/2.5/forecast", "/data/3.0/onecall"
_KEY = "stand-in"
_COUNTED = "SELECT sum(calls) AS calls FROM api_calls WHERE service = 'open_meteo'"


@pytest.fixture
def urls(migrated_url: str, redis_url: str, redis_client: Redis) -> Mapping[str, str]:
    """Servers of this test alone."""
    return {"DATABASE_URL": migrated_url, "REDIS_URL": redis_url}


def test_a_place_and_refresh_is_a_call(tmp_path: Path, urls: Mapping[str, str]) -> None:
    """OpenWeather 2.5: the present of all places and the forecast of those where a rule looks ahead, each once a
    refresh; a Redis that forgets everything costs nothing, and a fetcher that is killed a call for each place that it
    was asking for."""
    with weather_ground(tmp_path, urls, fetchers=8, OPENWEATHER_API_KEY=_KEY) as ground:
        since = Since(ground)
        ground.apply(weather_rules(1000, _PLACES, _SECONDS, ahead=len(_AHEAD)))
        ground.wait_for_weather(50, 20)
        for kinds in (("now",), ("now", "ahead")):
            ground.grow_old(*kinds)
            ground.wait_for_weather(50, 20)
        ground.client.flushall()
        SweepSchedule(ground.database, ground.bells)()  # as every replica does every ten seconds
        ground.wait_for_checks(2)
        assert not ground.settled("a thousand rules").found
        assert since.calls_by_place(_PRESENT) == dict.fromkeys(_IDS, 3)
        assert since.calls_by_place(_FORECAST) == dict.fromkeys(_AHEAD, 2)
        asked_by_the_dead = _kill_one_that_asks(ground)
        ground.wait_for_weather(50, 20)
        calls = since.calls_by_place(_PRESENT) - Counter(dict.fromkeys(_IDS, 3))
    assert calls.keys() == set(_IDS)
    assert {place for place, times in calls.items() if times > 1} <= asked_by_the_dead
    assert max(calls.values()) <= 2
    assert len(asked_by_the_dead) >= 8


def test_one_call_has_it_all(tmp_path: Path, urls: Mapping[str, str]) -> None:
    """One Call 3.0: the present and the forecast of a place come in the same call; a forecast that is too old while the
    present is not costs one for each place where a rule looks ahead."""
    with weather_ground(tmp_path, urls, fetchers=8, OPENWEATHER_API_KEY=_KEY, OPENWEATHER_API="3.0") as ground:
        since = Since(ground)
        ground.apply(weather_rules(1000, _PLACES, _SECONDS, ahead=len(_AHEAD)))
        ground.wait_for_weather(50, 50)
        for kinds in (("now",), ("now", "ahead")):
            ground.grow_old(*kinds)
            ground.wait_for_weather(50, 50)
        ground.grow_old("ahead")
        ground.wait_for_weather(50, 20)
        ground.wait_for_checks(2)
        assert not ground.settled("a thousand rules on One Call").found
        expected = Counter(dict.fromkeys(_IDS, 3)) + Counter(dict.fromkeys(_AHEAD, 1))
        assert since.calls_by_place(_ONE_CALL) == expected
        assert since.calls_by_place(_PRESENT) == {}


def test_open_meteo_alone(tmp_path: Path, urls: Mapping[str, str]) -> None:
    """Fifty places in a few requests, each place in one of them a refresh; our count of calls is that of Open-Meteo."""
    with weather_ground(tmp_path, urls, fetchers=3, OPEN_METEO_URL="{sandbox}") as ground:
        with _all_due_at_once(ground):
            since = Since(ground)
            ground.apply(weather_rules(1000, _PLACES, _SECONDS))
            ground.wait(max(_SECONDS))
        ground.wait_for_weather(50)
        with _all_due_at_once(ground):
            ground.grow_old()
            ground.wait(max(_SECONDS))
        ground.wait_for_weather(50)
        ground.wait_for_checks(2)
        assert not ground.settled("a thousand rules on Open-Meteo").found
        requests = since.calls("open_meteo")
        assert Counter(_places_of(one["path"] for one in requests)) == dict.fromkeys(_IDS, 2)
        assert len(requests) <= 16
        assert sum(one["calls"] for one in requests) == ground.rows(_COUNTED)[0].calls


def _kill_one_that_asks(ground: WeatherGround) -> set[str]:
    """The only fetcher that is not frozen is killed in the middle of its calls; gives the places that it was asking
    for, and which wait no longer for it to answer."""
    victim, *others = _FETCHERS
    for name in others:
        ground.fleet.signal(name, SIGSTOP)
    ground.sandbox.fault("openweather", "latency", seconds=1.5)
    ground.grow_old()
    patiently(lambda: ground.gate("openweather").in_flight >= 8)
    ground.fleet.kill(victim)
    marked = ground.marked()
    ground.end_marks(marked)
    ground.end_faults()
    for name in others:
        ground.fleet.signal(name, SIGCONT)
    return marked


@contextmanager
def _all_due_at_once(ground: WeatherGround) -> Iterator[None]:
    """What comes due in the block is claimed together, after it."""
    ground.fleet.freeze("scheduler-1")
    yield
    ground.fleet.thaw("scheduler-1")


def _places_of(paths: Iterable[str]) -> Iterator[str]:
    for path in paths:
        query = parse_qs(urlsplit(path).query)
        for latitude, longitude in zip(query["latitude"][0].split(","), query["longitude"][0].split(","), strict=True):
            yield f"{latitude},{longitude}"
