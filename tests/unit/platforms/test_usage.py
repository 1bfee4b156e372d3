"""How long a platform is left alone, given how much of its limits it says is used."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weathertrigger.platforms.usage import LONGEST_SLOWING, REGAIN_UNKNOWN, Usage, cool_down, highest

percentages = st.floats(0, 1000)
waits = st.none() | st.timedeltas(timedelta(seconds=1), timedelta(days=1))
usages = st.builds(Usage, percentages, waits)


@pytest.mark.parametrize(
    ("percent", "seconds"),
    [(0, 0), (74.9, 0), (75, 0), (80, 12), (85, 48), (90, 108), (95, 192), (99, 276.48), (100, 3600), (250, 3600)],
)
def test_the_nearer_the_limit_the_longer_the_wait(percent: float, seconds: float) -> None:
    """Nothing up to 75 %, five minutes just below 100 %, an hour at a limit that does not say how long it lasts."""
    assert cool_down(Usage(percent)) == timedelta(seconds=seconds)


@pytest.mark.parametrize("percent", [0, 80, 100, 140])
def test_a_lost_access_is_waited_for(percent: float) -> None:
    """What the platform says goes before every guess."""
    assert cool_down(Usage(percent, timedelta(minutes=17))) == timedelta(minutes=17)


@given(percentages, percentages)
def test_more_use_is_never_a_shorter_wait(one: float, other: float) -> None:
    """Where the platform says nothing else."""
    less, more = sorted([one, other])
    assert timedelta() <= cool_down(Usage(less)) <= cool_down(Usage(more)) <= REGAIN_UNKNOWN


@given(st.floats(0, 99.99))
def test_below_the_limit_nobody_waits_longer_than_the_limit_remembers(percent: float) -> None:
    """A slow-down is no stop."""
    assert cool_down(Usage(percent)) <= LONGEST_SLOWING


@given(st.lists(usages, min_size=1))
def test_of_several_limits_the_worst_counts(several: list[Usage]) -> None:
    """Its percentage; and it is waited as long as for any that takes no calls."""
    worst = highest(several)
    assert worst is not None
    assert worst.percent == max(each.percent for each in several)
    full = [each for each in several if each.percent >= 100 or each.regain_after]
    if any(each.regain_after is None for each in full):
        assert cool_down(worst) == REGAIN_UNKNOWN
    elif full:
        assert cool_down(worst) == max(cool_down(each) for each in full)


def test_of_nothing_nothing_is_known() -> None:
    """No header, no usage."""
    assert highest([]) is None
    assert highest([None, None]) is None
    assert highest([None, Usage(3.0)]) == Usage(3.0)
