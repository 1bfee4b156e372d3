"""What holds and active hours have to say, as people read it (semantics 8, 10 and 32)."""

from datetime import timedelta

from services.automation_cli.condition_tree import told
from services.automation_cli.held import told_holds
from tests.unit.rules.weather import AT, reading
from weathertrigger.domain.active_hours import ActiveHours, Dates, Span
from weathertrigger.domain.condition import Comparator, Comparison, Threshold
from weathertrigger.domain.hold import Hold
from weathertrigger.domain.memory import NOTHING, Memory
from weathertrigger.domain.weather import Metric
from weathertrigger.rules.judge import THE_PLACE, Criteria, PlaceWeather, judge
from weathertrigger.rules.judgement_sentences import document_of
from weathertrigger.rules.needs import Needs

_RAIN = Comparison(Metric.RAIN, (Threshold(Comparator.ABOVE, 0.5),), "mm/h", release=0.1)
_HOURS = ActiveHours((Span((0, 1, 2, 3, 4, 5, 6), 6 * 60, 16 * 60),))


def _lines(memory: Memory, rain: float, hours: ActiveHours | None = None) -> tuple[Memory, list[str]]:
    hold = Hold(timedelta(minutes=30), timedelta(hours=2))
    criteria = Criteria(_RAIN, Needs(looks_at_now=True), with_release=(_RAIN,), hold=hold, active=hours)
    weather = {THE_PLACE: PlaceWeather(reading({Metric.RAIN: rain}))}
    judgement = judge(criteria, memory, weather, AT)
    return judgement.memory, list(told_holds(document_of(judgement, weather) or {}))


def test_holds_and_hours_are_told() -> None:
    """Semantics 32: since when, until when, in whose time."""
    waiting, lines = _lines(NOTHING, 2.0, _HOURS)
    assert lines == [
        "Active hours: within, until 2026-03-01 16:00:00 UTC (hours of UTC).",
        "Hold for 30 min: true since 2026-03-01 14:06:00 UTC, active from 2026-03-01 14:36:00 UTC.",
    ]
    active = waiting._replace(met_since=AT - timedelta(minutes=30))
    active, lines = _lines(active, 2.0)
    assert lines == []
    kept = "ended at 2026-03-01 14:06:00 UTC, kept until 2026-03-01 16:06:00 UTC"
    assert _lines(active, 0.0)[1] == [f"Hold, keep for 2 h: {kept}."]
    over = ActiveHours(dates=Dates(last=AT.date() - timedelta(days=1)))
    assert _lines(active, 2.0, over)[1] == ["Active hours: outside, for good (hours of UTC)."]


def test_a_release_is_told() -> None:
    """Semantics 7 and 32: the second threshold, and which of them counted."""
    leaf = {"metric": "rain", "value": 0.3, "unit": "mm/h", "above": 0.5, "release": 0.1, "was_on": True}
    assert told(leaf) == "rain 0.3 mm/h, wanted above 0.5 mm/h and released at 0.1 mm/h (it was true before)"
