"""OpenWeather's condition codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weathertrigger.domain.weather import WeatherKind as Kind
from weathertrigger.providers.openweather.conditions import KINDS, kinds_of

# Every code of https://openweathermap.org/weather-conditions.
PUBLISHED = {
    *(200, 201, 202, 210, 211, 212, 221, 230, 231, 232),
    *(300, 301, 302, 310, 311, 312, 313, 314, 321),
    *(500, 501, 502, 503, 504, 511, 520, 521, 522, 531),
    *(600, 601, 602, 611, 612, 613, 615, 616, 620, 621, 622),
    *(701, 711, 721, 731, 741, 751, 761, 762, 771, 781),
    *(800, 801, 802, 803, 804),
}


def test_the_table_holds_exactly_the_published_codes() -> None:
    """None is forgotten, none invented, none without a kind."""
    assert KINDS.keys() == PUBLISHED
    assert all(KINDS.values())


@pytest.mark.parametrize(
    ("code", "kinds"),
    [
        (201, {Kind.THUNDERSTORM, Kind.RAIN}),
        (211, {Kind.THUNDERSTORM}),
        (232, {Kind.THUNDERSTORM, Kind.DRIZZLE}),
        (311, {Kind.DRIZZLE, Kind.RAIN}),
        (511, {Kind.FREEZING_RAIN, Kind.RAIN}),
        (611, {Kind.SLEET}),
        (616, {Kind.RAIN, Kind.SNOW}),
        (701, {Kind.MIST}),
        (781, {Kind.TORNADO}),
        (800, {Kind.CLEAR}),
        (804, {Kind.CLOUDS}),
    ],
)
def test_one_code_may_be_several_kinds(code: int, kinds: set[Kind]) -> None:
    """616 is rain and snow, a thunderstorm with rain is rain too (semantics 5)."""
    assert set(kinds_of(code)) == kinds


@pytest.mark.parametrize(
    ("code", "kinds"),
    [
        (299, (Kind.THUNDERSTORM,)),
        (399, (Kind.DRIZZLE,)),
        (540, (Kind.RAIN,)),
        (650, (Kind.SNOW,)),
        (805, (Kind.CLOUDS,)),
    ],
)
def test_a_code_of_the_future_is_what_its_group_is(code: int, kinds: tuple[Kind, ...]) -> None:
    """The hundreds say what is certain."""
    assert kinds_of(code) == kinds


@pytest.mark.parametrize("code", [799, 900, 0, -200, 4])
def test_a_code_that_says_nothing_has_no_kind(code: int) -> None:
    """7xx has nothing in common, and other groups do not exist: unknown, not a guess."""
    assert kinds_of(code) == ()


@given(st.integers())
def test_no_number_breaks_the_table(code: int) -> None:
    """Every number gives kinds of weather or none."""
    assert all(isinstance(kind, Kind) for kind in kinds_of(code))
