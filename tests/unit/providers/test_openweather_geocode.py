"""OpenWeather's list of places of a name."""

import pytest

from tests.unit.providers.openweather_bodies import ORIGIN, RECORDED, Body, changed
from weathertrigger.errors import Transient
from weathertrigger.providers.openweather.geocode import Candidate, parse_candidates

NEWARKS: Body = [
    {
        "name": "Newark",
        "local_names": {"en": "Newark", "ru": "Ньюарк"},
        "lat": 40.735657,
        "lon": -74.1723667,
        "country": "US",
        "state": "New Jersey",
    },
    {"name": "Newark on Trent", "lat": 53.0762, "lon": -0.8092, "country": "GB"},
]


def test_places_are_read_in_their_order() -> None:
    """The state is there in some countries only."""
    assert parse_candidates(NEWARKS, ORIGIN) == [
        Candidate("Newark", "New Jersey", "US", 40.735657, -74.1723667),
        Candidate("Newark on Trent", None, "GB", 53.0762, -0.8092),
    ]


def test_a_recorded_answer() -> None:
    """Lisbon, as the real API said it."""
    assert parse_candidates(RECORDED["geocoding"], ORIGIN) == [Candidate("Lisbon", None, "PT", 38.7077507, -9.1365919)]


def test_no_place_is_a_good_answer() -> None:
    """An unknown name is told by an empty list, not by a status."""
    assert parse_candidates([], ORIGIN) == []


@pytest.mark.parametrize("body", [None, {}, {"cod": "404"}, "text", [None], [[]], ["Newark"]])
def test_what_is_no_such_list_is_an_error(body: Body) -> None:
    """Nothing was answered then, which is not the same as nothing found."""
    with pytest.raises(Transient, match="not a list of places"):
        parse_candidates(body, ORIGIN)


@pytest.mark.parametrize("key", ["name", "lat", "lon", "country"])
@pytest.mark.parametrize("value", [..., None, "", True, [], {}, "\u200e", 180.5, -180.5])
def test_an_entry_that_cannot_be_read_is_an_error(key: str, value: object) -> None:
    """Left out, it would make another look like the only one."""
    with pytest.raises(Transient):
        parse_candidates(changed(NEWARKS, f"0.{key}", value), ORIGIN)


def test_a_name_is_one_line_that_can_be_printed() -> None:
    """Marks of direction, joiners and line breaks are no part of it."""
    (found, _) = parse_candidates(changed(NEWARKS, "0.name", " \u200fNew\u200dark\n "), ORIGIN)
    assert found.name == "Newark"
