"""The time zone of coordinates."""

from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weathertrigger.rule_files.places import time_zone_from
from weathertrigger.time_zones import time_zone_at


@pytest.mark.parametrize(
    ("latitude", "longitude", "time_zone"),
    [
        (40.74, -74.17, "America/New_York"),  # Newark
        (33.45, -112.07, "America/Phoenix"),  # no summer time
        (41.88, -87.63, "America/Chicago"),
        (34.05, -118.24, "America/Los_Angeles"),
        (21.31, -157.86, "Pacific/Honolulu"),
        (-23.55, -46.63, "America/Sao_Paulo"),
        (51.51, -0.13, "Europe/London"),
        (38.71, -9.14, "Europe/Lisbon"),
        (47.37, 8.54, "Europe/Zurich"),
        (55.75, 37.62, "Europe/Moscow"),
        (30.04, 31.24, "Africa/Cairo"),
        (28.61, 77.21, "Asia/Kolkata"),  # half an hour off
        (27.72, 85.32, "Asia/Kathmandu"),  # three quarters
        (35.68, 139.76, "Asia/Tokyo"),
        (-33.87, 151.21, "Australia/Sydney"),
        (-36.85, 174.76, "Pacific/Auckland"),
        (0.0, -30.0, "Etc/GMT+2"),  # the Atlantic
    ],
)
def test_well_known_places(latitude: float, longitude: float, time_zone: str) -> None:
    """Latitude first, whatever the order of the library."""
    assert time_zone_at(latitude, longitude) == time_zone


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_everywhere_on_the_globe_is_a_zone_that_rules_may_name(latitude: float, longitude: float) -> None:
    """Or none; what it is can be loaded, and pasted into a rule."""
    time_zone = time_zone_at(latitude, longitude)
    if time_zone is not None:
        assert ZoneInfo(time_zone).key == time_zone
        assert time_zone_from(time_zone) == time_zone
        assert time_zone in available_timezones()


@given(st.floats(), st.floats())
def test_no_coordinates_break_it(latitude: float, longitude: float) -> None:
    """Nowhere has no zone."""
    found = time_zone_at(latitude, longitude)
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        assert found is None
