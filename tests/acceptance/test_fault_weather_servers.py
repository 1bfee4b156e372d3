"""Fetchers are killed, Redis forgets and servers crash in the middle of calls; an independent checker counts the slots.

All runs have one installation; each begins with both providers well.
"""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from signal import SIGKILL, SIGQUIT

import pytest

from tests.acceptance.weather_ground import WeatherGround, patiently
from tests.acceptance.weather_since import Since
from tests.acceptance.weather_troubles import MOST_CALLS, PLACES, make_well, recover, troubled_ground
from tests.processes import wait_until
from weathertrigger.embedded import EmbeddedPostgreSQL, EmbeddedRedis, EmbeddedServerError
from weathertrigger.embedded.server import EmbeddedServer
from weathertrigger.storage.database import Database
from weathertrigger.storage.migrate import migrate

pytestmark = pytest.mark.faults

_FETCHERS = 8
_COUNTED = "SELECT service, sum(calls)::int AS calls FROM api_calls GROUP BY service"


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("weather")


@pytest.fixture(scope="module")
def postgres(directory: Path) -> Iterator[EmbeddedPostgreSQL]:
    """A migrated one, for these runs alone."""
    with EmbeddedPostgreSQL(directory) as server:
        with closing(Database(server.url, application_name="weathertrigger tests")) as database:
            migrate(database)
        yield server


@pytest.fixture(scope="module")
def redis(directory: Path) -> Iterator[EmbeddedRedis]:
    with EmbeddedRedis(directory) as server:
        yield server


@pytest.fixture(scope="module")
def running(directory: Path, postgres: EmbeddedPostgreSQL, redis: EmbeddedRedis) -> Iterator[WeatherGround]:
    """The installation of all runs."""
    urls = {"DATABASE_URL": postgres.url, "REDIS_URL": redis.url}
    with troubled_ground(directory, urls, fetchers=_FETCHERS, OPENWEATHER_API_KEY="stand-in") as ground:
        yield ground


@pytest.fixture
def ground(running: WeatherGround) -> WeatherGround:
    """The installation, with both providers well."""
    make_well(running)
    return running


def test_redis_forgets_in_the_middle_of_trouble(ground: WeatherGround) -> None:
    """The breaker with everything else: it opens again at the same price, and nobody is told twice."""
    since = Since(ground)
    ground.sandbox.fault("openweather", "status", status=500)
    for _ in range(3):
        now = Since(ground)
        ground.forget()
        ground.grow_old()
        ground.wait_for_pause("openweather")
        ground.wait_for_weather(PLACES)
        assert 1 <= len(now.calls("openweather")) <= MOST_CALLS
    recover(ground)
    assert since.notifications() == [("breaker_open", "openweather"), ("breaker_open_ended", "openweather")]
    assert since.nothing_decided()
    assert not ground.settled("Redis forgets while OpenWeather is down").found


def test_redis_forgets_calls_in_the_air(ground: WeatherGround) -> None:
    """A place that was being asked for just then may be asked for once more, no other is."""
    since = Since(ground)
    marked = _in_the_air(ground)
    ground.forget()
    ground.wait_for_weather(PLACES)
    ground.end_faults()
    ground.wait_for_checks()
    calls = since.calls_by_place("/data/2.5/weather")
    assert len(calls) == PLACES
    assert max(calls.values()) <= 2
    assert {place for place, times in calls.items() if times > 1} <= marked
    assert not ground.settled("Redis forgets calls in the air").found


def test_every_fetcher_is_killed_while_both_providers_hang(ground: WeatherGround) -> None:
    """Three times in the middle of their calls: what they had in hand rings again, and is recorded once."""
    since = Since(ground)
    for service in ("openweather", "open_meteo"):
        ground.sandbox.fault(service, "hang", seconds=30)
    for _ in range(3):
        ground.grow_old()
        ground.wait(3)
        _kill_fetchers(ground)
    ground.wait(3)
    recover(ground)
    assert since.nothing_decided()
    assert not ground.settled("all fetchers are killed while both providers hang").found


def test_servers_crash_while_calls_are_in_the_air(
    ground: WeatherGround, postgres: EmbeddedPostgreSQL, redis: EmbeddedRedis
) -> None:
    """Redis and PostgreSQL in turn, three times each."""
    since = Since(ground)
    for _ in range(3):
        for server, number in ((redis, SIGKILL), (postgres, SIGQUIT)):
            _in_the_air(ground)
            os.kill(server.pid, number)
            wait_until(lambda server=server: not server.is_running())  # type: ignore[misc]  # bound at once
            patiently(lambda server=server: _starts(server))  # type: ignore[misc]  # idem
            ground.end_faults()
            ground.wait_for_weather(PLACES)
    ground.wait_for_checks()
    assert since.notifications() == []
    assert since.nothing_decided()
    assert not ground.settled("servers crash while calls are in the air").found


def test_every_call_was_counted(ground: WeatherGround) -> None:
    """After all that: never fewer than the sandbox saw. Those that were counted and then not made are what it costs."""
    made: Counter[str] = Counter()
    for entry in ground.sandbox.journal():
        made[entry["service"]] += entry["calls"]
    counted = {row.service: row.calls for row in ground.rows(_COUNTED)}
    print(f"\nmade {dict(made)}, counted {counted}")  # noqa: T201 - for `pytest -s`
    assert all(counted[service] >= calls for service, calls in made.items())


def _in_the_air(ground: WeatherGround) -> set[str]:
    """Waits until calls are under way that take a second; gives the places that somebody is asking for."""
    ground.sandbox.fault("openweather", "latency", seconds=1)
    ground.grow_old()
    patiently(lambda: ground.gate("openweather").in_flight >= _FETCHERS)
    return ground.marked()


def _kill_fetchers(ground: WeatherGround) -> None:
    for number in range(1, _FETCHERS + 1):
        ground.fleet.kill(f"weather-fetcher-{number}")


def _starts(server: EmbeddedServer) -> bool:
    with suppress(EmbeddedServerError):
        server.start()
        return True
    return False
