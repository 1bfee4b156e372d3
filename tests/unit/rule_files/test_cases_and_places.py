"""Rules with `cases`, `places` and a `quorum`: what they become, and every fault as its author reads it."""

from decimal import Decimal

import pytest

from tests.unit.rule_files.loading import VALID, faults, load
from weathertrigger.domain.condition import Cases, Comparator, Comparison, Threshold
from weathertrigger.domain.money import Money
from weathertrigger.domain.rule import (
    ChangePercent,
    Entity,
    FieldName,
    Level,
    Quorum,
    Rule,
    SetStatus,
    Status,
    Target,
)
from weathertrigger.domain.weather import Metric, place_at

CASES = """\
owner: user-456
rules:
  - id: ice
    place: "45.76,4.84"
    every: 1h
    cases:
      - {when: {metric: temperature, at_least: 30, unit: C}, set: {daily_budget: {change: +50 %, max: 900 EUR}}}
      - {when: {metric: temperature, at_least: 25, unit: C}, set: {daily_budget: {change: +20 %}, status: enabled}}
    targets:
      - {account: google-ice, campaign: "11", otherwise: {status: paused}}
      - {account: google-ice, campaign: "12", shared_budget: allow}
"""
_PLACE = '    place: "40.69,-74.17"\n'
_PLACES = """\
    places: {centre: "47.37,8.54", north: "47.42,8.54", west: "47.39,8.48"}
    quorum: 2
"""


def _rule(text: str) -> Rule:
    (rule,) = load(text).rules
    return rule


def _with_places(places: str) -> str:
    return VALID.replace(_PLACE, places)


def _at_least(degrees: float) -> Comparison:
    return Comparison(Metric.TEMPERATURE, (Threshold(Comparator.AT_LEAST, degrees),), "C")


def test_every_case_sets_its_fields_on_every_target() -> None:
    """Semantics A: a target for each entity, case and field; a status to end with is that of the status alone."""
    rule = _rule(CASES)
    more = ChangePercent(Decimal(50), None, Money(Decimal(900), "EUR"))
    some = ChangePercent(Decimal(20))
    enabled, paused = SetStatus(Status.ENABLED), SetStatus(Status.PAUSED)
    first = Entity("google-ice", Level.CAMPAIGN, "11")
    second = Entity("google-ice", Level.CAMPAIGN, "12")
    assert rule.condition == Cases((_at_least(30), _at_least(25)))
    assert rule.targets == (
        Target(first, FieldName.DAILY_BUDGET, more, case=1),
        Target(first, FieldName.STATUS, enabled, paused, case=2),
        Target(first, FieldName.DAILY_BUDGET, some, case=2),
        Target(second, FieldName.DAILY_BUDGET, ChangePercent(Decimal(50), None, more.maximum, shared_budget=True)),
        Target(second, FieldName.STATUS, enabled, case=2),
        Target(second, FieldName.DAILY_BUDGET, ChangePercent(Decimal(20), shared_budget=True), case=2),
    )


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("    every: 1h\n", "    every: 1h\n    when: {metric: is_day, is: true}\n", "line 6, rules[0].when: stands"),
        (", set: {daily_budget: {change: +20 %}, status: enabled}", "", "line 8, rules[0].cases[1].set: is missing"),
        ("status: enabled}", "status: on}", "line 8, rules[0].cases[1].set.status: 'on' is not a status"),
        ("at_least: 25", "at_lest: 25", "line 8, rules[0].cases[1].when.at_lest: 'at_lest' is not a key here"),
        ("{when: {metric: temperature, at_least: 30", "{then: {metric: temperature, at_least: 30", "cases[0].then"),
        ('campaign: "12"', 'campaign: "12", set: {status: enabled}', "targets[1].set: stands in each case, and in no"),
        ('campaign: "12"', 'campaign: "11"', "targets[1]: names google-ice campaign 11 again; targets[0] did so"),
        (", status: enabled}", "}", "targets[0].otherwise: names a status, but no case sets one"),
    ],
)
def test_faults_of_cases_have_their_place(old: str, new: str, fault: str) -> None:
    """Each is said where it stands."""
    assert CASES.count(old) == 1
    found = faults(CASES.replace(old, new))
    assert any(fault in one for one in found), found


@pytest.mark.parametrize(
    ("cases", "fault"),
    [
        ("5", "rules[0].cases: is not a list of cases"),
        ("[]", "rules[0].cases: has 0 cases; write 1 to 20"),
        ("[" + ", ".join(["{when: {metric: is_day, is: true}, set: {status: enabled}}"] * 21) + "]", "has 21 cases"),
        (
            "["
            + ", ".join(
                ["{when: {all: [" + ", ".join(["{metric: is_day, is: true}"] * 101) + "]}, set: {status: enabled}}"] * 2
            )
            + "]",
            "have 202 comparisons together; at most 200",
        ),
    ],
)
def test_cases_are_bounded(cases: str, fault: str) -> None:
    """1 to 20 cases, of at most 200 comparisons together."""
    head, _, rest = CASES.partition("    cases:\n")
    text = f"{head}    cases: {cases}\n{rest[rest.index('    targets:') :]}"
    assert fault in faults(text)[0]


def test_a_shared_budget_needs_a_case_that_sets_one() -> None:
    """A word that could change nothing is a mistake."""
    text = CASES.replace("daily_budget: {change: +50 %, max: 900 EUR}", "status: paused")
    found = faults(text.replace("daily_budget: {change: +20 %}, ", ""))
    assert [one.partition("targets")[2] for one in found] == [
        "[1].shared_budget: belongs to a daily_budget, and no case sets one"
    ]


def test_places_by_name() -> None:
    """Semantics A: in the order in which they are written, the first of them the rule's own."""
    rule = _rule(_with_places(_PLACES))
    assert rule.places == (
        place_at(47.37, 8.54, name="centre"),
        place_at(47.42, 8.54, name="north"),
        place_at(47.39, 8.48, name="west"),
    )
    assert (rule.place, rule.quorum) == (rule.places[0], 2)


def test_places_as_a_list() -> None:
    """The canonical form; each place has its own time zone, or that of its coordinates."""
    text = """\
    places:
      - {name: zurich, latitude: 47.37, longitude: 8.54, timezone: Europe/Zurich}
      - {name: newark, latitude: 40.69, longitude: -74.17}
    quorum: any
"""
    rule = _rule(_with_places(text))
    assert [(place.name, place.time_zone) for place in rule.places] == [("zurich", "Europe/Zurich"), ("newark", None)]
    assert rule.quorum is Quorum.ANY


@pytest.mark.parametrize(
    ("elsewhere", "clock", "warned"), [("40.69,-74.17", "active", True), ("46.95,7.45", "at", False)]
)
def test_clocks_that_differ_are_told(elsewhere: str, clock: str, warned: bool) -> None:
    """Semantics 10: there is one clock for all places, the first one's."""
    when = {"active": 'active: [{hours: ["06:00-10:00"]}]', "at": 'at: "06:00"'}[clock]
    text = _with_places(f'    places: {{a: "47.37,8.54", b: "{elsewhere}"}}\n    quorum: any\n    {when}\n')
    text = text.replace("every: 30 min", "every: 24 h") if clock == "at" else text
    told = [str(warning) for warning in load(text).warnings]
    expected = "line 4, rules[0].places: lie in several time zones; active, dates and at go by that of the first"
    assert any(one.startswith(expected) for one in told) is warned


def test_one_of_several_is_a_place() -> None:
    """`places` with one is that place; there is nothing to count."""
    rule = _rule(_with_places('    places: {centre: "47.37,8.54"}\n    quorum: any\n'))
    assert (rule.places, rule.quorum) == ((place_at(47.37, 8.54, name="centre"),), Quorum.ALL)


@pytest.mark.parametrize(
    ("places", "fault"),
    [
        ("", "rules[0].place: is missing"),
        (_PLACE + _PLACES, "line 5, rules[0].places: stand beside place; write one of them"),
        (_PLACE + "    quorum: 2\n", "rules[0].quorum: belongs to places, and this rule has none"),
        ('    places: {a: "1,1", b: "2,2"}\n', "rules[0].quorum: is missing: say at how many"),
        ('    places: {a: "1,1", b: "2,2"}\n    quorum: 3\n', "rules[0].quorum: is 3, and there are 2 places"),
        ('    places: {a: "1,1", b: "2,2"}\n    quorum: 0\n', "rules[0].quorum: 0 is not a number of places"),
        ('    places: {a: "1,1", b: "2,2"}\n    quorum: true\n', "rules[0].quorum: true is not a number of places"),
        ('    places: {a: "1,1", b: "2,2"}\n    quorum: most\n', "rules[0].quorum: 'most' is not a number of places"),
        ('    places: {a: "1,1", b: "2,2"}\n    quorum: 1.5\n', "rules[0].quorum: 1.5 is not a number of places"),
        ('    places: {a: "1,1", b: "1.004,1"}\n    quorum: any\n', "places.b: is the same point as a (1.00,1.00)"),
        ('    places: {a: "1,1", b: "here"}\n    quorum: any\n', "places.b: 'here' is not a place"),
        ('    places: {a: "1,1", b: {latitude: 2}}\n    quorum: any\n', "places.b.longitude: is missing"),
        (
            '    places: {a: "1,1", b: {latitude: 2, longitude: 2, name: c}}\n    quorum: any\n',
            "places.b.name: stands before the place already",
        ),
        ("    places: [{latitude: 2, longitude: 2}]\n    quorum: any\n", "places[0].name: is missing"),
        (
            "    places: [{name: a, latitude: 2, longitude: 2}, {name: a, latitude: 3, longitude: 3}]\n    quorum: 1\n",
            "places[1]: has the name of another place, 'a'",
        ),
        ("    places: {}\n    quorum: any\n", "rules[0].places: has 0 places; write 1 to 50"),
        ('    places: "1,1"\n    quorum: any\n', "rules[0].places: '1,1' are not places"),
        (
            "    places: {" + ", ".join(f'p{n}: "{n},1"' for n in range(51)) + "}\n    quorum: any\n",
            "rules[0].places: has 51 places",
        ),
    ],
)
def test_faults_of_places_have_their_place(places: str, fault: str) -> None:
    """Each is said where it stands."""
    found = faults(_with_places(places))
    assert any(fault in one for one in found), found
