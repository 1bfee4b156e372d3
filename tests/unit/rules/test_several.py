"""Quorums and cases against every assignment, and what is said of them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import strategies
from tests.unit.rules.hours import ahead
from tests.unit.rules.weather import AT, reading
from weathertrigger.domain.condition import (
    Cases,
    Comparator,
    Comparison,
    Condition,
    DaySpan,
    Over,
    Take,
    Threshold,
    Truth,
    When,
    chosen_case,
    quorum_of,
)
from weathertrigger.domain.forecast import EachDay
from weathertrigger.domain.hold import Hold
from weathertrigger.domain.memory import NOTHING, Memory
from weathertrigger.domain.rule import Quorum, Rule, RuleState
from weathertrigger.domain.series import Series
from weathertrigger.domain.weather import Metric, Place, Reading, place_at
from weathertrigger.rules.hold_sentences import NOT_YET
from weathertrigger.rules.judge import THE_PLACE, Judgement, PlaceWeather, criteria_of, judge
from weathertrigger.rules.judgement_sentences import document_of, leaves_seen, sentence_of

_TRUTHS: tuple[Truth, ...] = (True, False, None)
_PLACES = (
    place_at(47.37, 8.54, name="centre"),
    place_at(47.42, 8.54, name="north"),
    place_at(47.39, 8.48, name="west"),
)
_SOURCE = "(OpenWeather, observed 14:00 UTC, 6 min ago)"


def _completions(truths: Sequence[Truth]) -> list[list[bool]]:
    """Every way in which the unknown ones may turn out."""
    return [list(one) for one in product(*[[True, False] if truth is None else [truth] for truth in truths])]


def _agreed(verdicts: set[bool]) -> Truth:
    return verdicts.pop() if len(verdicts) == 1 else None


@pytest.mark.parametrize("places", range(1, 6))
def test_a_quorum_is_what_every_completion_agrees_on(places: int) -> None:
    """Semantics 1, quorum likewise: all assignments of up to five places, at every number that may be needed."""
    for needed in range(1, places + 1):
        for truths in product(_TRUTHS, repeat=places):
            expected = _agreed({sum(one) >= needed for one in _completions(truths)})
            assert quorum_of(truths, needed) is expected


def _search(truths: Sequence[Truth]) -> tuple[Truth, int | None]:
    """Semantics A, word by word."""
    for number, truth in enumerate(truths, 1):
        if truth is True:
            return True, number
        if truth is None:
            return None, number
    return False, None


@pytest.mark.parametrize("cases", range(1, 7))
def test_the_first_true_case_wins_and_an_unknown_one_stops_the_search(cases: int) -> None:
    """Semantics A: all assignments of up to six cases; none true is inactive."""
    for truths in product(_TRUTHS, repeat=cases):
        truth, number = chosen_case(truths)
        expected, deciding = _search(truths)
        assert truth is expected
        assert deciding is None or number == deciding


def _rule(when: When, places: Sequence[Place] = _PLACES[:1], quorum: Quorum | int = Quorum.ALL) -> Rule:
    first, *others = places
    return Rule("r", "o", "R", first, when, timedelta(hours=1), (), other_places=tuple(others), quorum=quorum)


def _above(metric: Metric, limit: float, unit: str, release: float | None = None) -> Comparison:
    return Comparison(metric, (Threshold(Comparator.ABOVE, limit),), unit, release=release)


_RAIN = _above(Metric.RAIN, 0.3, "mm/h")
_HOT = Cases((_above(Metric.TEMPERATURE, 30, "C"), _above(Metric.TEMPERATURE, 25, "C")))


def _seen(metric: Metric, *values: float | None) -> dict[str, PlaceWeather]:
    """Of each place in turn, one value; None: there is no reading."""
    return {
        place.id: PlaceWeather(None, reason="it is down") if value is None else PlaceWeather(reading({metric: value}))
        for place, value in zip(_PLACES, values, strict=False)
    }


def _only(metric: Metric, value: float | None) -> dict[str, PlaceWeather]:
    return {THE_PLACE: _seen(metric, value)[_PLACES[0].id]}


def _judge(rule: Rule, weather: dict[str, PlaceWeather], memory: Memory = NOTHING) -> Judgement:
    zones = [(place.time_zone and ZoneInfo(place.time_zone)) or None for place in rule.places]
    return judge(criteria_of(rule, *zones), memory, weather, AT)


_AMOUNTS = {1.0: True, 0.0: False, None: None}


@pytest.mark.parametrize("quorum", [Quorum.ANY, Quorum.ALL, 1, 2, 3])
def test_a_rule_is_true_where_its_quorum_is(quorum: Quorum | int) -> None:
    """Semantics 1: every state of the weather at three places; a place without weather is unknown."""
    needed = quorum if isinstance(quorum, int) else {Quorum.ANY: 1, Quorum.ALL: 3}[quorum]
    for amounts in product(_AMOUNTS, repeat=3):
        judgement = _judge(_rule(_RAIN, _PLACES, quorum), _seen(Metric.RAIN, *amounts))
        truth = _agreed({sum(one) >= needed for one in _completions([_AMOUNTS[amount] for amount in amounts])})
        assert judgement.truth is truth
        assert judgement.has_data is (truth is not None), "it waits for weather only if that may decide"


@settings(max_examples=40)
@given(
    strategies.conditions | st.lists(strategies.conditions, min_size=1, max_size=3).map(tuple).map(Cases),
    st.lists(strategies.looks(), min_size=2, max_size=4),
    st.data(),
)
def test_the_order_of_the_places_does_not_matter(
    when: When, looks: list[tuple[Reading, Series]], data: st.DataObject
) -> None:
    """Semantics 1: the verdict, the case and what is remembered are those of the set of places."""
    places = [place_at(10 + number, 10, name=str(number)) for number in range(len(looks))]
    weather = {place.id: PlaceWeather(*look) for place, look in zip(places, looks, strict=True)}
    quorum = data.draw(st.integers(1, len(places)))
    orders = (places, data.draw(st.permutations(places)))
    verdicts = [
        judge(criteria_of(_rule(when, order, quorum), *[None] * len(order)), NOTHING, weather, looks[0][0].fetched_at)
        for order in orders
    ]
    assert len({(one.truth, one.memory, one.has_data) for one in verdicts}) == 1


@settings(max_examples=40)
@given(strategies.conditions, strategies.looks())
def test_one_case_is_a_condition(condition: Condition, look: tuple[Reading, Series]) -> None:
    """A rule with one case says of every weather what the condition alone says."""
    weather = {THE_PLACE: PlaceWeather(*look)}
    at = look[0].fetched_at
    alone, case = (
        judge(criteria_of(_rule(when), None), NOTHING, weather, at) for when in (condition, Cases((condition,)))
    )
    assert (alone.truth, alone.memory, alone.has_data) == (case.truth, case.memory, case.has_data)


@pytest.mark.parametrize(("degrees", "case"), [(31.0, 1), (27.0, 2), (20.0, None), (None, None)])
def test_an_active_rule_knows_its_case(degrees: float | None, case: int | None) -> None:
    """Semantics A and 2: the first true case; without a verdict the last state and the last case stand."""
    before = Memory(RuleState.ACTIVE, AT, case=2)
    judgement = _judge(_rule(_HOT), _only(Metric.TEMPERATURE, degrees), before)
    assert judgement.truth is (None if degrees is None else case is not None)
    assert judgement.memory.state is (RuleState.INACTIVE if degrees == 20.0 else RuleState.ACTIVE)
    assert judgement.memory.case == (case or 2)


def test_an_unknown_case_before_a_true_one_keeps_the_last() -> None:
    """Semantics A: a gust that is not told leaves open whether the first case holds, though the second does."""
    cases = Cases((_above(Metric.WIND_GUST, 40, "km/h"), _RAIN))
    before = Memory(RuleState.ACTIVE, AT, case=1)
    judgement = _judge(_rule(cases), _only(Metric.RAIN, 2.0), before)
    assert (judgement.truth, judgement.memory.state, judgement.memory.case) == (None, RuleState.ACTIVE, 1)


def test_each_case_is_judged_over_all_places() -> None:
    """One place at 31 C and two at 27 C: 30 C hold at one place, 25 C at all three."""
    for needed, case in [(1, 1), (2, 2), (3, 2)]:
        judgement = _judge(_rule(_HOT, _PLACES, needed), _seen(Metric.TEMPERATURE, 31.0, 27.0, 27.0))
        assert (judgement.truth, judgement.memory.case) == (True, case)


def test_a_hold_is_of_the_rule_whichever_the_case() -> None:
    """Semantics 8 and A: `for` waits until some case has been true for so long, and `keep_for` keeps the last one."""
    half_hour = timedelta(minutes=30)
    criteria = criteria_of(replace(_rule(_HOT), hold=Hold(half_hour, half_hour)), None)
    memory, found = NOTHING, []
    for number, degrees in enumerate([31.0, 27.0, 31.0, 27.0, 20.0, 20.0]):
        at = AT + number * half_hour
        seen = replace(reading({Metric.TEMPERATURE: degrees}), observed_at=at)
        memory = judge(criteria, memory, {THE_PLACE: PlaceWeather(seen)}, at).memory
        found.append((memory.state is RuleState.ACTIVE, memory.case))
    assert found == [(False, 1), (True, 2), (True, 1), (True, 2), (True, 2), (False, 2)]


def test_each_place_remembers_for_itself() -> None:
    """Semantics 7: between the thresholds the last result *of this place* stands."""
    rain = _above(Metric.RAIN, 0.5, "mm/h", release=0.1)
    rule = _rule(rain, _PLACES, quorum=1)
    wet = _judge(rule, _seen(Metric.RAIN, 1.0, 0.0, 0.0))
    between = _judge(rule, _seen(Metric.RAIN, 0.05, 0.3, 0.3), wet.memory)
    assert (wet.truth, between.truth) == (True, False)
    still = _judge(rule, _seen(Metric.RAIN, 0.3, 0.0, None), wet.memory)
    assert still.truth is True


def test_each_place_has_days_of_its_own() -> None:
    """Semantics 9: at 14:06 UTC it is past three in the night of tomorrow in Auckland: the dry days differ."""
    today = Over(DaySpan(0, 0, EachDay.MAX), Take.ANY)
    rain = Comparison(Metric.RAIN, (Threshold(Comparator.ABOVE, 1),), "mm/h", over=today)
    series = ahead(Metric.RAIN, [0.0] * 12 + [5.0] * 24, ZoneInfo("UTC"))
    zones = (None, "Pacific/Auckland")
    places = [replace(place, time_zone=zone) for place, zone in zip(_PLACES, zones, strict=False)]
    weather = {place.id: PlaceWeather(reading({}), series) for place in places}
    truths = {
        zone: _judge(_rule(rain, [place, *_PLACES[2:]], 1), {**weather, _PLACES[2].id: PlaceWeather(None)}).result
        for place, zone in zip(places, zones, strict=True)
    }
    assert [result.parts[0].truth for result in truths.values()] == [None, True]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("rule", "weather", "said"),
    [
        (
            _rule(_HOT),
            _only(Metric.TEMPERATURE, 27.0),
            f"Fired, case 2 of 2: temperature 27 C is above 25 C {_SOURCE}.",
        ),
        (
            _rule(_HOT),
            _only(Metric.TEMPERATURE, 20.0),
            (
                "Did not fire, none of 2 cases: temperature 20 C is not above 30 C and temperature 20 C is not "
                f"above 25 C {_SOURCE}."
            ),
        ),
        (
            _rule(Cases((_above(Metric.WIND_GUST, 40, "km/h"), _RAIN))),
            _only(Metric.RAIN, 2.0),
            f"No verdict, case 1 of 2 is unknown: wind gust is missing in the reading {_SOURCE}.",
        ),
        (_rule(_HOT), _only(Metric.RAIN, None), "No verdict: there is no weather (it is down)."),
        (
            _rule(_RAIN, _PLACES, 2),
            _seen(Metric.RAIN, 1.0, 2.0, 0.0),
            (
                f"Fired: 2 of 3 places, 2 needed: at centre rain 1 mm/h is above 0.3 mm/h {_SOURCE}; "
                f"at north rain 2 mm/h is above 0.3 mm/h {_SOURCE}."
            ),
        ),
        (
            _rule(_RAIN, _PLACES, Quorum.ALL),
            _seen(Metric.RAIN, 1.0, None, 0.0),
            f"Did not fire: 1 of 3 places, 3 needed, 1 unknown: at west rain 0 mm/h is not above 0.3 mm/h {_SOURCE}.",
        ),
        (
            _rule(_RAIN, _PLACES, 2),
            _seen(Metric.RAIN, 1.0, None, 0.0),
            "No verdict: 1 of 3 places, 2 needed, 1 unknown: at north there is no weather (it is down).",
        ),
        (
            _rule(_RAIN, _PLACES, 2),
            _seen(Metric.RAIN, None, None, None),
            "No verdict: there is no weather (it is down).",
        ),
        (
            _rule(_HOT, _PLACES, 3),
            _seen(Metric.TEMPERATURE, 31.0, 20.0, 20.0),
            "Did not fire, none of 2 cases: case 1: 1 of 3 places, 3 needed; case 2: 1 of 3 places, 3 needed.",
        ),
        (
            _rule(_HOT, _PLACES[:2], Quorum.ANY),
            _seen(Metric.TEMPERATURE, 26.0, 20.0),
            f"Fired, case 2 of 2: 1 of 2 places, 1 needed: at centre temperature 26 C is above 25 C {_SOURCE}.",
        ),
    ],
)
def test_the_sentence(rule: Rule, weather: dict[str, PlaceWeather], said: str) -> None:
    """Semantics 32: which case won, and at which places."""
    assert sentence_of(_judge(rule, weather), weather, AT) == said


def test_more_places_than_three_are_counted() -> None:
    """A sentence stays one; the tree has all of them."""
    places = [place_at(number, 1, name=f"p{number}") for number in range(5)]
    weather = {place.id: PlaceWeather(reading({Metric.RAIN: 2.0})) for place in places}
    said = sentence_of(_judge(_rule(_RAIN, places, 1), weather), weather, AT)
    assert said.startswith("Fired: 5 of 5 places, 1 needed: at p0 rain")
    assert said.endswith("; 2 more like it.")


def test_the_document_of_cases() -> None:
    """Semantics 32: one reading, a tree for each case, and the number of the one that decided."""
    weather = _only(Metric.TEMPERATURE, 27.0)
    judgement = _judge(_rule(_HOT), weather)
    document = orjson.loads(orjson.dumps(document_of(judgement, weather)))
    assert document == {
        "provider": "openweather",
        "observed_at": "2026-03-01T14:00:00+00:00",
        "reading": 7,
        "case": 2,
        "cases": [
            {
                "condition": {"metric": "temperature", "value": 27.0, "unit": "C", "above": limit, "result": truth},
                "result": truth,
            }
            for limit, truth in [(30, False), (25, True)]
        ],
    }
    assert leaves_seen(judgement.result) == 2


def test_the_document_of_places() -> None:
    """Semantics 32: a tree for each place, with its own reading."""
    weather = _seen(Metric.RAIN, 1.0, None)
    judgement = _judge(_rule(_RAIN, _PLACES[:2], Quorum.ANY), weather)
    rain = {"metric": "rain", "value": 1.0, "unit": "mm/h", "above": 0.3, "result": True}
    assert orjson.loads(orjson.dumps(document_of(judgement, weather))) == {
        "needed": 1,
        "places": {
            "centre": {
                "provider": "openweather",
                "observed_at": "2026-03-01T14:00:00+00:00",
                "reading": 7,
                "condition": rain,
                "result": True,
            },
            "north": {"provider": None, "observed_at": None, "reading": None, "condition": None, "result": None},
        },
        "result": True,
    }
    assert leaves_seen(judgement.result) == 1


@settings(max_examples=40)
@given(strategies.all_rules, st.data())
def test_every_rule_is_judged_and_told(rule: Rule, data: st.DataObject) -> None:
    """Semantics 32: whatever the rule and the weather, there is a judgement, a sentence and a document."""
    rule = replace(rule, active=None)
    at = datetime(2026, 3, 1, 14, 6, tzinfo=UTC)
    some = st.none() | strategies.readings().map(lambda one: replace(one, observed_at=at, fetched_at=at))
    keys = [place.id for place in rule.places] if rule.other_places else [THE_PLACE]
    weather = {key: PlaceWeather(data.draw(some), data.draw(strategies.series(at))) for key in keys}
    judgement = judge(criteria_of(rule, *[None for _ in rule.places]), NOTHING, weather, at)
    said = sentence_of(judgement, weather, at)
    assert said.startswith({True: ("Fired", NOT_YET), False: ("Did not fire",), None: ("No verdict",)}[judgement.truth])
    assert said.endswith(".")
    assert orjson.dumps(document_of(judgement, weather))
