"""`automation-cli places`: by their names, and those that rules look at."""

import json
from typing import Any

import pytest

from tests.integration.commands import NOWHERE, Run, assert_refused
from tests.integration.engine import Engine
from tests.integration.rule_documents import rule
from weathertrigger.domain.weather import place_at

NEWARK = place_at(40.74, -74.17, name="Newark", time_zone="America/New_York")


def searched(run: Run, name: str) -> Any:  # Any: JSON
    done = run("places", "search", name, "--output", "json")
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_one_place(engine: Engine, run: Run) -> None:
    """0: coordinates of the grid, the time zone, and a line that a rule takes as it is."""
    done = run("places", "search", "Newark, NJ, US")
    assert (done.returncode, done.stderr) == (0, "")
    assert "America/New_York" in done.stdout
    line = done.stdout.splitlines()[-1]
    assert line == 'place: {latitude: 40.74, longitude: -74.17, name: "Newark", timezone: "America/New_York"}'
    assert searched(run, "Newark, NJ, US") == {
        "name": "Newark",
        "state": "New Jersey",
        "country": "US",
        "latitude": 40.74,
        "longitude": -74.17,
        "time_zone": "America/New_York",
        "place": {"latitude": 40.74, "longitude": -74.17, "name": "Newark", "timezone": "America/New_York"},
    }


def test_the_place_of_a_search_is_one_of_a_rule(engine: Engine, run: Run) -> None:
    """As JSON, too; then it is listed under its name."""
    engine.apply(rule("wet", place=searched(run, "Newark, NJ, US")["place"]))
    (row,) = json.loads(run("places", "list", "--output", "json").stdout)
    assert (row["id"], row["name"], row["time_zone"]) == (NEWARK.id, NEWARK.name, NEWARK.time_zone)


def test_a_place_without_a_state(engine: Engine, run: Run) -> None:
    """Most countries have none."""
    assert [searched(run, "Lisboa")[key] for key in ("name", "state", "country")] == ["Lisbon", None, "PT"]


def test_several_places(engine: Engine, run: Run) -> None:
    """5: all of them with their coordinates, and how to say which."""
    done = run("places", "search", "Newark")
    assert_refused(
        done,
        5,
        "5 places are called 'Newark'",
        "1. Newark, New Jersey, US: 40.74,-74.17",
        "2. Newark, Delaware, US: 39.68,-75.75",
        "5. Newark on Trent, England, GB: 53.08,-0.81",
        "country's two letters",
    )
    assert_refused(run("places", "search", "Newark, US", "--output", "json"), 5, "4 places")


def test_no_place(engine: Engine, run: Run) -> None:
    """3."""
    assert_refused(run("places", "search", "Atlantis"), 3, "knows no place 'Atlantis'")


@pytest.mark.parametrize("name", ["", " ", ",", "a" * 201, "New\nark", "\udcff", "Newark, Essex, NJ, US"])
def test_what_is_no_name(engine: Engine, run: Run, name: str) -> None:
    """2, and nobody is asked."""
    assert_refused(run("places", "search", name), 2)
    assert engine.calls_made() == {}


def test_a_search_is_a_call(engine: Engine, run: Run) -> None:
    """Counted like any other, whatever became of it."""
    run("places", "search", "Lisbon")
    run("places", "search", "Newark")
    engine.sandbox.fault("openweather", "status", status=500, count=1)
    assert_refused(run("places", "search", "Lisbon"), 6, "500")
    assert engine.calls_counted() == engine.calls_made() == {"openweather": 3}
    stats = json.loads(run("rate-limit-stats", "--output", "json").stdout)
    assert next(row["used"] for row in stats if row["service"] == "openweather") == 3


def test_a_search_is_held_back_like_any_call(engine: Engine, run: Run) -> None:
    """6: by the limits that the workers share, and by what OpenWeather has said to any of them."""
    assert run("places", "search", "Lisbon").returncode == 0
    done = run("places", "search", "Lisbon", OPENWEATHER_CALLS_PER_DAY="1")
    assert_refused(done, 6, "openweather: its limit of 1 calls in 24 h has no room for 1 more")
    engine.sandbox.fault("openweather", "status", status=429, count=1)
    assert_refused(run("places", "search", "Lisbon"), 6, "429")
    assert_refused(run("places", "search", "Lisbon"), 6, "it is not asked for", "it has had too many calls")
    assert engine.calls_made() == engine.calls_counted() == {"openweather": 2}


def test_without_redis(engine: Engine, run: Run) -> None:
    """6, and nobody is asked: whether a call may go out is known there alone. The list does not need it."""
    nowhere = {"REDIS_URL": f"redis://{NOWHERE}/0"}
    assert_refused(run("places", "search", "Lisbon", **nowhere), 6, "Redis cannot be used")
    assert run("places", "list", **nowhere).returncode == 0
    assert engine.calls_made() == engine.calls_counted() == {}


def test_a_key_that_is_missing_or_wrong(engine: Engine, run: Run) -> None:
    """2 without one, 6 with a wrong one; it is not shown."""
    assert_refused(run("places", "search", "Lisbon", OPENWEATHER_API_KEY=""), 2, "OPENWEATHER_API_KEY is not set")
    refused = run("places", "search", "Lisbon", OPENWEATHER_API_KEY="invalid")
    assert_refused(refused, 6, "401")
    assert "invalid," not in refused.stderr


def test_without_postgresql(run: Run) -> None:
    """6: a call that cannot be counted is not made."""
    nowhere = {"DATABASE_URL": f"postgresql://nobody@{NOWHERE}/nothing"}
    assert_refused(run("places", "search", "Lisbon", **nowhere), 6)
    assert_refused(run("places", "list", **nowhere), 6)


def test_nowhere_yet(engine: Engine, run: Run) -> None:
    """0, and how places come about."""
    done = run("places", "list")
    assert (done.returncode, done.stdout) == (0, "")
    assert "apply" in done.stderr


def test_listed(engine: Engine, run: Run) -> None:
    """From north to south, with the numbers of rules, the newest reading and whether the calls reach."""
    lisbon = "38.71,-9.14"
    engine.apply(rule("wet"), rule("off", enabled=False), rule("dry"), rule("far", place=lisbon))
    engine.execute(
        "INSERT INTO weather_readings (place_id, provider, observed_at, fetched_at, temperature) VALUES"
        " ('40.69,-74.17', 'open_meteo', clock_ms() - interval '3 hours', clock_ms() - interval '2 hours', 1),"
        " ('40.69,-74.17', 'openweather', clock_ms() - interval '7 min 5 s', clock_ms() - interval '1 min', 2)"
    )
    engine.execute("UPDATE places SET starved = true WHERE id = %(id)s", id=lisbon)
    newark, other = json.loads(run("places", "list", "--output", "json").stdout)
    assert (newark["id"], newark["rules"], newark["enabled"], newark["starved"]) == ("40.69,-74.17", 3, 2, False)
    assert (newark["provider"], newark["time_zone"]) == ("openweather", "America/New_York")
    assert newark["age"].startswith("0:07:")
    assert 425 <= newark["age_seconds"] < 480
    assert (other["id"], other["time_zone"], other["rules"], other["starved"]) == (lisbon, "Europe/Lisbon", 1, True)
    assert (other["provider"], other["age"], other["age_seconds"]) == (None, None, None)
    table = run("places", "list").stdout
    assert "openweather" in table
    assert "Europe/Lisbon" in table
