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
    """Also one that was kept without."""
    assert kept(engine, place_at(38.71, -9.14)) == [(None, "Europe/Lisbon")]
    engine.execute("UPDATE places SET time_zone = NULL")
    assert kept(engine, place_at(38.71, -9.14)) == [(None, "Europe/Lisbon")]


def test_a_time_zone_that_a_rule_gives_is_not_that_of_its_place(engine: Engine) -> None:
    """Other rules look at the same place: a rule's own zone stays with the rule."""
    named, zoned = place_at(38.71, -9.14, name="Lisbon"), place_at(38.71, -9.14, time_zone="Atlantic/Azores")
    assert kept(engine, zoned) == [(None, "Europe/Lisbon")]
    assert kept(engine, zoned, named) == [("Lisbon", "Europe/Lisbon")]
