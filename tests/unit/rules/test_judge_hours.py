"""Active hours in a verdict: outside them a rule is inactive, at that very time, in any weather (semantics 10)."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.unit.rules.weather import AT, reading
from weathertrigger.domain.active_hours import ActiveHours, Dates, Span
from weathertrigger.domain.condition import Comparator, Comparison, Threshold
from weathertrigger.domain.hold import NO_HOLD, Hold
from weathertrigger.domain.memory import NOTHING, Memory
from weathertrigger.domain.rule import RuleState
from weathertrigger.domain.weather import Metric
from weathertrigger.rules.judge import THE_PLACE, Criteria, Judgement, PlaceWeather, failed, judge
from weathertrigger.rules.judgement_sentences import document_of, sentence_of
from weathertrigger.rules.needs import Needs
from weathertrigger.rules.remember import NO_DATA_LIMIT

_ZURICH = ZoneInfo("Europe/Zurich")  # AT is Sunday, 1 March 2026, 15:06 there
_HOURS = ActiveHours((Span((0, 1, 2, 3, 4, 5, 6), 6 * 60, 16 * 60),))
_END = AT + timedelta(minutes=54)
_BEGIN = _END + timedelta(hours=14)
_RAIN = Comparison(Metric.RAIN, (Threshold(Comparator.ABOVE, 0.5),), "mm/h")
_NO_WEATHER = {THE_PLACE: PlaceWeather(None)}


def _criteria(hours: ActiveHours = _HOURS, hold: Hold = NO_HOLD) -> Criteria:
    return Criteria(_RAIN, Needs(looks_at_now=True), _ZURICH, active=hours, hold=hold)


def _wet(memory: Memory, criteria: Criteria) -> Judgement:
    return judge(criteria, memory, {THE_PLACE: PlaceWeather(reading({Metric.RAIN: 2.0}))}, AT)


def test_the_end_of_the_hours_ends_the_rule() -> None:
    """Semantics 10: a condition end, at that very time, without weather; no `keep_for` goes beyond it."""
    criteria = _criteria(hold=Hold(keep=timedelta(hours=9)))
    active = _wet(NOTHING, criteria)
    assert (active.memory.state, active.next_boundary_at) == (RuleState.ACTIVE, _END)
    just_before = judge(criteria, active.memory, _NO_WEATHER, _END - timedelta(milliseconds=1))
    assert (just_before.truth, just_before.memory.state) == (None, RuleState.ACTIVE)
    ended = judge(criteria, just_before.memory, _NO_WEATHER, _END)
    assert (ended.truth, ended.has_data, ended.next_boundary_at) == (False, True, _BEGIN)
    assert ended.memory == Memory(RuleState.INACTIVE, _END, outside=True, hours_until=_BEGIN)
    assert judge(criteria, ended.memory, _NO_WEATHER, _END + timedelta(hours=2)).memory is ended.memory


def test_the_beginning_of_the_hours_is_a_boundary() -> None:
    """Semantics 10: what the weather is then decides; what was waited for before does not count."""
    criteria = _criteria(hold=Hold(wait=timedelta(minutes=30)))
    waiting = _wet(NOTHING, criteria)
    assert (waiting.memory.met_since, waiting.next_boundary_at) == (AT, AT + timedelta(minutes=30))
    outside = judge(criteria, waiting.memory, _NO_WEATHER, _END).memory
    wet = {THE_PLACE: PlaceWeather(reading({Metric.RAIN: 2.0}))}
    begun = judge(criteria, outside, wet, _BEGIN, max_age=timedelta(days=2))
    assert (begun.memory.met_since, begun.memory.outside) == (_BEGIN, False)
    assert begun.next_boundary_at == _BEGIN + timedelta(minutes=30)


def test_the_first_of_several_boundaries_rings() -> None:
    """S5c: the first time-driven end of the new state: here that of the data, or of the hours."""
    long = ActiveHours((Span((0, 1, 2, 3, 4, 5, 6), 0, 23 * 60),))
    for hours, boundary in ((_HOURS, _END), (long, AT + NO_DATA_LIMIT)):
        criteria = _criteria(hours)
        active = _wet(NOTHING, criteria).memory
        assert judge(criteria, active, _NO_WEATHER, AT).next_boundary_at == boundary
        assert failed(criteria, active, AT).next_boundary_at == boundary


def test_last_results_outlive_the_night() -> None:
    """Semantics 7: outside its hours a rule has no new result."""
    memory = Memory(RuleState.ACTIVE, AT, on=frozenset({"0"}))
    assert judge(_criteria(), memory, _NO_WEATHER, _END).memory.on == {"0"}


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (_HOURS, "Not active: outside its active hours until Mon 2 Mar 06:00 (Europe/Zurich)."),
        (ActiveHours(dates=Dates(last=AT.date())), "Not active: its active hours and dates are over for good."),
    ],
)
def test_the_sentence_says_until_when(hours: ActiveHours, said: str) -> None:
    """Semantics 32: why a rule is not active, in the time of its place."""
    judgement = judge(_criteria(hours), NOTHING, _NO_WEATHER, _END + timedelta(hours=10))
    assert sentence_of(judgement, _NO_WEATHER, _END) == said


def test_the_document_tells_the_hours() -> None:
    """Semantics 32: within or outside, and until when."""
    judgement = _wet(NOTHING, _criteria())
    weather = {THE_PLACE: PlaceWeather(reading({Metric.RAIN: 2.0}))}
    until = {"until": "2026-03-01T15:00:00+00:00", "timezone": "Europe/Zurich"}
    assert (document_of(judgement, weather) or {})["active"] == {"within": True, **until}
    outside = judge(_criteria(), NOTHING, _NO_WEATHER, _END)
    assert document_of(outside, _NO_WEATHER) == {
        "active": {"within": False, "until": "2026-03-02T05:00:00+00:00", "timezone": "Europe/Zurich"}
    }
