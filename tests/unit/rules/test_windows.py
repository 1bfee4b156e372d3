"""Windows: what is taken of the hours and days around now, and when they are unknown."""

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.unit.rules.hours import NOW, ahead, behind, compare, forecast, hours, over
from tests.unit.rules.weather import AT, reading
from weathertrigger.domain.condition import (
    Condition,
    DaySpan,
    Direction,
    Flag,
    Membership,
    Not,
    Over,
    Take,
    Trend,
    Truth,
)
from weathertrigger.domain.forecast import EachDay, Values
from weathertrigger.domain.series import FORECAST_MAX_AGE, Series
from weathertrigger.domain.weather import Metric, Value, WeatherKind
from weathertrigger.rules.evaluation import MAX_AGE, LeafResult, evaluate

_NOTHING = reading({})
_ZURICH = ZoneInfo("Europe/Zurich")
_TODAY = AT.date()


def _judged(condition: Condition, series: Series | None, present: dict[Metric, Value] | None = None) -> LeafResult:
    result = evaluate(condition, reading(present or {}), at=AT, series=series)
    assert isinstance(result, LeafResult)
    return result


@pytest.mark.parametrize(("take", "value"), [(Take.MIN, 1.0), (Take.MAX, 6.0), (Take.MEAN, 3.0), (Take.SUM, 12.0)])
@pytest.mark.parametrize(("limit", "truth"), [(0.0, True), (1e-6, False)])
def test_one_number_is_held_against_the_thresholds(take: Take, value: float, limit: float, truth: bool) -> None:
    """Semantics 9: the least, greatest, mean or sum of the hours, exactly at its threshold and just below it."""
    series = ahead(Metric.RAIN, [1.0, 6.0, 3.0, 2.0])
    unit = "mm" if take is Take.SUM else "mm/h"
    result = _judged(compare(Metric.RAIN, unit, over(0, 4, take), at_least=value + limit), series)
    assert (result.value, result.truth) == (value, truth)


@pytest.mark.parametrize(
    ("window", "truth"),
    [
        (over(0, 5, Take.ANY), True),
        (over(0, 5, Take.ALL), False),
        (over(1, 3, Take.ALL), True),
        (over(3, 5, Take.ANY), False),
        (over(0, 5, Take.HOURS, 2), True),
        (over(0, 5, Take.HOURS, 3), False),
    ],
)
def test_hours_that_pass_are_counted(window: Over, truth: bool) -> None:
    """Semantics 9: any, all, or so many hours hold on their own; what is counted is told."""
    series = ahead(Metric.RAIN, [0.1, 0.3, 0.4, 0.2, 0.0])
    result = _judged(compare(Metric.RAIN, "mm/h", window, above=0.2), series)
    assert result.truth is truth
    assert result.value == (0 if window == over(3, 5, Take.ANY) else 2)


def test_every_threshold_must_hold_of_the_same_hour() -> None:
    """Semantics 6 and 9: several comparators are ANDed hour by hour, not each over the window."""
    series = ahead(Metric.TEMPERATURE, [0.0, 30.0])
    between = compare(Metric.TEMPERATURE, "C", over(0, 2, Take.ANY), at_least=4, below=25)
    assert _judged(between, series).truth is False


@pytest.mark.parametrize(
    ("leaf", "truth"),
    [
        (Membership(frozenset({WeatherKind.SNOW}), over=over(0, 3, Take.ANY)), True),
        (Membership(frozenset({WeatherKind.SNOW}), over=over(0, 3, Take.ALL)), False),
        (Membership(frozenset({WeatherKind.SNOW}), negated=True, over=over(0, 3, Take.HOURS, 2)), True),
        (Membership(frozenset({WeatherKind.RAIN}), over=over(0, 3, Take.HOURS, 3)), False),
    ],
)
def test_kinds_of_weather_are_counted(leaf: Membership, truth: bool) -> None:
    """Semantics 5 and 9: one hour may be rain *and* snow."""
    kinds: list[Value | None] = [(WeatherKind.CLEAR,), (WeatherKind.RAIN, WeatherKind.SNOW), (WeatherKind.RAIN,)]
    assert _judged(leaf, ahead(Metric.CONDITION, kinds)).truth is truth


@pytest.mark.parametrize(("wanted", "hours_needed", "truth"), [(True, 2, True), (True, 3, False), (False, 1, True)])
def test_yes_and_no_are_counted(wanted: bool, hours_needed: int, truth: bool) -> None:
    """Semantics 9: hours of daylight."""
    leaf = Flag(Metric.IS_DAY, wanted, over=over(0, 3, Take.HOURS, hours_needed))
    assert _judged(leaf, ahead(Metric.IS_DAY, [True, True, False])).truth is truth


@pytest.mark.parametrize(("minutes", "first"), [(0, 14), (29, 14), (30, 15), (59, 15), (60, 15)])
def test_a_step_counts_when_more_than_half_of_it_lies_in_the_window(minutes: int, first: int) -> None:
    """Semantics 9: from 14:30 on, the next hour is that of 15:00; the last one is still that of 14:00."""
    at = AT - timedelta(minutes=6) + timedelta(minutes=minutes)
    past = {NOW + offset: {Metric.TEMPERATURE: 14.0 + offset} for offset in range(-3, 3)}
    series = Series(at, past, replace(forecast(past), fetched_at=at))
    for window, hour in ((over(0, 1, Take.MAX), first), (over(-1, 0, Take.MAX), first - 1)):
        result = evaluate(compare(Metric.TEMPERATURE, "C", window, above=0), _NOTHING, at=at, series=series)
        assert isinstance(result, LeafResult)
        assert result.value == hour


def test_the_past_is_what_was_read_and_the_future_what_was_forecast() -> None:
    """Semantics 9: past windows use stored readings, whatever a forecast says of those hours; and the other way."""
    every = range(-3, 3)
    past: dict[int, Values] = {NOW + offset: {Metric.CLOUDS: 10.0} for offset in every}
    series = Series(AT, past, forecast({NOW + offset: {Metric.CLOUDS: 90.0} for offset in every}))
    assert _judged(compare(Metric.CLOUDS, "%", over(-3, 0, Take.MAX), above=50), series).value == 10
    assert _judged(compare(Metric.CLOUDS, "%", over(0, 3, Take.MIN), above=50), series).value == 90
    assert _judged(compare(Metric.CLOUDS, "%", over(-3, 3, Take.MEAN), above=50), series).value == 50


@pytest.mark.parametrize(("known", "truth"), [(4, True), (3, True), (2, None), (0, None)])
def test_a_window_needs_three_quarters_of_its_hours(known: int, truth: Truth) -> None:
    """Semantics 9: with 3 of 4 hours known those decide, with less nothing does."""
    values: list[Value | None] = [5.0] * known
    for take in (Take.MIN, Take.MAX, Take.MEAN, Take.ANY, Take.ALL):
        leaf = compare(Metric.TEMPERATURE, "C", over(0, 4, take), above=4)
        assert _judged(leaf, ahead(Metric.TEMPERATURE, values)).truth is truth


def test_what_is_not_known_does_not_pass() -> None:
    """Semantics 9: of 3 known hours 3 are counted, not 4; their sum is that of 3."""
    series = ahead(Metric.RAIN, [1.0, None, 1.0, 1.0])
    assert _judged(compare(Metric.RAIN, "mm/h", over(0, 4, Take.HOURS, 4), above=0), series).truth is False
    assert _judged(compare(Metric.RAIN, "mm", over(0, 4, Take.SUM), above=0), series).value == 3


@pytest.mark.parametrize("settled", [True, False, None])
def test_if_missing_settles_a_window(settled: Truth) -> None:
    """Semantics 2 and 9: an unknown window is what the leaf says of missing values."""
    leaf = replace(compare(Metric.RAIN, "mm", over(0, 4, Take.SUM), above=1), if_missing=settled)
    assert _judged(leaf, ahead(Metric.RAIN, [9.0])).truth is settled
    assert evaluate(Not(leaf), _NOTHING, at=AT, series=None).truth is (None if settled is None else not settled)


@pytest.mark.parametrize(("late", "truth"), [(timedelta(0), True), (timedelta(milliseconds=1), None)])
def test_age_of_a_forecast_counts_from_its_fetch(late: timedelta, truth: Truth) -> None:
    """Semantics 4: fetched exactly 3 h ago still counts, longer ago is unknown; configurable."""
    fresh = ahead(Metric.RAIN, [1.0, 1.0])
    assert fresh.forecast is not None
    series = replace(fresh, forecast=replace(fresh.forecast, fetched_at=AT - FORECAST_MAX_AGE - late))
    leaf = compare(Metric.RAIN, "mm/h", over(0, 2, Take.ANY), above=0)
    assert _judged(leaf, series).truth is truth
    assert _judged(leaf, replace(series, max_age=timedelta(hours=4))).truth is True


def test_a_window_does_not_depend_on_the_present_reading() -> None:
    """Semantics 4 and 9: an old present makes no window unknown; a window says nothing of the present."""
    old = replace(reading({Metric.RAIN: 9.0}), observed_at=AT - MAX_AGE - timedelta(hours=1))
    window = compare(Metric.RAIN, "mm/h", over(0, 2, Take.ANY), above=0)
    series = ahead(Metric.RAIN, [1.0, 1.0])
    assert evaluate(window, old, at=AT, series=series).truth is True
    assert evaluate(replace(window, over=None), old, at=AT, series=series).truth is None
    assert evaluate(window, reading({Metric.RAIN: 9.0}), at=AT).truth is None


def test_a_value_of_another_kind_is_unknown() -> None:
    """Semantics 3: what is stored wrongly is unknown; true is not the number 1."""
    wrong: list[Value | None] = [True, (WeatherKind.RAIN,), 1.0]
    assert _judged(compare(Metric.RAIN, "mm/h", over(0, 3, Take.ANY), above=0), ahead(Metric.RAIN, wrong)).truth is None
    assert _judged(Flag(Metric.ALERT, wanted=True, over=over(0, 3, Take.ANY)), ahead(Metric.ALERT, wrong)).truth is None
    kinds = Membership(frozenset({WeatherKind.RAIN}), over=over(0, 3, Take.ANY))
    assert _judged(kinds, ahead(Metric.CONDITION, wrong)).truth is None


def _days(first: int, last: int, each_day: EachDay, take: Take) -> Over:
    return Over(DaySpan(first, last, each_day), take)


@pytest.mark.parametrize(
    ("each_day", "take", "unit", "value"),
    [
        (EachDay.MAX, Take.MIN, "mm/h", 2.0),
        (EachDay.MAX, Take.MEAN, "mm/h", 3.0),
        (EachDay.MIN, Take.MAX, "mm/h", 1.0),
        (EachDay.MEAN, Take.MAX, "mm/h", 2.5),
        (EachDay.SUM, Take.MAX, "mm", 60.0),
        (EachDay.SUM, Take.SUM, "mm", 96.0),
        (EachDay.SUM, Take.SUM, "in", 3.779528),
    ],
)
def test_each_day_has_a_figure_and_the_window_takes_of_those(
    each_day: EachDay, take: Take, unit: str, value: float
) -> None:
    """Semantics 9: tomorrow it rains 1 and 4 mm/h by turns (60 mm), the day after 1 and 2 mm/h (36 mm)."""
    until_midnight = 23 - 14  # in Zurich it is 15:06
    values = [0.0] * until_midnight + [1.0, 4.0] * 12 + [1.0, 2.0] * 12
    leaf = compare(Metric.RAIN, unit, _days(1, 2, each_day, take), at_least=0)
    assert _judged(leaf, ahead(Metric.RAIN, values, _ZURICH)).value == value


@pytest.mark.parametrize(("limit", "any_day", "all_days"), [(1.9, True, True), (2.0, True, False), (4.0, False, False)])
def test_days_are_counted(limit: float, any_day: bool, all_days: bool) -> None:
    """Semantics 9: any and all hold the figure of each day against the thresholds."""
    values = [0.0] * 9 + [1.0, 4.0] * 12 + [1.0, 2.0] * 12
    for take, truth in ((Take.ANY, any_day), (Take.ALL, all_days)):
        leaf = compare(Metric.RAIN, "mm/h", _days(1, 2, EachDay.MAX, take), above=limit)
        assert _judged(leaf, ahead(Metric.RAIN, values, _ZURICH)).truth is truth


def test_today_is_made_of_what_was_and_what_will_be() -> None:
    """Semantics 9: the hours since local midnight from readings, the others from the forecast."""
    past = hours(Metric.TEMPERATURE, -15, [20.0] * 15)
    series = Series(AT, past, forecast(hours(Metric.TEMPERATURE, 0, [10.0] * 9)), _ZURICH)
    leaf = compare(Metric.TEMPERATURE, "C", _days(0, 0, EachDay.MEAN, Take.MAX), above=0)
    result = _judged(leaf, series)
    assert result.value == 16.25
    assert result.window is not None
    assert (result.window.past, result.window.forecast) == (True, series.forecast)


@pytest.mark.parametrize(("known", "value"), [(18, 1.0), (17, 40.0)])
def test_a_day_of_which_little_is_known_is_what_the_provider_says_of_it(known: int, value: float) -> None:
    """Semantics 9: with 75 % of a day's hours those decide; else the provider's own figure, if it has one."""
    tomorrow = _TODAY + timedelta(days=1)
    daily = {tomorrow: {EachDay.MAX: {Metric.TEMPERATURE: 40.0, Metric.RAIN: 3.0}}}
    ahead = forecast(hours(Metric.TEMPERATURE, 9, [1.0] * known), daily)
    highest = compare(Metric.TEMPERATURE, "C", _days(1, 1, EachDay.MAX, Take.ANY), above=39)
    result = _judged(highest, Series(AT, {}, ahead, _ZURICH))
    assert result.window is not None
    assert result.window.values == (value,)
    lowest = compare(Metric.TEMPERATURE, "C", _days(1, 1, EachDay.MIN, Take.ANY), above=0)
    assert _judged(lowest, Series(AT, {}, ahead, _ZURICH)).truth is (True if known == 18 else None)


@pytest.mark.parametrize(
    ("rest", "tomorrow", "truth"), [(39.0, 39.0, True), (30.0, 39.0, None), (39.0, 30.0, False), (30.0, 30.0, False)]
)
def test_the_rest_of_today_decides_if_what_is_over_cannot_change_it(rest: float, tomorrow: float, truth: Truth) -> None:
    """Semantics 9: a heatwave at 15:06, of which only the hours to come are known: it may have been warmer before."""
    told = forecast(hours(Metric.TEMPERATURE, 0, [rest] * 9 + [tomorrow] * 48))
    leaf = compare(Metric.TEMPERATURE, "C", _days(0, 2, EachDay.MAX, Take.ALL), at_least=38)
    result = _judged(leaf, Series(AT, {}, told, _ZURICH))
    assert result.truth is truth
    unknown = "the highest temperature of today hangs on hours of which nothing is known"
    assert result.missing == (unknown if truth is None else None)
    settled = _judged(replace(leaf, if_missing=False), Series(AT, {}, told, _ZURICH))
    assert settled.truth is bool(truth)


@pytest.mark.parametrize(
    ("each_day", "take", "limits", "truth"),
    [
        (EachDay.MAX, Take.MAX, {"below": 4}, None),
        (EachDay.MAX, Take.MAX, {"below": 3}, False),
        (EachDay.MAX, Take.MAX, {"at_least": 3, "below": 9}, None),
        (EachDay.MIN, Take.MIN, {"at_most": 3}, True),
        (EachDay.MIN, Take.MIN, {"above": 2}, None),
        (EachDay.MIN, Take.MAX, {"above": 2}, True),
        (EachDay.SUM, Take.SUM, {"at_least": 9 * 3 + 24 * 3}, True),
        (EachDay.SUM, Take.SUM, {"above": 9 * 3 + 24 * 3}, None),
        (EachDay.MEAN, Take.ANY, {"above": 0}, None),
    ],
)
def test_the_known_part_of_today_is_a_bound(
    each_day: EachDay, take: Take, limits: dict[str, float], truth: Truth
) -> None:
    """Semantics 9: the highest and the sum of the day are at least so much, its lowest at most, its mean unknown."""
    series = Series(AT, {}, forecast(hours(Metric.RAIN, 0, [3.0] * 33)), _ZURICH)
    unit = "mm" if each_day is EachDay.SUM else "mm/h"
    assert _judged(compare(Metric.RAIN, unit, _days(0, 1, each_day, take), **limits), series).truth is truth


def test_the_forecast_fills_the_hours_of_today_that_nobody_read() -> None:
    """Semantics 9: a provider may tell today's hours from its first on; what was read goes first."""
    told = forecast(hours(Metric.TEMPERATURE, -39, [50.0] * 24 + [10.0] * 24))
    read = hours(Metric.TEMPERATURE, -15, [20.0])
    series = Series(AT, read, told, _ZURICH)
    today = compare(Metric.TEMPERATURE, "C", _days(0, 0, EachDay.MAX, Take.MAX), above=15)
    assert (_judged(today, series).value, _judged(today, replace(series, past={})).value) == (20.0, 10.0)
    yesterday = replace(today, over=_days(-1, -1, EachDay.MAX, Take.MAX))
    assert _judged(yesterday, series).truth is None
    assert _judged(replace(today, over=over(-6, 0, Take.MAX)), series).truth is None


def test_a_provider_figure_needs_a_fresh_forecast() -> None:
    """Semantics 4 and 9: the figure of a day is as old as its forecast."""
    daily = forecast({}, {_TODAY: {EachDay.MAX: {Metric.TEMPERATURE: 40.0}}})
    leaf = compare(Metric.TEMPERATURE, "C", _days(0, 0, EachDay.MAX, Take.ANY), above=39)
    old = replace(daily, fetched_at=AT - timedelta(hours=4))
    assert [_judged(leaf, Series(AT, {}, one, _ZURICH)).truth for one in (daily, old)] == [True, None]


@pytest.mark.parametrize(("known", "truth"), [(3, True), (2, None)])
def test_a_window_needs_three_quarters_of_its_days(known: int, truth: Truth) -> None:
    """Semantics 9: 3 of 4 days decide, 2 do not."""
    days = {_TODAY + timedelta(days=day): {EachDay.MAX: {Metric.TEMPERATURE: 40.0}} for day in range(known)}
    leaf = compare(Metric.TEMPERATURE, "C", _days(0, 3, EachDay.MAX, Take.ALL), above=39)
    assert _judged(leaf, Series(AT, {}, forecast({}, days), _ZURICH)).truth is truth


def test_without_a_time_zone_there_are_no_days() -> None:
    """Semantics 9: local days of a place whose zone is not known are unknown; hours are not."""
    leaf = compare(Metric.RAIN, "mm/h", _days(1, 1, EachDay.MAX, Take.ANY), above=0)
    series = ahead(Metric.RAIN, [1.0] * 48)
    assert _judged(leaf, series).truth is None
    assert _judged(leaf, replace(series, zone=_ZURICH)).truth is True
    assert _judged(replace(leaf, over=over(0, 48, Take.ALL)), series).truth is True


@pytest.mark.parametrize(
    ("direction", "amount", "unit", "change", "truth"),
    [
        (Direction.RISES, 3.0, "C", 3.0, True),
        (Direction.RISES, 3.001, "C", 3.0, False),
        (Direction.FALLS, 6.0, "C", 6.0, True),
        (Direction.FALLS, 10.8, "F", 10.8, True),
        (Direction.FALLS, 10.9, "F", 10.8, False),
        (Direction.FALLS, 6.0, "K", 6.0, True),
    ],
)
def test_trends(direction: Direction, amount: float, unit: str, change: float, truth: bool) -> None:
    """Semantics 6: the present against the lowest or highest of the last hours, in degrees of the unit."""
    leaf = Trend(Metric.TEMPERATURE, direction, amount, unit, 3)
    result = _judged(leaf, behind(Metric.TEMPERATURE, [99.0, 18.0, 9.0, 10.0]), {Metric.TEMPERATURE: 12.0})
    assert (result.value, result.truth) == (change, truth)


def test_the_present_is_one_of_the_hours_of_a_trend() -> None:
    """Semantics 6: where the present is the lowest, it has risen by nothing, not by less."""
    leaf = Trend(Metric.TEMPERATURE, Direction.RISES, 1.0, "C", 2)
    assert _judged(leaf, behind(Metric.TEMPERATURE, [18.0, 20.0]), {Metric.TEMPERATURE: 12.0}).value == 0


@pytest.mark.parametrize(("known", "truth"), [([1.0, 1.0, None, 1.0], True), ([1.0, None, None, 1.0], None)])
def test_a_trend_needs_three_quarters_of_its_hours(known: list[Value | None], truth: Truth) -> None:
    """Semantics 6 and 9: the past hours of a trend are a window."""
    leaf = Trend(Metric.TEMPERATURE, Direction.RISES, 5.0, "C", 4)
    assert _judged(leaf, behind(Metric.TEMPERATURE, known), {Metric.TEMPERATURE: 12.0}).truth is truth


def test_a_trend_needs_the_present() -> None:
    """Semantics 4 and 6: without a present value, or with an old one, nothing rises or falls."""
    leaf = Trend(Metric.TEMPERATURE, Direction.RISES, 5.0, "C", 2)
    series = behind(Metric.TEMPERATURE, [1.0, 1.0])
    now = reading({Metric.TEMPERATURE: 12.0})
    assert evaluate(leaf, now, at=AT, series=series).truth is True
    for useless in (
        reading({}),
        reading({Metric.TEMPERATURE: True}),
        replace(now, observed_at=AT - MAX_AGE - timedelta(minutes=1)),
    ):
        assert evaluate(leaf, useless, at=AT, series=series).truth is None
        assert evaluate(replace(leaf, if_missing=False), useless, at=AT, series=series).truth is False


@pytest.mark.parametrize("minutes", [0, 1, 29, 30, 31, 44, 59])
@pytest.mark.parametrize(("within", "change"), [(1, 3.0), (3, 9.0)])
def test_a_trend_does_not_hold_the_present_against_itself(minutes: int, within: int, change: float) -> None:
    """Semantics 6: at every minute `within: 1 h` is the hour before the present's, and 3 h are three of them."""
    at = AT.replace(minute=minutes)
    past = {NOW + offset: {Metric.TEMPERATURE: 20.0 + 3 * offset} for offset in range(-4, 1)}
    leaf = Trend(Metric.TEMPERATURE, Direction.RISES, 3.0, "C", within)
    now = replace(reading({Metric.TEMPERATURE: 20.0}), observed_at=at)
    result = evaluate(leaf, now, at=at, series=Series(at, past))
    assert isinstance(result, LeafResult)
    assert (result.value, result.truth) == (change, True)
    later = evaluate(leaf, now, at=at + timedelta(minutes=40), series=Series(at + timedelta(minutes=40), past))
    assert later.truth is True


def test_a_trend_does_not_look_ahead() -> None:
    """Semantics 6: the hours before the present one, not those of the forecast."""
    leaf = Trend(Metric.TEMPERATURE, Direction.RISES, 5.0, "C", 2)
    assert _judged(leaf, ahead(Metric.TEMPERATURE, [1.0] * 5), {Metric.TEMPERATURE: 12.0}).truth is None


def test_a_forecast_of_a_probability_is_of_each_hour() -> None:
    """Semantics 5: the probability of precipitation over hours; without a window it is the reading's."""
    leaf = compare(Metric.PRECIPITATION_PROBABILITY, "%", over(0, 3, Take.MAX), at_least=60)
    series = ahead(Metric.PRECIPITATION_PROBABILITY, [10.0, 80.0, 20.0])
    assert _judged(leaf, series).value == 80
    assert _judged(replace(leaf, over=None), series, {Metric.PRECIPITATION_PROBABILITY: 30.0}).value == 30


def test_days_are_of_the_place_and_not_of_utc() -> None:
    """Semantics 9: at 14:06 UTC it is already tomorrow in Auckland."""
    tomorrow = date(2026, 3, 2)
    daily = forecast({}, {tomorrow: {EachDay.MAX: {Metric.TEMPERATURE: 40.0}}})
    leaf = compare(Metric.TEMPERATURE, "C", _days(0, 0, EachDay.MAX, Take.ANY), above=39)
    zones = ("Pacific/Auckland", "Europe/Zurich")
    assert [_judged(leaf, Series(AT, {}, daily, ZoneInfo(zone))).truth for zone in zones] == [True, None]
