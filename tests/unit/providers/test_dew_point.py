"""The dew point that follows from temperature and humidity."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.providers.openweather_bodies import RECORDED
from weathertrigger.providers.dew_point import dew_point


@pytest.mark.parametrize(
    ("temperature", "humidity", "expected"),
    [(20.0, 50.0, 9.26), (30.0, 80.0, 26.17), (0.0, 60.0, -6.84), (-10.0, 90.0, -11.34), (35.0, 20.0, 8.73)],
)
def test_as_in_the_tables(temperature: float, humidity: float, expected: float) -> None:
    """Table values of psychrometry (over water), to a tenth of a degree."""
    assert dew_point(temperature, humidity) == pytest.approx(expected, abs=0.1)


def test_as_openweather_says_itself() -> None:
    """One Call tells all three. The present and the first hours are by the same formula; later ones by its model."""
    one_call = RECORDED["one_call"]
    for entry in [one_call["current"], *one_call["hourly"][:6]]:
        assert dew_point(entry["temp"], entry["humidity"]) == pytest.approx(entry["dew_point"], abs=0.03)
    for entry in one_call["hourly"][6:]:
        assert dew_point(entry["temp"], entry["humidity"]) == pytest.approx(entry["dew_point"], abs=0.7)


@given(st.floats(-95, 62), st.floats(0, 100))
@example(20.0, 5e-324)  # the smallest number above 0
def test_it_is_never_above_the_temperature(temperature: float, humidity: float) -> None:
    """Whatever passes the bounds of plausibility gives a number, or none of air without water."""
    dew = dew_point(temperature, humidity)
    assert dew is None if humidity == 0 else dew is not None and dew <= temperature + 0.01


@given(st.floats(-95, 62))
def test_air_that_is_full_is_at_its_dew_point(temperature: float) -> None:
    """At 100 %."""
    assert dew_point(temperature, 100) == pytest.approx(temperature, abs=0.006)
