"""WMO's weather codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weathertrigger.domain.weather import WeatherKind as Kind
from weathertrigger.providers.open_meteo.conditions import kinds_of

# Every code of https://open-meteo.com/en/docs, which are a part of WMO's 0 to 99.
PUBLISHED = {
    *(0, 1, 2, 3, 45, 48, 51, 53, 55, 56, 57, 61, 63, 65, 66, 67),
    *(71, 73, 75, 77, 80, 81, 82, 85, 86, 95, 96, 97, 99),
}


@pytest.mark.parametrize("code", range(100))
def test_exactly_the_published_codes_have_kinds(code: int) -> None:
    """None is forgotten, none invented: a code that Open-Meteo does not use is unknown, not what is near it."""
    assert bool(kinds_of(code)) == (code in PUBLISHED)


@pytest.mark.parametrize(
    ("codes", "kinds"),
    [
        ((0,), {Kind.CLEAR}),
        ((1, 2, 3), {Kind.CLOUDS}),
        ((45, 48), {Kind.FOG}),
        ((51, 53, 55), {Kind.DRIZZLE}),
        ((56, 57, 66, 67), {Kind.FREEZING_RAIN, Kind.RAIN}),
        ((61, 63, 65, 80, 81, 82), {Kind.RAIN}),
        ((71, 73, 75, 77, 85, 86), {Kind.SNOW}),
        ((95, 97), {Kind.THUNDERSTORM}),
        ((96, 99), {Kind.THUNDERSTORM, Kind.RAIN}),
    ],
)
def test_a_code_may_be_several_kinds(codes: tuple[int, ...], kinds: set[Kind]) -> None:
    """Freezing rain is rain too, and so is a thunderstorm with hail (semantics 5)."""
    assert all(set(kinds_of(code)) == kinds for code in codes)


@given(st.floats(allow_nan=True, allow_infinity=True) | st.integers(-(10**30), 10**30).map(float))
def test_no_number_breaks_the_table(code: float) -> None:
    """Every number gives kinds of weather or none; 61.5 is no rain."""
    assert bool(kinds_of(code)) == (code in PUBLISHED)
