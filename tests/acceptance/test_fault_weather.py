"""OpenWeather in trouble, with Open-Meteo beside it and without; an independent checker counts the slots afterwards.

All runs have one installation; each begins with both providers well.
"""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from tests.acceptance.secrets_shown import everything_said, where_shown
from tests.acceptance.weather_ground import WeatherGround, patiently
from tests.acceptance.weather_since import Entry, Since
from tests.acceptance.weather_troubles import (
    BOTH_WAYS,
    MOST_CALLS,
    PLACES,
    TROUBLES,
    live_through,
    make_well,
    recover,
    troubled_ground,
)
from weathertrigger.storage.database import Database
from weathertrigger.storage.migrate import migrate

pytestmark = pytest.mark.faults

_RETRY_AFTER_S, _RESET_S = 20, 30


@pytest.fixture(scope="module")
def keys() -> Mapping[str, str]:
    """Keys that nobody else has."""
    return {name: secrets.token_hex(16) for name in ("OPENWEATHER_API_KEY", "OPEN_METEO_API_KEY")}


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where everything that runs writes."""
    return tmp_path_factory.mktemp("weather")


@pytest.fixture(scope="module")
def running(directory: Path, postgres_url: str, redis_url: str, keys: Mapping[str, str]) -> Iterator[WeatherGround]:
    """The installation of all runs."""
    with closing(Database(postgres_url, application_name="weathertrigger tests")) as database:
        migrate(database)
    urls = {"DATABASE_URL": postgres_url, "REDIS_URL": redis_url}
    with troubled_ground(directory, urls, fetchers=8, **keys) as ground:
        yield ground


@pytest.fixture
def ground(running: WeatherGround) -> WeatherGround:
    """The installation, with both providers well."""
    make_well(running)
    return running


@BOTH_WAYS
@pytest.mark.parametrize("name", TROUBLES)
def test_trouble(ground: WeatherGround, name: str, *, fallback: bool) -> None:
    """Every check is accounted for, nothing is decided without data, few calls go out, and people are told once."""
    live_through(ground, TROUBLES[name], fallback=fallback)
    assert not ground.settled(f"OpenWeather: {name}").found


@BOTH_WAYS
def test_a_key_that_never_worked(ground: WeatherGround, *, fallback: bool) -> None:
    """There is no reading yet that could stand in; the rules have been judged before, and stay as they are."""
    live_through(ground, TROUBLES["key expired"], fallback=fallback, has_readings=False)
    assert not ground.settled("OpenWeather: a key that never worked").found


@BOTH_WAYS
def test_retry_after_is_obeyed(ground: WeatherGround, *, fallback: bool) -> None:
    """Within a tenth of what OpenWeather asked for, three times in a row; in real time."""
    since = Since(ground)
    ground.sandbox.fault("openweather", "rate_limit", retry_after=_RETRY_AFTER_S)
    _demand(ground, 3.5 * _RETRY_AFTER_S, fallback=fallback)
    groups = _groups(since.calls("openweather"))
    pauses = [later[0] - earlier[-1] for earlier, later in pairwise(groups)]
    print(f"\nasked again after {', '.join(f'{pause:.2f}' for pause in pauses)} s")  # noqa: T201 - for `pytest -s`
    assert len(pauses) >= 3
    assert all(_RETRY_AFTER_S <= pause <= 1.1 * _RETRY_AFTER_S for pause in pauses)
    assert all(len(group) <= MOST_CALLS for group in groups)
    recover(ground)
    assert since.nothing_decided()
    assert not ground.settled("OpenWeather asks for a pause").found


@BOTH_WAYS
def test_a_probe_each_time_the_breaker_has_been_open_for_long_enough(ground: WeatherGround, *, fallback: bool) -> None:
    """One call after thirty seconds, one after sixty more, whatever is wanted meanwhile; in real time."""
    since = Since(ground)
    ground.sandbox.fault("openweather", "status", status=500)
    _demand(ground, 3.3 * _RESET_S, fallback=fallback)
    groups = _groups(since.calls("openweather"))
    assert len(groups[0]) <= MOST_CALLS
    assert [len(probe) for probe in groups[1:]] == [1, 1]
    # Calls that were under way when it opened are answered after that.
    first, second = (later[0] - earlier[0] for earlier, later in pairwise(groups))
    assert (first >= _RESET_S, second >= 2 * _RESET_S) == (True, True), (first, second)
    recover(ground)
    assert since.nothing_decided()
    assert not ground.settled("OpenWeather is down for longer").found


def test_one_trouble_after_another(ground: WeatherGround) -> None:
    """The server fails, then refuses the key, then has had too many calls: each trouble is told at both its ends."""
    since = Since(ground)
    for name in ("500", "key expired", "429"):
        ground.end_faults()
        ground.sandbox.fault("openweather", TROUBLES[name].kind, **TROUBLES[name].options)
        now = Since(ground)
        ground.pass_pauses("openweather")
        ground.grow_old()
        patiently(lambda now=now: now.calls("openweather"))  # type: ignore[misc]  # bound at once
        ground.wait_for_pause("openweather")
        ground.wait_for_weather(PLACES)
    recover(ground)
    kinds = ("breaker_open", "breaker_open_ended", "unauthorised", "unauthorised_ended")
    assert since.notifications() == [(kind, "openweather") for kind in kinds]
    assert since.nothing_decided()


def test_an_answer_that_comes_late_ends_no_trouble(ground: WeatherGround) -> None:
    """A key expires while one call is under way, which ends well: that says nothing of the key as it is now."""
    since = Since(ground)
    ground.sandbox.fault("openweather", "latency", seconds=3, count=1)
    ground.sandbox.fault("openweather", "status", status=401)
    ground.grow_old()
    ground.wait_for_pause("openweather")
    patiently(lambda: [one["status"] for one in since.calls("openweather")].count(200) == 1)
    ground.wait_for_weather(PLACES)
    ground.wait_for_checks()
    assert since.notifications() == [("unauthorised", "openweather")]
    recover(ground)
    assert since.notifications() == [("unauthorised", "openweather"), ("unauthorised_ended", "openweather")]


def test_a_provider_that_works_now_and_then_is_one_trouble(ground: WeatherGround) -> None:
    """It is told once that it has begun, however often a probe happens to be answered."""
    since = Since(ground)
    for _ in range(3):
        ground.sandbox.fault("openweather", "status", status=500)
        ground.grow_old()
        ground.wait_for_pause("openweather")
        ground.wait_for_weather(PLACES)
        ground.end_faults()
        ground.pass_pauses("openweather")
        ground.grow_old()
        ground.wait_for_weather(PLACES)
    recover(ground)
    assert [kind for kind, _ in since.notifications()].count("breaker_open") == 1


def test_no_key_shows(ground: WeatherGround, directory: Path, keys: Mapping[str, str]) -> None:
    """After all that and in the middle of more: in no log and no table, nowhere in Redis, in no output of a command. A
    word that may show is found in all of them."""
    ground.sandbox.fault("openweather", "status", status=401)
    ground.sandbox.fault("open_meteo", "garbage")
    ground.grow_old()
    for service in ("openweather", "open_meteo"):
        ground.wait_for_pause(service)
    said = everything_said(ground, directory)
    recover(ground)
    assert where_shown(said, keys.values()) == set()
    everywhere = {"Redis", "table api_calls", "table incidents", "table notifications", "command rate-limit-stats"}
    assert where_shown(said, ["openweather"]) >= {*everywhere, "file weather-fetcher-1.log"}


def _demand(ground: WeatherGround, seconds: float, *, fallback: bool) -> None:
    """For so long weather is always too old, and wanted."""
    if not fallback:
        ground.sandbox.fault("open_meteo", "status", status=503)
    until = ground.now_ms() + seconds * 1000
    while ground.now_ms() < until:
        ground.grow_old()
        ground.wait(0.5)


def _groups(calls: list[Entry]) -> list[list[float]]:
    """When they were answered, in seconds, those together that are less than five apart."""
    groups: list[list[float]] = []
    for at in sorted(datetime.fromisoformat(one["time"]).timestamp() for one in calls):
        if groups and at - groups[-1][-1] < 5:
            groups[-1].append(at)
        else:
            groups.append([at])
    return groups
