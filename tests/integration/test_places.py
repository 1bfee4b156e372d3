"""What is kept of the places that rules name."""

from tests.integration.engine import Engine
from weathertrigger.domain.weather import Place, place_at
from weathertrigger.storage import rules


def kept(engine: Engine, *places: Place) -> list[tuple[str | None, str | None]]:
    """Names and time zones of all places, after these were named."""
    with engine.database.transaction() as tx:
        rules.ensure_places(tx, places)
    return [(row.name, row.time_zone) for row in engine.rows("SELECT name, time_zone FROM places ORDER BY id")]


def test_a_place_has_the_time_zone_of_its_coordinates(engine: Engine) -> None:
    """Where no rule gives one; also one that was kept without."""
    assert kept(engine, place_at(38.71, -9.14)) == [(None, "Europe/Lisbon")]
    engine.execute("UPDATE places SET time_zone = NULL")
    assert kept(engine, place_at(38.71, -9.14)) == [(None, "Europe/Lisbon")]


def test_a_time_zone_that_a_rule_gives_wins(engine: Engine) -> None:
    """Over that of the coordinates, before or after; a rule without one leaves it."""
    plain, given = place_at(38.71, -9.14), place_at(38.71, -9.14, time_zone="Atlantic/Azores")
    assert kept(engine, plain) == [(None, "Europe/Lisbon")]
    assert kept(engine, given) == [(None, "Atlantic/Azores")]
    assert kept(engine, plain) == [(None, "Atlantic/Azores")]


def test_what_the_rules_of_a_file_say_of_a_place_comes_together(engine: Engine) -> None:
    """One gives the name and another the time zone, in any order."""
    named, zoned = place_at(38.71, -9.14, name="Lisbon"), place_at(38.71, -9.14, time_zone="Atlantic/Azores")
    assert kept(engine, named, zoned) == [("Lisbon", "Atlantic/Azores")]
    engine.execute("DELETE FROM places")
    assert kept(engine, zoned, named) == [("Lisbon", "Atlantic/Azores")]
