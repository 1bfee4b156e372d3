"""The rules of the runs about weather: their verdicts are the same whichever provider tells the imitated weather."""

from collections.abc import Sequence
from datetime import timedelta

from tests.acceptance.fault_rules import OWNER
from weathertrigger.domain.condition import Comparator, Comparison, Condition, HourSpan, Over, Take, Threshold
from weathertrigger.domain.rule import Mode, Rule
from weathertrigger.domain.weather import Metric, Place, place_at

_NEXT_HOURS = Over(HourSpan(0, 12), Take.MIN)


def places(count: int) -> list[Place]:
    """So many places along the coast around New York."""
    return [place_at(36 + number / 10, -73) for number in range(count)]


def weather_rules(count: int, around: Sequence[Place], seconds: Sequence[float], *, ahead: int = 0) -> list[Rule]:
    """Live rules over these places in turn, with these intervals in turn; every second time around the conditions hold.
    In the first `ahead` places half of the rules look at the next twelve hours."""
    made = []
    for number in range(count):
        lap, place = divmod(number, len(around))
        made.append(
            Rule(
                id=f"weather-{number:04d}",
                owner=OWNER,
                name=f"Warmer than anything or nothing, {number}",
                place=around[place],
                condition=_condition(holds=lap % 2 == 0, looks_ahead=place < ahead and lap % 4 < 2),
                interval=timedelta(seconds=seconds[number % len(seconds)]),
                targets=(),
                mode=Mode.LIVE,
            )
        )
    return made


def outcome_of(rule: Rule) -> str:
    """What comes of its checks in any weather."""
    hold = [_condition(holds=True, looks_ahead=ahead) for ahead in (True, False)]
    return "met" if rule.condition in hold else "not_met"


def _condition(*, holds: bool, looks_ahead: bool) -> Condition:
    degrees = -60.0 if holds else 60.0
    over = _NEXT_HOURS if looks_ahead else None
    return Comparison(Metric.TEMPERATURE, (Threshold(Comparator.ABOVE, degrees),), "C", over=over)
