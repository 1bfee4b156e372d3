"""A rule run over recorded weather (semantics 34)."""

from dataclasses import replace
from datetime import timedelta

from tests.unit.rules.hours import over
from tests.unit.rules.recorded import HOUR, START, WET, every, hourly, hours, in_hours, tried
from weathertrigger.domain.condition import Cases, Comparator, Comparison, Direction, Take, Threshold, Trend
from weathertrigger.domain.weather import Metric, Reading, place_at
from weathertrigger.rules.backtest import Span, backtest, time_of
from weathertrigger.rules.judge import Criteria, SeveralPlaces
from weathertrigger.rules.needs import needs_of
from weathertrigger.rules.replayed_weather import Recording, ReplayedWeather


def test_what_is_counted() -> None:
    """Semantics 34: activations with the first and the last, hours active, flips, hours without a verdict."""
    trial = tried(WET, hourly([0, 1, 1, 0, None, None, 0, 2]), 8)
    assert hours(trial) == [(1, 3), (7, 8)]
    assert (trial.checks, trial.flips) == (8, 3)  # that the recording ends is no flip
    assert (trial.active[0].start, trial.active[-1].start) == (START + HOUR, START + 7 * HOUR)
    assert [(one.start, one.end) for one in trial.without_verdict] == [(START + 5 * HOUR, START + 6 * HOUR)]


def test_checks_come_at_the_slots_of_the_rule() -> None:
    """Semantics 34: what happens between two slots is not seen, as live."""
    trial = tried(WET, hourly([0, 1, 0, 1, 1, 0]), 6, every(2 * HOUR, timedelta(minutes=20)))
    assert trial.checks == 3
    assert [(one.start - START, one.end - START) for one in trial.active] == [
        (timedelta(hours=4, minutes=20), 6 * HOUR)
    ]


def test_unknown_keeps_the_state() -> None:
    """Semantics 2 and 34: an observation stands for 90 minutes; then there is no verdict, and the state stays."""
    trial = tried(WET, hourly([1, None, None, None, 0]), 5)
    assert hours(trial) == [(0, 4)]
    assert [(one.start, one.end) for one in trial.without_verdict] == [(START + 2 * HOUR, START + 4 * HOUR)]


def test_a_raise_is_given_up_after_six_hours_without_a_verdict() -> None:
    """Semantics 2 and 34: at a boundary of its own, between the slots of a rule that is checked twice a day."""
    trial = tried(WET, hourly([1] + [None] * 20 + [1] * 28), 48, every(12 * HOUR))
    (given_up,) = trial.given_up[1]
    assert given_up.start - START == 18 * HOUR  # the check at 12:00 was the first without a verdict
    assert given_up.end - START == 24 * HOUR
    assert trial.checks == 4 + 1
    assert hours(trial) == [(0, 48)]


def test_the_future_is_a_perfect_forecast() -> None:
    """Semantics 34: a window ahead sees what was then observed, and one behind only what was observed before."""
    ahead = Comparison(Metric.RAIN, (Threshold(Comparator.AT_LEAST, 2),), "mm", over=over(0, 3, Take.SUM))
    behind = Comparison(Metric.RAIN, (Threshold(Comparator.AT_LEAST, 2),), "mm", over=over(-3, 0, Take.SUM))
    recording = hourly([0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0])
    assert hours(tried(ahead, recording, 9)) == [(4, 6)]
    assert hours(tried(behind, recording, 12)) == [(7, 9)]


def test_a_trend_looks_at_what_was_read() -> None:
    """Semantics 6 and 34: against the hours before the present one."""
    cold = Trend(Metric.TEMPERATURE, Direction.FALLS, 5, "C", 3)
    assert hours(tried(cold, hourly([20, 20, 20, 15, 14, 14, 14, 14], Metric.TEMPERATURE), 8)) == [(3, 6)]


def test_only_what_was_observed_is_known() -> None:
    """Of the hour that runs now what was observed in it so far, although the recording has more of it."""
    times = [START, START + timedelta(minutes=20), START + timedelta(minutes=50), START + timedelta(minutes=70)]
    readings = [Reading("here", "recording", at, at, {Metric.RAIN: float(number)}) for number, at in enumerate(times)]
    weather = ReplayedWeather(Recording(readings), max_age=timedelta(minutes=90), looks_around=True)
    seen = []
    for minutes in (0, 19, 20, 59, 75, 160, 161):
        known = weather.at(START + timedelta(minutes=minutes))
        assert known.series is not None
        first = next(iter(known.series.past.values()))
        seen.append((known.reading and known.reading.values[Metric.RAIN], first[Metric.RAIN], len(known.series.past)))
    assert seen == [(0, 0, 1), (0, 0, 1), (1, 1, 1), (2, 2, 1), (3, 2, 2), (3, 2, 2), (None, 2, 2)]


def test_each_case_has_times_of_its_own() -> None:
    """Semantics 34, of cases: the rule stays active from one case to the next, which is no flip."""
    very_wet = replace(WET, thresholds=(Threshold(Comparator.ABOVE, 2),))
    trial = tried(Cases((very_wet, WET)), hourly([0, 1, 3, 3, 1, 0]), 6)
    assert hours(trial) == [(1, 5)]
    assert {case: in_hours(spans) for case, spans in trial.in_case.items()} == {1: [(2, 4)], 2: [(1, 2), (4, 5)]}
    assert trial.flips == 2


def test_several_places() -> None:
    """Semantics 1 and 34, of a quorum: each place has its own recording, and one that is silent is unknown."""
    north, south = place_at(47.42, 8.54, name="north"), place_at(47.30, 8.54, name="south")
    criteria = Criteria(WET, needs_of(WET), several=SeveralPlaces((north, south), (None, None), 2))
    weather = {north.id: hourly([0, 1, 1, 1, 0]), south.id: hourly([0, 0, 1, 1, None, None])}
    trial = backtest(criteria, weather, Span(START, START + 6 * HOUR), every(HOUR))
    assert hours(trial) == [(2, 4)]
    assert in_hours(trial.without_verdict) == []
    any_of_them = replace(criteria, several=SeveralPlaces((north, south), (None, None), 1))
    trial = backtest(any_of_them, weather, Span(START, START + 6 * HOUR), every(HOUR))
    assert (hours(trial), in_hours(trial.without_verdict)) == ([(1, 6)], [(5, 6)])


def test_nothing_recorded() -> None:
    """No verdict, never active."""
    trial = tried(WET, Recording([]), 3)
    assert (trial.active, trial.checks, time_of(trial.without_verdict)) == ((), 3, 3 * HOUR)
