"""OpenWeather in trouble."""

import secrets
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.acceptance.weather_ground import WeatherGround
from tests.acceptance.weather_troubles import TROUBLES, live_through, troubled_ground
from weathertrigger.storage.database import Database
from weathertrigger.storage.migrate import migrate

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def keys() -> dict[str, str]:
    return {"OPENWEATHER_API_KEY": secrets.token_hex(16), "OPEN_METEO_API_KEY": secrets.token_hex(16)}


@pytest.fixture(scope="module")
def ground(tmp_path_factory, postgres_url: str, redis_url: str, keys) -> Iterator[WeatherGround]:
    with closing(Database(postgres_url, application_name="weathertrigger tests")) as database:
        migrate(database)
    urls = {"DATABASE_URL": postgres_url, "REDIS_URL": redis_url}
    with troubled_ground(tmp_path_factory.mktemp("weather"), urls, fetchers=8, **keys) as ground:
        yield ground


@pytest.mark.parametrize("fallback", [True, False], ids=["Open-Meteo steps in", "alone"])
@pytest.mark.parametrize("name", TROUBLES)
def test_trouble(ground: WeatherGround, name: str, fallback: bool) -> None:
    live_through(ground, TROUBLES[name], fallback=fallback)
    assert not ground.settled(name).found
