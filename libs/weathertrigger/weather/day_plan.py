"""How many calls a day the rules need of the first provider, and for which places they reach. Pure.

Too many are billed, or refused to everybody alike. So when the day's limit does not reach for all places, those of live
rules go first, then by priority, and the others are left out by name.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from weathertrigger.domain.rule import Mode, Rule
from weathertrigger.providers.port import WeatherProvider
from weathertrigger.rules.needs import needs_of
from weathertrigger.storage.readings import Ages

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PlaceNeed:
    """What the enabled rules of one place ask for: checks a day, those of them that look at the forecast, and the
    highest priority among its live rules (if none is live, among all)."""

    place_id: str
    checks: float
    forecast_checks: float
    is_live: bool
    priority: int


@dataclass(frozen=True, slots=True)
class DayPlan:
    """Calls a day of one service: what all places need, the limit, and the places that it does not reach for."""

    service: str
    needed: int
    limit: int
    starved: tuple[str, ...]


def needs_of_rules(rules: Iterable[Rule]) -> Iterator[PlaceNeed]:
    """What each of these rules asks for by itself, if it is enabled."""
    for rule in rules:
        if rule.enabled:
            checks = _DAY / rule.interval
            forecasts = checks if needs_of(rule.condition).looks_ahead else 0.0
            for place in rule.places:
                yield PlaceNeed(place.id, checks, forecasts, rule.mode is Mode.LIVE, rule.priority)


def together(needs: Iterable[PlaceNeed]) -> list[PlaceNeed]:
    """One need a place: checks add up, and the highest priority counts, that of a live rule before any other."""
    by_place: dict[str, list[PlaceNeed]] = defaultdict(list)
    for one in needs:
        by_place[one.place_id].append(one)
    return [
        PlaceNeed(
            place_id,
            sum(one.checks for one in each),
            sum(one.forecast_checks for one in each),
            *max((one.is_live, one.priority) for one in each),
        )
        for place_id, each in by_place.items()
    ]


def plan_day(needs: Iterable[PlaceNeed], *, provider: WeatherProvider, ages: Ages, limit: int) -> DayPlan:
    """Gives the calls to the places in their order, each as many as it needs or none."""
    calls = _calls_of(provider, ages)
    ordered = sorted(needs, key=lambda one: (not one.is_live, -one.priority, calls(one), one.place_id))
    starved, given = [], 0
    for one in ordered:
        if given + calls(one) <= limit:
            given += calls(one)
        else:
            starved.append(one.place_id)
    return DayPlan(provider.name, sum(map(calls, ordered)), limit, tuple(starved))


def sentences(plan: DayPlan, *, most_named: int = 10) -> Sequence[str]:
    """What a person is told: the need beside the limit, and who goes without."""
    need = f"The rules need at most {plan.needed:,} calls of {plan.service} a day; the limit is {plan.limit:,}."
    return (need, starving(plan.service, plan.starved, most_named)) if plan.starved else (need,)


def starving(service: str, places: Sequence[str], most_named: int = 10) -> str:
    """The sentence that names the places for which the day's calls do not reach."""
    more = f" and {len(places) - most_named} more" if len(places) > most_named else ""
    named = " · ".join(places[:most_named]) + more
    return (
        f"The day's calls of {service} do not reach for {len(places)} place(s), which get no weather from it: {named}. "
        "Check less often, raise the limit, or give other rules a lower priority."
    )


def _calls_of(provider: WeatherProvider, ages: Ages) -> Callable[[PlaceNeed], int]:
    """Calls a day that a place needs at most: a check asks only when what is known is older than its refresh."""
    each = provider.cost(1, now=True, ahead=False)
    more = provider.cost(1, now=True, ahead=True) - each  # 0 where one call tells both

    def calls(need: PlaceNeed) -> int:
        checks = math.ceil(min(need.checks, _DAY / ages.refresh))
        forecasts = math.ceil(min(need.forecast_checks, _DAY / ages.forecast_refresh))
        return checks * each + forecasts * more

    return calls
