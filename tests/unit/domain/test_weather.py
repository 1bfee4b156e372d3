"""Places are grid points."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weathertrigger.domain.weather import place_at


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_a_place_is_the_nearest_grid_point(latitude: float, longitude: float) -> None:
    """Half a hundredth of a degree away at most; its own nearest is itself; the id reads like the coordinates."""
    place = place_at(latitude, longitude)
    assert abs(place.latitude - latitude) <= 0.005 + 1e-9
    assert abs(place.longitude - longitude) <= 0.005 + 1e-9
    assert place_at(place.latitude, place.longitude) == place
    assert [float(part) for part in place.id.split(",")] == [place.latitude, place.longitude]


@given(st.integers(-9000, 9000), st.integers(-18000, 18000), st.floats(-0.0049, 0.0049), st.floats(-0.0049, 0.0049))
def test_neighbours_share_a_place(north: int, east: int, off_north: float, off_east: float) -> None:
    """Coordinates of one street are one place, whatever its name, so they share every reading."""
    point = place_at(north / 100, east / 100)
    assert place_at(north / 100 + off_north, east / 100 + off_east, name="the corner").id == point.id


@pytest.mark.parametrize("coordinate", [-0.0, -0.004, 0.0, 0.004])
def test_nothing_is_minus_nothing(coordinate: float) -> None:
    """The equator and the meridian of Greenwich are one each: -0.00 is 0.00."""
    place = place_at(coordinate, coordinate)
    assert place.id == "0.00,0.00"
    assert math.copysign(1, place.latitude) == math.copysign(1, place.longitude) == 1


def test_names_and_zones_are_kept() -> None:
    """What a place is called does not make it another one."""
    place = place_at(40.6895, -74.1745, name="Newark", time_zone="America/New_York")
    assert (place.id, place.name, place.time_zone) == ("40.69,-74.17", "Newark", "America/New_York")
