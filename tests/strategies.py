"""Hypothesis strategies for the words of the domain: readings, conditions, targets, rules.

Every rule drawn here could have been written in a rules file.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from weathertrigger.domain.active_hours import ALWAYS, ActiveHours, Dates, Span
from weathertrigger.domain.condition import (
    All,
    Any,
    Cases,
    Comparator,
    Comparison,
    Condition,
    DaySpan,
    Direction,
    Flag,
    HourSpan,
    Leaf,
    Membership,
    Not,
    Over,
    Take,
    Threshold,
    Trend,
)
from weathertrigger.domain.forecast import DayFigures, EachDay, Forecast, Values, hour_of
from weathertrigger.domain.hold import Hold, OnNoData
from weathertrigger.domain.money import Money
from weathertrigger.domain.rule import (
    ChangeModifier,
    ChangePercent,
    Ending,
    Entity,
    Expression,
    FieldName,
    Level,
    ManualChange,
    Mode,
    Otherwise,
    Quorum,
    Rule,
    SetAmount,
    SetModifier,
    SetStatus,
    Status,
    Target,
)
from weathertrigger.domain.series import Series
from weathertrigger.domain.units import CANONICAL_UNITS, units_of, units_of_sum
from weathertrigger.domain.weather import Metric, Place, Reading, Value, WeatherKind, place_at
from weathertrigger.rules.case_targets import Aim, targets_of

_LETTERS = "abcxyzABCXYZ0189"

ids = st.text(f"{_LETTERS}._-", min_size=1, max_size=20)
entity_ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,18}", fullmatch=True)
truths = st.sampled_from([True, False, None])
numbers = st.floats(-1e6, 1e6).map(lambda number: number + 0.0)
_printable = st.characters(exclude_categories=("C", "Z"), codec="utf-8")
names = st.builds(
    lambda first, rest: first + rest, _printable, st.text(st.one_of(_printable, st.just(" ")), max_size=40)
)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the zone is the third argument
kinds = st.sampled_from(WeatherKind)


@st.composite
def places(draw: st.DrawFn) -> Place:
    """Grid points all over the world, with and without a name and a time zone."""
    return place_at(
        draw(st.floats(-90, 90)),
        draw(st.floats(-180, 180)),
        name=draw(st.none() | names),
        time_zone=draw(st.none() | st.sampled_from(["UTC", "Europe/Zurich", "America/New_York", "Asia/Kathmandu"])),
    )


@st.composite
def values(draw: st.DrawFn) -> dict[Metric, Value]:
    """What is known of the weather: any subset of the metrics, in canonical units."""
    known: dict[Metric, Value] = {}
    for metric in draw(st.sets(st.sampled_from(Metric))):
        if metric is Metric.CONDITION:
            known[metric] = tuple(draw(st.lists(kinds, min_size=1, max_size=3, unique=True)))
        else:
            known[metric] = draw(numbers) if metric in CANONICAL_UNITS else draw(st.booleans())
    return known


@st.composite
def readings(draw: st.DrawFn) -> Reading:
    """A reading whose observation is at most two hours older than its fetch."""
    fetched_at = draw(moments)
    observed_at = fetched_at - draw(st.timedeltas(timedelta(0), timedelta(hours=2)))
    return Reading(draw(places()).id, "openweather", observed_at, fetched_at, draw(values()))


@st.composite
def thresholds(draw: st.DrawFn) -> tuple[Threshold, ...]:
    """Some that at least one number passes, in the comparators' order."""
    low, high = sorted(draw(st.lists(numbers, min_size=2, max_size=2, unique=True)))
    lower = draw(st.lists(st.sampled_from([Comparator.ABOVE, Comparator.AT_LEAST]), unique=True, max_size=2))
    upper = draw(
        st.lists(st.sampled_from([Comparator.BELOW, Comparator.AT_MOST]), unique=True, max_size=2, min_size=not lower)
    )
    return tuple(Threshold(each, low if each in lower else high) for each in Comparator if each in lower + upper)


def releases(limits: tuple[Threshold, ...]) -> st.SearchStrategy[float | None]:
    """None, or a number on the free side of a threshold that stands alone."""
    if len(limits) > 1:
        return st.none()
    value = limits[0].value
    rising = limits[0].comparator in (Comparator.ABOVE, Comparator.AT_LEAST)
    room = st.floats(-2e6, value, exclude_max=True) if rising else st.floats(value, 2e6, exclude_min=True)
    return st.none() | room.map(lambda number: number + 0.0)


@st.composite
def comparisons(draw: st.DrawFn) -> Comparison:
    """A comparison of the present that at least one number passes."""
    metric = draw(st.sampled_from(sorted(CANONICAL_UNITS)))
    limits = draw(thresholds())
    return Comparison(
        metric, limits, draw(st.sampled_from(units_of(metric))), draw(truths), release=draw(releases(limits))
    )


@st.composite
def hour_windows(draw: st.DrawFn, takes: tuple[Take, ...] = tuple(Take)) -> Over:
    """Hours around now, more often few than many."""
    start = draw(st.integers(-12, 11) | st.integers(-168, 383))
    end = draw(st.integers(start + 1, min(start + 24, 384)) | st.integers(start + 1, 384))
    take = draw(st.sampled_from(takes))
    return Over(HourSpan(start, end), take, draw(st.integers(1, end - start)) if take is Take.HOURS else None)


@st.composite
def day_windows(draw: st.DrawFn, *, sums: bool) -> Over:
    """Local days around today, with any figure and anything made of the figures."""
    first, last = sorted(draw(st.tuples(st.integers(-6, 15), st.integers(-6, 15))))
    each_day = draw(st.sampled_from([one for one in EachDay if sums or one is not EachDay.SUM]))
    takes = [one for one in Take if one is not Take.HOURS and (one is not Take.SUM or each_day is EachDay.SUM)]
    return Over(DaySpan(first, last, each_day), draw(st.sampled_from(takes)))


COUNTS = (Take.ANY, Take.ALL, Take.HOURS)
"""What can be made of every metric."""


def _figures(metric: Metric) -> st.SearchStrategy[Over]:
    sums = bool(units_of_sum(metric))
    return st.one_of(hour_windows(tuple(take for take in Take if sums or take is not Take.SUM)), day_windows(sums=sums))


@st.composite
def windowed_comparisons(draw: st.DrawFn) -> Comparison:
    """A comparison with a window that its metric can have, in a unit of what is made of it."""
    metric = draw(st.sampled_from(sorted(CANONICAL_UNITS)))
    over = draw(hour_windows(COUNTS) if metric is Metric.WIND_DIRECTION else _figures(metric))
    unit = draw(st.sampled_from(units_of_sum(metric) if over.adds_up else units_of(metric)))
    limits = draw(thresholds())
    return Comparison(metric, limits, unit, draw(truths), over, draw(releases(limits)))


@st.composite
def trends(draw: st.DrawFn) -> Trend:
    """A rise or fall of any number but a direction."""
    metric = draw(st.sampled_from(sorted(CANONICAL_UNITS.keys() - {Metric.WIND_DIRECTION})))
    amount = draw(st.floats(1e-3, 1e6))
    unit = draw(st.sampled_from(units_of(metric)))
    return Trend(metric, draw(st.sampled_from(Direction)), amount, unit, draw(st.integers(1, 72)), draw(truths))


_counted = st.none() | hour_windows(COUNTS)
memberships = st.builds(Membership, st.frozensets(kinds, min_size=1), st.booleans(), truths, _counted)
flags = st.builds(Flag, st.sampled_from([Metric.IS_DAY, Metric.ALERT]), st.booleans(), truths, _counted)
leaves: st.SearchStrategy[Leaf] = st.one_of(comparisons(), windowed_comparisons(), trends(), memberships, flags)


@st.composite
def forecasts(draw: st.DrawFn, at: datetime) -> Forecast:
    """A forecast that may be too old, with gaps, and with figures of some days."""
    first = hour_of(at) + draw(st.integers(-3, 3))
    return Forecast(
        place_id="40.69,-74.17",
        provider=draw(st.sampled_from(["openweather", "open_meteo", "newcomer"])),
        fetched_at=at - draw(st.timedeltas(timedelta(0), timedelta(hours=4))),
        hours=draw(_hours(first)),
        days=draw(st.dictionaries(st.dates(at.date(), at.date() + timedelta(days=16)), _day_figures, max_size=4)),
    )


_day_figures: st.SearchStrategy[DayFigures] = st.dictionaries(
    st.sampled_from(EachDay), st.dictionaries(st.sampled_from(sorted(CANONICAL_UNITS)), numbers, max_size=3)
)


@st.composite
def _hours(draw: st.DrawFn, first: int) -> dict[int, Values]:
    """Up to 48 hours, most of which are the same few, so that a window is often known."""
    some = draw(st.lists(values(), min_size=1, max_size=3))
    return {first + offset: draw(st.sampled_from(some)) for offset in range(draw(st.integers(0, 48)))}


@st.composite
def series(draw: st.DrawFn, at: datetime) -> Series:
    """What may be known around a moment."""
    back = draw(st.integers(0, 48))
    zone = draw(st.none() | st.sampled_from(["UTC", "America/St_Johns", "Asia/Kathmandu"]).map(ZoneInfo))
    return Series(at, draw(_hours(hour_of(at) - back)), draw(st.none() | forecasts(at)), zone)


@st.composite
def looks(draw: st.DrawFn) -> tuple[Reading, Series]:
    """A reading, and what is known around the moment of its fetch."""
    seen = draw(readings())
    return seen, draw(series(seen.fetched_at))


def _groups(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(parts, min_size=1, max_size=4).map(tuple)
    return st.one_of(several.map(All), several.map(Any), parts.map(Not))


conditions: st.SearchStrategy[Condition] = st.recursive(leaves, _groups, max_leaves=12)

_currencies = st.sampled_from(["EUR", "USD", "CHF"])
percents = st.integers(-9999, 100_000).map(lambda hundredths: Decimal(hundredths) / 100)


def amounts(currency: str = "EUR") -> st.SearchStrategy[Money]:
    """Cents to ten million, above zero."""
    return st.integers(1, 10**9).map(lambda cents: Money(Decimal(cents) / 100, currency))


@st.composite
def changes(draw: st.DrawFn) -> ChangePercent:
    """A percentage with bounds that leave room."""
    percent = draw(percents)
    currency = draw(_currencies)
    low, high = sorted(draw(st.lists(amounts(currency), min_size=2, max_size=2)), key=lambda money: money.amount)
    low_bound, high_bound = draw(st.sampled_from([None, low])), draw(st.sampled_from([None, high]))
    return ChangePercent(percent, low_bound, high_bound, draw(st.booleans()))


modifiers = st.integers(10, 1000).map(lambda hundredths: Decimal(hundredths) / 100)


@st.composite
def modifier_changes(draw: st.DrawFn) -> ChangeModifier:
    """A percentage of a bid modifier, with bounds that leave room."""
    low, high = sorted(draw(st.lists(modifiers, min_size=2, max_size=2)))
    return ChangeModifier(draw(percents), low, high)


def _of_one_campaign(expression: Expression) -> Expression:
    """Only daily budgets can be shared."""
    return replace(expression, shared_budget=False) if isinstance(expression, SetAmount | ChangePercent) else expression


set_statuses = st.builds(SetStatus, st.sampled_from(Status))
budgets: st.SearchStrategy[Expression] = st.one_of(_currencies.flatmap(amounts).map(SetAmount), changes())
bid_modifiers: st.SearchStrategy[Expression] = st.one_of(modifiers.map(SetModifier), modifier_changes())
expressions: st.SearchStrategy[Expression] = st.one_of(set_statuses, budgets, bid_modifiers)
otherwises: st.SearchStrategy[Otherwise] = st.one_of(st.sampled_from(Ending), set_statuses)
entities = st.builds(Entity, ids, st.sampled_from(Level), entity_ids)
targets: st.SearchStrategy[Target] = st.one_of(
    st.builds(Target, entities, st.just(FieldName.STATUS), set_statuses, otherwises),
    st.builds(Target, entities, st.just(FieldName.DAILY_BUDGET), budgets, st.sampled_from(Ending)),
    st.builds(
        Target,
        entities,
        st.sampled_from([FieldName.LIFETIME_BUDGET, FieldName.BID]),
        budgets.map(_of_one_campaign),
        st.sampled_from(Ending),
    ),
    st.builds(Target, entities, st.just(FieldName.BID_MODIFIER), bid_modifiers, st.sampled_from(Ending)),
)


@st.composite
def spans(draw: st.DrawFn) -> Span:
    """Hours of some weekdays, many of them over midnight; less than 24, or the whole day."""
    days = draw(st.sets(st.integers(0, 6), min_size=1))
    start = draw(st.integers(0, 1439))
    return Span(tuple(sorted(days)), start, draw(st.integers(start + 1, max(1440, start + 1439))))


@st.composite
def dates(draw: st.DrawFn) -> Dates:
    """Some days of the years around 2026, or all."""
    day = st.dates(date(2025, 1, 1), date(2026, 12, 31))
    first, last = sorted(draw(st.tuples(day, day)))
    chosen = Dates(draw(st.sampled_from([None, first])), draw(st.sampled_from([None, last])), draw(st.frozensets(day)))
    return Dates() if chosen.is_empty else chosen


@st.composite
def active_hours(draw: st.DrawFn) -> ActiveHours:
    """Spans, dates, or both."""
    some = draw(st.sets(spans(), min_size=1, max_size=4))
    return ActiveHours(draw(st.sampled_from([ALWAYS, tuple(sorted(some))])), draw(dates()))


_held = st.integers(0, 168 * 3600).map(lambda seconds: timedelta(seconds=seconds))
_seconds = st.integers(1, 86_400).map(lambda seconds: timedelta(seconds=seconds))


def rules(owner: str = "user-456") -> st.SearchStrategy[Rule]:
    """Whole rules of one owner, in their first version."""
    times = st.none() | st.integers(0, 1439)
    return st.builds(_at, times, _on_a_grid(owner))


def _at(minute: int | None, rule: Rule) -> Rule:
    """The rule with a slot at that time of every day."""
    return rule if minute is None else replace(rule, at=minute, interval=timedelta(hours=24))


def _on_a_grid(owner: str) -> st.SearchStrategy[Rule]:
    return st.builds(
        Rule,
        id=ids,
        owner=st.just(owner),
        name=names,
        place=places(),
        condition=conditions,
        interval=_seconds,
        catch_up=st.none() | _seconds,
        active=st.none() | active_hours().filter(lambda hours: hours != ActiveHours()),
        hold=st.builds(Hold, _held, _held),
        on_no_data=st.sampled_from(OnNoData),
        targets=st.lists(targets, min_size=1, max_size=4, unique_by=lambda target: (target.entity, target.field)).map(
            tuple
        ),
        priority=st.integers(-100, 100),
        mode=st.sampled_from(Mode),
        enabled=st.booleans(),
        largest_raise=st.none() | percents.map(abs),
        on_manual_change=st.sampled_from(ManualChange),
    )


_settings: st.SearchStrategy[dict[FieldName, Expression]] = st.fixed_dictionaries(
    {},
    optional={
        FieldName.STATUS: set_statuses,
        FieldName.DAILY_BUDGET: budgets.map(_of_one_campaign),
        FieldName.BID: budgets.map(_of_one_campaign),
        FieldName.BID_MODIFIER: bid_modifiers,
    },
).filter(bool)


@st.composite
def rules_with_cases(draw: st.DrawFn, owner: str = "user-456") -> Rule:
    """Rules of one to four cases on one to three entities."""
    cases = draw(st.lists(st.tuples(conditions, _settings), min_size=1, max_size=4))
    fields = {field for _, settings in cases for field in settings}
    endings = otherwises if FieldName.STATUS in fields else st.sampled_from(Ending)
    aims = st.builds(
        Aim, entities, endings, st.booleans() if FieldName.DAILY_BUDGET in fields else st.just(value=False)
    )
    some = draw(st.lists(aims, min_size=1, max_size=3, unique_by=lambda aim: aim.entity))
    return replace(
        draw(rules(owner)),
        condition=Cases(tuple(condition for condition, _ in cases)),
        targets=targets_of(some, [settings for _, settings in cases]),
    )


@st.composite
def rules_with_places(draw: st.DrawFn, owner: str = "user-456") -> Rule:
    """Rules that look at two to five places, with and without cases."""
    named = st.tuples(places(), names).map(lambda one: replace(one[0], name=one[1]))
    first, *others = draw(st.lists(named, min_size=2, max_size=5, unique_by=(lambda one: one.id, lambda one: one.name)))
    quorum = draw(st.sampled_from(Quorum) | st.integers(1, 1 + len(others)))
    return replace(draw(rules(owner) | rules_with_cases(owner)), place=first, other_places=tuple(others), quorum=quorum)


all_rules = st.one_of(rules(), rules_with_cases(), rules_with_places())
"""Every kind of rule."""
