"""The runs about weather in trouble in short, for every `make test`."""

import secrets
from pathlib import Path

from redis import Redis

from tests.acceptance.secrets_shown import everything_said, where_shown
from tests.acceptance.weather_troubles import TROUBLES, live_through, troubled_ground


def test_two_troubles(tmp_path: Path, migrated_url: str, redis_url: str, redis_client: Redis) -> None:
    """OpenWeather fails while Open-Meteo is down, then it refuses the key while Open-Meteo steps in: every check is
    accounted for, nothing is decided without data, few calls go out, people are told once, and no key shows."""
    keys = {name: secrets.token_hex(16) for name in ("OPENWEATHER_API_KEY", "OPEN_METEO_API_KEY")}
    urls = {"DATABASE_URL": migrated_url, "REDIS_URL": redis_url}
    with troubled_ground(tmp_path, urls, fetchers=4, **keys) as ground:
        live_through(ground, TROUBLES["500"], fallback=False)
        live_through(ground, TROUBLES["key expired"], fallback=True)
        assert not ground.settled("weather in trouble, in short").found
        said = everything_said(ground, tmp_path, [("rate-limit-stats", "--output", "json"), ("doctor",)])
    assert where_shown(said, keys.values()) == set()
    assert where_shown(said, ["openweather"]) >= {"Redis", "table notifications", "command rate-limit-stats"}
