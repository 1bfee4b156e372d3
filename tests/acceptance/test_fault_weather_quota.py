"""A day's calls that do not reach for all places: who gets them, who is told, and what becomes of the others."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from redis import Redis

from tests.acceptance.weather_ground import NAMESPACE, WeatherGround, weather_ground
from tests.acceptance.weather_rules import places, weather_rules
from tests.acceptance.weather_since import Since
from weathertrigger.domain.rule import Mode, Rule
from weathertrigger.limits.keys import GateKeys

pytestmark = pytest.mark.faults

_PLACES = places(50)
_FED = {place.id for place in _PLACES[-20:]}
_DRY = {place.id for place in _PLACES[:5]}
_CALLS_A_DAY = 40
_SETTINGS = {
    "OPENWEATHER_API_KEY": "stand-in",
    "OPENWEATHER_CALLS_PER_DAY": f"{_CALLS_A_DAY}",
    "WEATHER_REFRESH": f"{12 * 60 * 60}",  # two calls a day for each place, so that they reach for twenty
}
_PROVIDERS = """
SELECT DISTINCT ON (place_id) place_id, provider FROM weather_readings ORDER BY place_id, fetched_at DESC
"""
_A_DAY_LATER = "UPDATE api_calls SET hour = hour - interval '26 h'"
_BY_PLACE = """
SELECT r.place_id, array_agg(DISTINCT e.outcome) AS outcomes
FROM automation_executions e JOIN automation_rules r ON r.id = e.rule_id GROUP BY 1
"""


@pytest.fixture
def urls(migrated_url: str, redis_url: str, redis_client: Redis) -> Mapping[str, str]:
    """Servers of this test alone."""
    return {"DATABASE_URL": migrated_url, "REDIS_URL": redis_url}


def test_the_others_have_their_weather_from_open_meteo(tmp_path: Path, urls: Mapping[str, str]) -> None:
    """Live rules of high priority keep OpenWeather as far as its calls go; after that all have Open-Meteo, and a day
    later the same ones have OpenWeather again."""
    with weather_ground(tmp_path, urls, fetchers=8, OPEN_METEO_URL="{sandbox}", **_SETTINGS) as ground:
        since = Since(ground)
        _apply(ground)
        for _ in range(2):
            ground.wait_for_weather(50)
            assert _from_openweather(ground) == _FED
            ground.forget()  # the day's calls are remembered nevertheless
            ground.grow_old()
        ground.wait_for_weather(50)
        assert _from_openweather(ground) == set()
        assert since.calls_by_place("/data/2.5/weather") == dict.fromkeys(_FED, 2)
        assert since.notifications() == [("places_starved", "openweather"), ("quota_exhausted", "openweather")]
        assert "30 place(s)" in since.told()[0].message

        ground.execute(_A_DAY_LATER)
        ground.client.delete(GateKeys(NAMESPACE, "openweather").hits)
        ground.pass_pauses("openweather")
        ground.grow_old()
        ground.wait_for_weather(50)
        assert _from_openweather(ground) == _FED
        assert [row.kind for row in since.told()] == ["places_starved", "quota_exhausted", "quota_exhausted_ended"]
        assert not ground.settled("forty calls for fifty places").found


def test_without_a_second_provider(tmp_path: Path, urls: Mapping[str, str]) -> None:
    """Those whose rules matter less have no weather, and are told why; never more calls than the limit go out."""
    with weather_ground(tmp_path, urls, fetchers=8, **_SETTINGS) as ground:
        since = Since(ground)
        _apply(ground)
        ground.wait_for_weather(20)
        ground.grow_old()
        ground.wait_for_weather(20)
        ground.wait_for_checks()
        assert ground.fresh() == _FED
        verdicts = {row.place_id: set(row.outcomes) for row in ground.rows(_BY_PLACE)}
        assert {place for place, outcomes in verdicts.items() if outcomes == {"no_data"}} == set(verdicts) - _FED
        assert all(outcomes == {"met", "not_met"} for place, outcomes in verdicts.items() if place in _FED)
        ground.grow_old()
        ground.wait_for_checks(2)
        assert since.calls_by_place("/data/2.5/weather") == dict.fromkeys(_FED, 2)
        assert since.notifications() == [("places_starved", "openweather"), ("quota_exhausted", "openweather")]
        assert "30 place(s)" in since.told()[0].message
        assert not ground.settled("forty calls for fifty places, and nobody else").found


def _apply(ground: WeatherGround) -> None:
    """While the scheduler sleeps, so that nothing is asked before the day is planned."""
    ground.fleet.freeze("scheduler-1")
    ground.apply(_rules(), "no_data", "unknown")
    ground.fleet.thaw("scheduler-1")


def _rules() -> Sequence[Rule]:
    """Two of each place: the last twenty places matter most; the first five would, but their rules are dry runs."""
    return [_with_its_weight(rule) for rule in weather_rules(100, _PLACES, (1, 2, 3))]


def _with_its_weight(rule: Rule) -> Rule:
    if rule.place.id in _DRY:
        return replace(rule, mode=Mode.DRY_RUN, priority=100)
    return replace(rule, priority=10 if rule.place.id in _FED else 1)


def _from_openweather(ground: WeatherGround) -> set[str]:
    """The places whose newest weather it has told."""
    return {row.place_id for row in ground.rows(_PROVIDERS) if row.provider == "openweather"}
