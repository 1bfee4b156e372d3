"""Which places a day's calls reach for: those of live rules first, then by priority; nobody in between goes hungry."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from weathertrigger.domain.forecast import Horizon
from weathertrigger.domain.weather import Place
from weathertrigger.errors import ServiceError
from weathertrigger.providers.port import Weather
from weathertrigger.storage.readings import Ages
from weathertrigger.weather.day_plan import DayPlan, PlaceNeed, plan_day, sentences, starving

_AGES = Ages(timedelta(minutes=10), timedelta(hours=1), timedelta(minutes=90))


class _Priced:
    """A provider as far as the plan looks at one: what it counts."""

    name = "openweather"
    horizon = Horizon(120, 5)
    most_places = 1
    most_at_once = 16
    both_in_one = True

    def __init__(self, *, forecast_apart: bool) -> None:
        self._forecast_apart = forecast_apart

    def cost(self, places: int, *, now: bool, ahead: bool) -> int:
        return places * (int(now) + int(ahead) if self._forecast_apart else 1)

    def ask(self, places: Sequence[Place], *, now: bool, ahead: bool) -> Mapping[str, Weather | ServiceError]:
        raise NotImplementedError


def _need(place: str, checks: float, forecasts: float = 0.0, *, live: bool = True, priority: int = 0) -> PlaceNeed:
    return PlaceNeed(place, checks, forecasts, live, priority)


def _plan(needs: Sequence[PlaceNeed], limit: int, *, forecast_apart: bool = True) -> DayPlan:
    return plan_day(needs, provider=_Priced(forecast_apart=forecast_apart), ages=_AGES, limit=limit)


def test_a_place_needs_no_more_than_its_refreshes() -> None:
    """However many rules look at it: 144 times a day at most, and 24 forecasts where they are calls of their own."""
    assert _plan([_need("a", 1e6)], 1000).needed == 144
    assert _plan([_need("a", 1e6, 1e6)], 1000).needed == 144 + 24
    assert _plan([_need("a", 1e6, 1e6)], 1000, forecast_apart=False).needed == 144
    assert _plan([_need("a", 2.0, 1.0)], 1000).needed == 3


def test_live_rules_go_first_then_priority() -> None:
    """Of 300 calls, two places of 144 get theirs: that of the live rule whose priority is highest, and the next."""
    needs = [
        _need("dry", 144, live=False, priority=99),
        _need("low", 144, priority=1),
        _need("high", 144, priority=5),
        _need("middle", 144, priority=3),
    ]
    assert _plan(needs, 300).starved == ("low", "dry")


def test_what_is_left_goes_to_whom_it_is_enough_for() -> None:
    """A place that needs little has its weather although one of higher priority, which needs more, goes without."""
    assert _plan([_need("big", 144, priority=5), _need("small", 2)], 10).starved == ("big",)


_NEEDS = st.lists(
    st.builds(
        PlaceNeed,
        st.text("abcdef", min_size=1, max_size=3),
        st.floats(0.1, 500),
        st.floats(0, 500),
        st.booleans(),
        st.integers(-5, 5),
    ),
    max_size=30,
    unique_by=lambda one: one.place_id,
)


@given(_NEEDS, st.integers(0, 3000))
def test_the_limit_holds_and_starving_is_for_a_reason(needs: list[PlaceNeed], limit: int) -> None:
    """Whoever is fed fits into the limit; whoever is not would have broken it, even beside those before it alone."""
    cost = {one.place_id: _plan([one], 10**9).needed for one in needs}
    plan = _plan(needs, limit)
    fed = [one for one in needs if one.place_id not in plan.starved]
    assert sum(cost[one.place_id] for one in fed) <= limit
    assert plan.needed == sum(cost.values())
    for hungry in (one for one in needs if one.place_id in plan.starved):
        before = [one for one in fed if (one.is_live, one.priority) >= (hungry.is_live, hungry.priority)]
        assert sum(cost[one.place_id] for one in before) + cost[hungry.place_id] > limit


def test_what_is_said() -> None:
    """The need beside the limit; who goes without by name, at most ten of them."""
    fits = _plan([_need("40.69,-74.17", 48)], 1000)
    assert sentences(fits) == ("The rules need at most 48 calls of openweather a day; the limit is 1,000.",)
    need, hungry = sentences(_plan([_need("40.69,-74.17", 48)], 10))
    assert "48" in need
    assert "40.69,-74.17" in hungry
    assert "and 5 more" in starving("openweather", [str(number) for number in range(15)])
