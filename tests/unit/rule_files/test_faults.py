"""Every fault that a rules file can have, as its author reads it: line, path, sentence."""

import pytest

from tests.unit.rule_files.loading import VALID, faults, varied
from weathertrigger.errors import Fault, InvalidRules

_WHEN = "{metric: rain, above: 0.5, unit: mm/h}"
_TARGET = 'account: meta-acme\n        ad_set: "23847"\n        set: {status: enabled}\n'

_RULE = [
    ("id: rain", "id: a b", "line 3, rules[0].id: 'a b' is not an id; use 1 to 100 letters, digits, '.', '_' or '-'"),
    ("id: rain", "id: 1.5", "line 3, rules[0].id: 1.5 is not an id; put it in quotes"),
    ("id: rain\n    place", "place", "line 3, rules[0].id: is missing"),
    ("id: rain", "id:", "line 3, rules[0].id: has no value"),
    ("owner: user-456\n", "", "line 1, owner: is missing"),
    ("every:", "mood: live\n    every:", "line 5, rules[0].mood: 'mood' is not a key here; did you mean mode?"),
    ("every:", "name: 12\n    every:", "line 5, rules[0].name: 12 is not text; put it in quotes"),
    ("every:", 'name: ""\n    every:', "line 5, rules[0].name: has 0 characters; write 1 to 200"),
    ("every:", f"name: {'x' * 201}\n    every:", "line 5, rules[0].name: has 201 characters; write 1 to 200"),
    (
        "every:",
        'name: "a\\nb"\n    every:',
        "line 5, rules[0].name: holds a line break or another character that cannot be printed",
    ),
    ("every:", "priority: high\n    every:", "line 5, rules[0].priority: 'high' is not a whole number"),
    ("every:", "priority: true\n    every:", "line 5, rules[0].priority: true is not a whole number"),
    ("every:", "priority: 1000001\n    every:", "line 5, rules[0].priority: is not between -1000000 and 1000000"),
    ("every:", "mode: Live\n    every:", "line 5, rules[0].mode: 'Live' is not a mode; did you mean live?"),
    ("every:", "mode: on\n    every:", "line 5, rules[0].mode: 'on' is not a mode; use dry_run or live"),
    ("every:", "enabled: off\n    every:", "line 5, rules[0].enabled: 'off' is not true or false"),
]

_EVERY = [
    ("30", "30 has no unit; write 30 s, 30 min or 30 h"),
    ("12:30", "'12:30' is not a length of time; write for example 90 s, 30 min or 12 h"),
    ("-5 min", "'-5 min' is not a length of time; write for example 90 s, 30 min or 12 h"),
    ("1 week", "'1 week' is not a length of time; write for example 90 s, 30 min or 12 h"),
    ("[1, h]", "a list is not a length of time; write for example 90 s, 30 min or 12 h"),
    ("90 s", "is too short; the shortest is 5 min"),
    ("0 min", "is too short; the shortest is 5 min"),
    ("25 h", "'25 h' is too long; the longest is 24 h"),
    ("300.5 s", "'300.5 s' is not a whole number of seconds"),
]

_PLACE = [
    ("Newark", "'Newark' is not a place; write {latitude: 40.69, longitude: -74.17} or \"40.69,-74.17\""),
    ("[40.69, -74.17]", 'a list is not a place; write {latitude: 40.69, longitude: -74.17} or "40.69,-74.17"'),
    ('"91,0"', "91.0 is not a latitude; it lies between -90 and 90"),
    ('"0,-180.5"', "-180.5 is not a longitude; it lies between -180 and 180"),
]
_PLACE_PARTS = [
    ("{latitude: 1}", ".longitude: is missing"),
    ("{latitude: .nan, longitude: 1}", ".latitude: '.nan' is not a number"),
    ("{latitude: NaN, longitude: 1}", ".latitude: 'NaN' is not a number"),
    ("{latitude: 1e400, longitude: 1}", ".latitude: is not a finite number"),
    ("{latitude: 91, longitude: 1}", ".latitude: 91 is not a latitude; it lies between -90 and 90"),
    (
        "{latitude: 1, longitude: 1, timezone: America/New_york}",
        ".timezone: 'America/New_york' is not a time zone; did you mean America/New_York?",
    ),
    (
        "{latitude: 1, longitude: 1, timezone: 7}",
        ".timezone: 7 is not a time zone; write for example America/New_York",
    ),
    ("{latitude: 1, longitude: 1, lattitude: 2}", ".lattitude: 'lattitude' is not a key here; did you mean latitude?"),
]

_CONDITION = [
    ("rain", ": 'rain' is not a condition; write for example {metric: rain, above: 0.5, unit: mm/h}"),
    ("[{metric: rain}]", ": is a list; write all: or any: above it"),
    ("{above: 3}", ": needs a metric, or one of all, any or not"),
    ("{all: []}", ".all: is empty; name at least one condition"),
    ("{any: []}", ".any: is empty; name at least one condition"),
    ("{all: {metric: rain}}", ".all: is not a list of conditions; write each after a '-'"),
    ("{not: []}", ".not: is a list; write all: or any: above it"),
    ("{all: [], any: []}", ": all stands beside other keys; a group stands alone"),
    ("{metric: rian, above: 1}", ".metric: 'rian' is not a metric; did you mean rain?"),
    (
        "{metric: temperature, above: 1, unit: mph}",
        ".unit: 'mph' is not a unit of temperature; use C, F or K",
    ),
    ("{metric: temperature, above: 1, unit: 3}", ".unit: 3 is not a unit of temperature; use C, F or K"),
    ("{metric: humidity, above: 1, unit: }", ".unit: has no value"),
    ("{metric: humidity, above: 1}", ".unit: is missing; write the unit of humidity: %"),
    ("{metric: rain, unit: mm/h}", ": has no threshold; write above, at_least, below, at_most, rises_by or falls_by"),
    ('{metric: rain, above: "1", unit: mm/h}', ".above: '1' is not a number; write it without quotes or a plus sign"),
    ("{metric: rain, above: +1, unit: mm/h}", ".above: '+1' is not a number; write it without quotes or a plus sign"),
    ("{metric: rain, above: 12:30, unit: mm/h}", ".above: '12:30' is not a number"),
    ("{metric: rain, above: NaN, unit: mm/h}", ".above: 'NaN' is not a number"),
    ("{metric: rain, above: .inf, unit: mm/h}", ".above: '.inf' is not a number"),
    ("{metric: rain, above: 1e400, unit: mm/h}", ".above: is not a finite number"),
    ("{metric: rain, above: true, unit: mm/h}", ".above: true is not a number"),
    ("{metric: rain, above: , unit: mm/h}", ".above: has no value"),
    ("{metric: rain, above: 5, below: 3, unit: mm/h}", ": can never be true: no number is above 5 and below 3"),
    ("{metric: rain, at_least: 5, below: 5, unit: mm/h}", ": can never be true: no number is at_least 5 and below 5"),
    ("{metric: rain, above: 5, at_most: 5, unit: mm/h}", ": can never be true: no number is above 5 and at_most 5"),
    (
        "{metric: rain, above: 5, at_least: 5, at_most: 5, unit: mm/h}",
        ": can never be true: no number is above 5 and at_least 5 and at_most 5",
    ),
    (
        "{metric: rain, at_least: 5, at_most: 5, below: 5, unit: mm/h}",
        ": can never be true: no number is at_least 5 and below 5 and at_most 5",
    ),
    ("{metric: rain, above: 1, unit: mm/h, if_missing: maybe}", ".if_missing: 'maybe' is not true, false or unknown"),
    ("{metric: rain, in: [snow], above: 1, unit: mm/h}", ".in: 'in' is not a key here; use metric,"),
    ("{metric: condition, in: []}", ".in: names 0 kinds of weather; write 1 to 17"),
    ("{metric: condition, in: [snow, rian]}", ".in[1]: 'rian' is not a kind of weather; did you mean rain?"),
    ("{metric: condition, in: 3}", ".in: 3 is not a kind of weather; use clear,"),
    ("{metric: condition}", ": needs exactly one of in or not_in"),
    ("{metric: condition, in: rain, not_in: snow}", ": needs exactly one of in or not_in"),
    ("{metric: is_day, is: yes}", ".is: 'yes' is not true or false"),
    ("{metric: alert}", ".is: is missing"),
    ("{metric: rain, above: 1, unit: mm/h, abvoe: 2}", ".abvoe: 'abvoe' is not a key here; did you mean above?"),
]

_SET = [
    ("{}", ": sets nothing; write status, daily_budget, lifetime_budget, bid or bid_modifier"),
    ("enabled", ": 'enabled' is not a setting; write for example {status: enabled}"),
    ("{status: on}", ".status: 'on' is not a status; use enabled or paused"),
    ("{daily_budget: 60}", ".daily_budget: 60 has no currency; write for example 60.00 EUR"),
    (
        "{daily_budget: '60,00 EUR'}",
        ".daily_budget: '60,00 EUR' is not an amount of money; write for example 60.00 EUR",
    ),
    ("{daily_budget: -60 EUR}", ".daily_budget: '-60 EUR' is not an amount of money; write for example 60.00 EUR"),
    ("{daily_budget: 0 EUR}", ".daily_budget: is zero; a budget or a bid is more than that, pause it instead"),
    (
        "{daily_budget: 60 eur}",
        ".daily_budget: 'eur' is not a currency; write its code of ISO 4217: EUR, USD, GBP, ...",
    ),
    ("{daily_budget: 60.001 EUR}", ".daily_budget: '60.001 EUR' has more decimals than EUR has"),
    ("{daily_budget: 60.5 JPY}", ".daily_budget: '60.5 JPY' has more decimals than JPY has"),
    ("{daily_budget: +20 %}", ".daily_budget: a change is written {change: +20 %}"),
    ("{daily_budget: {}}", ".daily_budget: needs exactly one of to or change"),
    ("{daily_budget: {to: 6 EUR, change: +2 %}}", ".daily_budget: needs exactly one of to or change"),
    (
        "{daily_budget: {to: 6 EUR, max: 7 EUR}}",
        ".daily_budget: min and max belong to a change; an amount stands alone",
    ),
    (
        "{daily_budget: {change: 20 %}}",
        ".daily_budget.change: '20 %' is not clear; write +20 % for more or -20 % for less",
    ),
    ("{daily_budget: {change: 20}}", ".daily_budget.change: 20 is not clear; write +20 % for more or -20 % for less"),
    (
        "{daily_budget: {change: more}}",
        ".daily_budget.change: 'more' is not a percentage; write for example +20 %",
    ),
    (
        "{daily_budget: {change: +1000.01 %}}",
        ".daily_budget.change: '+1000.01 %' is too much; the largest raise is +1000 %",
    ),
    (
        "{daily_budget: {change: -100 %}}",
        ".daily_budget.change: '-100 %' leaves nothing of it; pause it instead",
    ),
    (
        "{daily_budget: {change: +2 %, min: 8 EUR, max: 7 EUR}}",
        ".daily_budget: min 8.00 EUR is above max 7.00 EUR",
    ),
    (
        "{daily_budget: {change: +2 %, min: 8 EUR, max: 9 USD}}",
        ".daily_budget: min and max are in different currencies",
    ),
    ("{bid_modifier: 1.25 EUR}", ".bid_modifier: '1.25 EUR' is not a number"),
    ("{bid_modifier: '1.25'}", ".bid_modifier: '1.25' is not a number; write it without quotes or a plus sign"),
    ("{bid_modifier: true}", ".bid_modifier: true is not a number"),
    ("{bid_modifier: 0}", ".bid_modifier: 0 is not between 0.1 and 10; 1 leaves the bids as they are"),
    ("{bid_modifier: 10.01}", ".bid_modifier: 10.01 is not between 0.1 and 10; 1 leaves the bids as they are"),
    ("{bid_modifier: 1.255}", ".bid_modifier: 1.255 has more than two decimals"),
    ("{bid_modifier: +20 %}", ".bid_modifier: a change is written {change: +20 %}"),
    ("{bid_modifier: {to: 1, max: 2}}", ".bid_modifier: min and max belong to a change; an amount stands alone"),
    ("{bid_modifier: {change: +2 %, min: 2, max: 1.5}}", ".bid_modifier: min 2 is above max 1.5"),
    (
        "{bid_modifier: {change: +2 %, max: 11}}",
        ".bid_modifier.max: 11 is not between 0.1 and 10; 1 leaves the bids as they are",
    ),
]

_TARGETS = [
    (
        'ad_set: "23847"',
        "",
        "line 8, rules[0].targets[0]: names no entity; write campaign, ad_set, ad_group, ad or location",
    ),
    (
        'ad_set: "23847"',
        "ad_set: 1\n        ad: 2",
        "line 8, rules[0].targets[0]: names ad_set and ad; write one target for each",
    ),
    ('"23847"', '"1/2"', "line 9, rules[0].targets[0].ad_set: '1/2' is not an id of an ad platform"),
    ('"23847"', "[1]", "line 9, rules[0].targets[0].ad_set: a list is not an id; put it in quotes"),
    ("account: meta-acme\n        ", "", "line 8, rules[0].targets[0].account: is missing"),
    (
        "set: {status: enabled}\n",
        "set: {status: enabled}\n        otherwise: revert\n",
        "line 11, rules[0].targets[0].otherwise: 'revert' is not an ending; use baseline, leave or {status: paused}",
    ),
    (
        "set: {status: enabled}\n",
        "set: {status: enabled}\n        otherwise: {status: off}\n",
        "line 11, rules[0].targets[0].otherwise.status: 'off' is not a status; use enabled or paused",
    ),
    (
        "set: {status: enabled}\n",
        "set: {daily_budget: 6 EUR}\n        otherwise: {status: paused}\n",
        "line 11, rules[0].targets[0].otherwise: names a status, but this target sets none; use baseline or leave",
    ),
    (
        "set: {status: enabled}\n",
        "set: {daily_budget: 6 EUR}\n        shared_budget: yes\n",
        "line 11, rules[0].targets[0].shared_budget: 'yes' is not a word for shared budgets; use allow",
    ),
    (
        "set: {status: enabled}\n",
        "set: {status: enabled}\n        shared_budget: allow\n",
        "line 11, rules[0].targets[0].shared_budget: belongs to a daily_budget, and this target sets none",
    ),
    (
        _TARGET,
        f"{_TARGET}      - {_TARGET}",
        "line 11, rules[0].targets[1]: sets status of meta-acme ad_set 23847 again; targets[0] did so already",
    ),
    (f"targets:\n      - {_TARGET}", "targets: []", "line 7, rules[0].targets: has 0 targets; write 1 to 100"),
    (
        f"targets:\n      - {_TARGET}",
        "targets: all",
        "line 7, rules[0].targets: is not a list of targets; write each after a '-'",
    ),
    (
        f"targets:\n      - {_TARGET}",
        "targets: [23847]",
        "line 7, rules[0].targets[0]: is not a mapping",
    ),
]


@pytest.mark.parametrize(("old", "new", "fault"), _RULE + _TARGETS)
def test_a_fault_of_a_rule(old: str, new: str, fault: str) -> None:
    """A faulty key of a rule gives one fault with its line, path and sentence."""
    assert faults(varied(old, new)) == [fault]


@pytest.mark.parametrize(("written", "sentence"), _EVERY)
def test_a_fault_of_an_interval(written: str, sentence: str) -> None:
    """An interval needs a unit and lies between the smallest allowed and 24 h."""
    assert faults(varied("30 min", written)) == [f"line 5, rules[0].every: {sentence}"]


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("0 s", "'0 s' is too short; the shortest is 1 s"),
        ("25 h", "'25 h' is too long; the longest is 24 h"),
        ("90", "90 has no unit; write 90 s, 90 min or 90 h"),
        ("never", "'never' is not a length of time; write for example 90 s, 30 min or 12 h"),
    ],
)
def test_a_fault_of_how_late_a_check_may_be(written: str, sentence: str) -> None:
    """A length of time from a second to a day."""
    assert faults(varied("30 min", f"30 min\n    catch_up: {written}")) == [f"line 6, rules[0].catch_up: {sentence}"]


@pytest.mark.parametrize(("written", "fault"), [*((text, f": {why}") for text, why in _PLACE), *_PLACE_PARTS])
def test_a_fault_of_a_place(written: str, fault: str) -> None:
    """A place is two coordinates in range and, if any, a time zone that exists."""
    assert faults(varied('"40.69,-74.17"', written)) == [f"line 4, rules[0].place{fault}"]


@pytest.mark.parametrize(("written", "fault"), _CONDITION)
def test_a_fault_of_a_condition(written: str, fault: str) -> None:
    """Impossible ranges, empty groups, units of another kind and unknown words are refused (semantics 5 and 6)."""
    found = faults(varied(_WHEN, written))
    assert len(found) == 1
    assert found[0].startswith(f"line 6, rules[0].when{fault}")


@pytest.mark.parametrize(("written", "fault"), _SET)
def test_a_fault_of_a_setting(written: str, fault: str) -> None:
    """Amounts need a known currency, percentages a sign and bounds that leave room (semantics 22 and 23)."""
    assert faults(varied("{status: enabled}", written)) == [f"line 10, rules[0].targets[0].set{fault}"]


@pytest.mark.parametrize("key", ["notify"])
def test_a_planned_key_of_a_rule_is_refused_by_name(key: str) -> None:
    """A key of the full language that is not built yet is never ignored."""
    assert faults(varied("every:", f"{key}: x\n    every:")) == [f"line 5, rules[0].{key}: {key} is not supported yet"]


@pytest.mark.parametrize(
    ("leaf", "fault"),
    [
        ("above: 0.5, release: 0.6", "0.6 is on the wrong side; write a number below 0.5"),
        ("above: 0.5, release: 0.5", "0.5 is on the wrong side; write a number below 0.5"),
        ("at_least: 0.5, release: 1", "1 is on the wrong side; write a number below 0.5"),
        ("below: 3, release: 2.5", "2.5 is on the wrong side; write a number above 3"),
        ("at_most: -1, release: -2", "-2 is on the wrong side; write a number above -1"),
        ("above: 0.5, release: low", "'low' is not a number"),
        (
            "at_least: 4, below: 25, release: 2",
            "goes with one of above, at_least, below or at_most, and nothing else; here are at_least and below",
        ),
        (
            "rises_by: 5, within: 3 h, release: 2",
            "goes with one of above, at_least, below or at_most, and nothing else; here is rises_by",
        ),
    ],
)
def test_a_release_on_the_wrong_side(leaf: str, fault: str) -> None:
    """Semantics 6 and 7: a second threshold that could never release, or is of several, is refused with its path."""
    text = varied(_WHEN, f"{{metric: rain, {leaf}, unit: mm/h}}")
    assert faults(text) == [f"line 6, rules[0].when.release: {fault}"]


_DAY = "is not a day; write mon, tue, wed, thu, fri, sat or sun, or for example mon-fri"
_SPAN = 'is no span of hours; write for example "06:00-10:00"'
_TIMES = [
    ("active: always", "active", "is not a mapping; write for example {hours: ['06:00-10:00']}"),
    ("active: {}", "active", "says nothing; write days, hours or both"),
    ("active: []", "active", "has 0 entries; write 1 to 50"),
    (
        "active: {days: [mon-fry]}",
        "active.days[0]",
        f"'mon-fry' {_DAY}",
    ),
    (
        "active: {days: 1}",
        "active.days",
        f"1 {_DAY}",
    ),
    ("active: [{hours: 06:00}]", "active[0].hours", f"'06:00' {_SPAN}"),
    ("active: {hours: [06:00-10:60]}", "active.hours[0]", f"'06:00-10:60' {_SPAN}"),
    ("active: {hours: 24:00-06:00}", "active.hours", f"'24:00-06:00' {_SPAN}"),
    ("active: {hours: 11:00-11:00}", "active.hours", "'11:00-11:00' starts when it ends; for the whole day write"),
    ("active: {hour: 06:00-10:00}", "active.hour", "'hour' is not a key here; did you mean hours?"),
    ("dates: 2026-07-04", "dates", "is not a mapping; write for example {from: 2026-03-01, until: 2026-10-31}"),
    ("dates: {}", "dates", "says nothing; write from, until or except"),
    ("dates: {from: 4 July}", "dates.from", "'4 July' is not a date; write for example 2026-07-04"),
    ("dates: {until: 2026-02-30}", "dates.until", "'2026-02-30' is not a day of the calendar"),
    ("dates: {from: 1999-12-31}", "dates.from", "'1999-12-31' is not between 2000 and 2100"),
    ("dates: {from: 2026-07-04, until: 2026-07-03}", "dates", "has no day: from 2026-07-04 is after until 2026-07-03"),
    (
        "dates: {from: 2026-07-04, until: 2026-07-05, except: [2026-07-04, 2026-07-05]}",
        "dates",
        "has no day: every one of them is left out by except",
    ),
    ('at: "25:00"', "at", "'25:00' is not a time of day; write for example \"06:00\""),
    ("at: 6", "at", '6 is not a time of day; write for example "06:00"'),
    ('at: "24:00"', "at", "'24:00' is not a time of day"),
    ('at: "06:00"', "at", "is one time a day; it goes with every: 24 h"),
    ("hold: 30 min", "hold", "is not a mapping; write for example {for: 30 min, keep_for: 2 h}"),
    ("hold: {for: 169 h}", "hold.for", "'169 h' is too long; the longest is 168 h"),
    ("hold: {keep_for: -1 min}", "hold.keep_for", "'-1 min' is not a length of time"),
    ("hold: {keep: 1 h}", "hold.keep", "'keep' is not a key here; use for or keep_for"),
    ("on_no_data: pause", "on_no_data", "'pause' is not what to do without data; use hold or revert"),
]


@pytest.mark.parametrize(("written", "path", "sentence"), _TIMES)
def test_a_fault_of_time(written: str, path: str, sentence: str) -> None:
    """Semantics 8, 10 and 11: hours, dates, holds and times of day that cannot be are refused with their path."""
    (fault,) = faults(varied("every:", f"{written}\n    every:"))
    assert fault.startswith(f"line 5, rules[0].{path}: {sentence}")


@pytest.mark.parametrize(("written", "fault"), [*((text, f": {why}") for text, why in _PLACE), *_PLACE_PARTS])
def test_a_fault_of_a_place_with_hours(written: str, fault: str) -> None:
    """Semantics 10: hours ask for the clocks of the place, and no second fault comes of one that is none."""
    document = varied('"40.69,-74.17"', written).replace("every:", "active: {hours: 06:00-10:00}\n    every:")
    assert faults(document) == [f"line 4, rules[0].place{fault}"]


def test_only_numbers_have_a_release() -> None:
    """Semantics 7: kinds of weather, yes and no have nothing in between."""
    (fault,) = faults(varied(_WHEN, "{metric: condition, not_in: snow, release: rain}"))
    assert fault.startswith("line 6, rules[0].when.release: 'release' is not a key here")


def test_all_faults_come_at_once_in_the_order_of_the_file() -> None:
    """One reading names everything that is wrong, also in several rules."""
    second = VALID.partition("rules:\n")[2].replace("id: rain", "id: wind").replace("30 min", "30").replace("0.5", "x")
    found = faults(varied("user-456", "user 456").replace("mm/h", "cm") + second)
    assert [fault.split(": ")[0] for fault in found] == [
        "line 1, owner",
        "line 6, rules[0].when.unit",
        "line 13, rules[1].every",
        "line 14, rules[1].when.above",
    ]


def test_an_id_that_stands_twice_names_both_lines() -> None:
    """A second rule of one id is refused, naming the line of the first."""
    assert faults(VALID + VALID.partition("rules:\n")[2]) == [
        "line 11, rules[1].id: 'rain' is used twice; the first is on line 3"
    ]


def test_a_long_or_strange_key_is_shown_short() -> None:
    """A key of any length or letters does not spoil the list of faults."""
    (fault,) = faults(varied("every:", f'"{"k" * 300}\\e": 1\n    every:'))
    assert len(fault) < 300
    assert fault.isprintable()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[]", "line 1, a rules file holds owner: and rules:"),
        ("rain", "a rules file holds owner: and rules:"),
        ("owner: a\nrules: []", "line 2, rules: has 0 rules; write 1 to 10000"),
        ("owner: a\nrules: {}", "line 2, rules: is not a list of rules; write each after a '-'"),
        ("owner: a\nrules: [rain]", "line 2, rules[0]: a rule is a mapping with id, place, every, when and targets"),
        ("owner: a\nrules: [null]", "line 2, rules[0]: a rule is a mapping with id, place, every, when and targets"),
    ],
)
def test_a_file_of_another_shape(text: str, fault: str) -> None:
    """A file that is no rules file says what one holds."""
    assert fault in faults(text)


def test_a_mapping_of_very_many_keys_is_answered_at_once() -> None:
    """Unknown keys by the thousand are one fault, not a thousand searches for what was meant."""
    keys = f"{{{', '.join(f'k{n}: 1' for n in range(1000))}}}"
    sentence = "has 1000 keys; at most 100 are read"
    assert faults(varied("{status: enabled}", keys)) == [f"line 10, rules[0].targets[0].set: {sentence}"]
    assert faults(f"owner: a\nrules:\n  - {keys}") == [f"line 3, rules[0]: {sentence}"]
    assert faults(keys) == [f"line 1, {sentence}"]


def test_a_hopeless_file_ends_after_a_thousand_faults() -> None:
    """The list of faults stays readable; it says that it is not whole."""
    found = faults("owner: a\nrules:\n" + "  - {}\n" * 10_000)
    assert 1000 < len(found) < 1010
    assert found[-1] == "more than 1000 faults; the rest of rules.yaml was not looked at"


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("caps: 50", "caps: is not a mapping; write for example {largest_raise: +50 %}"),
        ("caps: {}", "caps.largest_raise: is missing"),
        (
            "caps: {largest_raise: 50 %}",
            "caps.largest_raise: '50 %' is not clear; write +50 % for more",
        ),
        (
            "caps: {largest_raise: -5 %}",
            "caps.largest_raise: '-5 %' is less than the baseline; write for example +50 %",
        ),
        ("caps: {largest_raise: +1001 %}", "caps.largest_raise: '+1001 %' is too much; the largest raise is +1000 %"),
        ("caps: {most: +5 %}", "caps.most: 'most' is not a key here; use largest_raise"),
        ("on_manual_change: fight", "on_manual_change: 'fight' is not an answer to a change by hand; use yield"),
    ],
)
def test_a_cap_that_is_none(written: str, sentence: str) -> None:
    """Semantics 20 and 22: each fault with its place."""
    found = faults(varied("every:", f"{written}\n    every:"))
    assert any(one.startswith(f"line 5, rules[0].{sentence}") for one in found), found


def test_a_fault_that_is_found_twice_is_told_once() -> None:
    """Each case of a rule has targets of its own, and all of them may name one campaign that is not there."""
    gone, other = Fault("rules[0].targets", "gone"), Fault("rules[1].targets", "gone")
    assert InvalidRules([gone, other, gone]).faults == (gone, other)
