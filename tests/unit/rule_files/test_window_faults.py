"""Every fault of a window or a trend, as its author reads it, and what is taken with a warning."""

import pytest

from tests.unit.rule_files.loading import FIVE_MINUTES, VALID, faults, load, varied
from weathertrigger.domain.forecast import Horizon
from weathertrigger.errors import InvalidRules
from weathertrigger.providers.open_meteo.client import OpenMeteo
from weathertrigger.providers.openweather.client import OneCall, Version25
from weathertrigger.rule_files.load import load_rules

_WHEN = "{metric: rain, above: 0.5, unit: mm/h}"
_OVER = [
    ("12", ": 12 is not a window; write for example {from: +0h, to: +12h, take: max}"),
    ("[0, 2]", ": a list is not a window; write for example {from: +0h, to: +12h, take: max}"),
    ("", ": has no value"),
    ("{take: max}", ": says no hours and no days; write for example {from: +0h, to: +12h, take: max}"),
    ("{from: 0, to: 3h}", ".take: is missing; write what is made of the steps: min, max, mean, sum, any, all or hours"),
    ("{from: 0, to: 3h, take: avg}", ".take: 'avg' is not a way to take the steps; use min, max,"),
    ("{from: 0, to: 3h, take: man}", ".take: 'man' is not a way to take the steps; did you mean mean?"),
    ("{from: 0, take: max}", ".to: is missing"),
    ("{to: 3h, take: max}", ".from: is missing"),
    ("{from: 0, to: 12, take: max}", ".to: 12 has no unit; write 12 h"),
    ("{from: -3, to: 0, take: max}", ".from: -3 has no unit; write -3 h"),
    ("{from: 0, to: +12, take: max}", ".to: +12 has no unit; write +12 h"),
    ("{from: 0, to: 1.5h, take: max}", ".to: '1.5h' is not a number of whole hours; write for example +12 h or -3 h"),
    ("{from: 0, to: 1.5, take: max}", ".to: 1.5 is not a number of whole hours; write for example +12 h or -3 h"),
    ("{from: now, to: 3h, take: max}", ".from: 'now' is not a number of whole hours; write for example +12 h or -3 h"),
    ("{from: 0, to: 90 min, take: max}", ".to: '90 min' is not a number of whole hours; write for example +12 h or"),
    ("{from: true, to: 3h, take: max}", ".from: true is not a number of whole hours; write for example +12 h or -3 h"),
    ("{from: -169h, to: 0, take: max}", ".from: '-169h' is too far; it lies between -168 h and +384 h"),
    ("{from: 0, to: 385 h, take: max}", ".to: '385 h' is too far; it lies between -168 h and +384 h"),
    ("{from: 3h, to: -3h, take: max}", ": ends before it begins: from +3 h to -3 h"),
    ("{from: 3h, to: 3h, take: max}", ": has no hour in it: from +3 h to +3 h"),
    (
        "{from: 0, to: 3h, days: [0, 1], each_day: max, take: max}",
        ": is either hours, from and to, or days; write two conditions for both",
    ),
    ("{days: [0, 1], take: max}", ".each_day: is missing; write what stands for the hours of a day: min, max, mean or"),
    ("{from: 0, to: 3h, each_day: max, take: max}", ".each_day: belongs to days"),
    (
        "{days: [0, 1], each_day: any, take: max}",
        ".each_day: 'any' is not a figure of a day; use min, max, mean or",
    ),
    ("{days: 2, each_day: max, take: max}", ".days: is not two days; write for example [0, 2]: today and the two days"),
    ("{days: [0], each_day: max, take: max}", ".days: is not two days; write for example [0, 2]: today and the two"),
    ("{days: [0, 1.5], each_day: max, take: max}", ".days: is not two days; write for example [0, 2]: today and the"),
    ("{days: [false, 1], each_day: max, take: max}", ".days: is not two days; write for example [0, 2]: today and the"),
    ("{days: [0, 16], each_day: max, take: max}", ".days: is too far; days lie between -6 and 15, today being 0"),
    ("{days: [-7, 0], each_day: max, take: max}", ".days: is too far; days lie between -6 and 15, today being 0"),
    ("{days: [2, 0], each_day: max, take: max}", ".days: ends before it begins: 2 is after 0"),
    ("{days: [0, 2], each_day: max, take: sum}", ".take: sum adds up totals of days; write each_day: sum"),
    ("{days: [0, 2], each_day: max, take: hours}", ".take: hours counts hours; with days write any or all"),
    (
        "{days: [0, 2], each_day: max, take: hours, at_least: 2}",
        ".take: hours counts hours; with days write any or all",
    ),
    ("{from: 0, to: 3h, take: hours}", ".at_least: is missing; write how many hours must pass"),
    ("{from: 0, to: 3h, take: hours, at_least: 4}", ".at_least: is more than the 3 hours that there are"),
    ("{from: 0, to: 3h, take: hours, at_least: 0}", ".at_least: 0 is too few; write 1 or more"),
    ("{from: 0, to: 3h, take: hours, at_least: 1.5}", ".at_least: 1.5 is not a whole number"),
    ("{from: 0, to: 3h, take: hours, at_least: true}", ".at_least: true is not a whole number"),
    ("{from: 0, to: 3h, take: any, at_least: 2}", ".at_least: belongs to take: hours"),
    ("{days: [0, 2], each_day: max, take: any, at_least: 2}", ".at_least: belongs to take: hours"),
    ("{from: 0, to: 3h, take: max, form: 0}", ".form: 'form' is not a key here; did you mean from?"),
]

_LEAF = [
    (
        "{metric: temperature, above: 5, unit: C, over: {from: 0, to: 3h, take: sum}}",
        ".over.take: temperature cannot be added up; use min, max or mean",
    ),
    (
        "{metric: uv_index, above: 5, over: {days: [0, 1], each_day: sum, take: max}}",
        ".over.each_day: uv_index cannot be added up; use min, max or mean",
    ),
    (
        "{metric: wind_direction, above: 5, unit: deg, over: {from: 0, to: 3h, take: mean}}",
        ".over.take: mean cannot be made of wind_direction; use any, all or hours",
    ),
    (
        "{metric: condition, in: rain, over: {from: 0, to: 3h, take: max}}",
        ".over.take: max cannot be made of condition; use any, all or hours",
    ),
    (
        "{metric: is_day, is: true, over: {from: 0, to: 3h, take: min}}",
        ".over.take: min cannot be made of is_day; use any, all or hours",
    ),
    (
        "{metric: alert, is: true, over: {days: [0, 1], each_day: max, take: any}}",
        ".over.days: alert has no figure of a day; write from and to, in hours",
    ),
    (
        "{metric: wind_direction, above: 5, unit: deg, over: {days: [0, 1], each_day: max, take: any}}",
        ".over.days: wind_direction has no figure of a day; write from and to, in hours",
    ),
    (
        "{metric: rain, above: 5, unit: mm/h, over: {from: 0, to: 3h, take: sum}}",
        ".unit: mm/h summed over hours is mm; use mm or in",
    ),
    (
        "{metric: rain, above: 5, unit: in/h, over: {days: [0, 1], each_day: sum, take: max}}",
        ".unit: in/h summed over hours is in; use mm or in",
    ),
    (
        "{metric: snowfall, above: 5, unit: cm/h, over: {from: 0, to: 3h, take: sum}}",
        ".unit: cm/h summed over hours is cm; use cm or in",
    ),
    (
        "{metric: rain, above: 5, unit: C, over: {from: 0, to: 3h, take: sum}}",
        ".unit: 'C' is not a unit of rain; use mm or in",
    ),
    (
        "{metric: rain, above: 5, over: {from: 0, to: 3h, take: sum}}",
        ".unit: is missing; write the unit of rain: mm or in",
    ),
    (
        "{metric: rain, above: 5, unit: mm, over: {from: 0, to: 3h, take: max}}",
        ".unit: mm is a unit of sums; use mm/h or in/h, or take: sum over a window",
    ),
    (
        "{metric: rain, above: 5, unit: mm}",
        ".unit: mm is a unit of sums; use mm/h or in/h, or take: sum over a window",
    ),
    (
        "{metric: rain, unit: mm/h, over: {from: 0, to: 3h, take: max}}",
        ": has no threshold; write above, at_least, below, at_most, rises_by or falls_by",
    ),
    (
        "{metric: rain, above: 5, below: 3, unit: mm/h, over: {from: 0, to: 3h, take: any}}",
        ": can never be true: no number is above 5 and below 3",
    ),
]

_TREND = [
    ("rises_by: 5", ".within: is missing; write how far to look back, for example 3 h"),
    ("above: 1, within: 3 h", ".within: belongs to rises_by or falls_by"),
    ("rises_by: 0, within: 3 h", ".rises_by: 0 is not above zero"),
    ("falls_by: -5, within: 3 h", ".falls_by: -5 is not above zero"),
    ("falls_by: five, within: 3 h", ".falls_by: 'five' is not a number"),
    ("rises_by: 5, within: 3", ".within: 3 has no unit; write 3 h"),
    ("rises_by: 5, within: 90 min", ".within: '90 min' is not a number of whole hours; write for example 3 h"),
    ("rises_by: 5, within: 0 h", ".within: '0 h' is not a length of 1 h to 72 h"),
    ("rises_by: 5, within: -3 h", ".within: '-3 h' is not a length of 1 h to 72 h"),
    ("rises_by: 5, within: 73 h", ".within: '73 h' is not a length of 1 h to 72 h"),
    (
        "rises_by: 5, within: 3 h, over: {from: 0, to: 3h, take: max}",
        ".over: does not go with rises_by; write two conditions",
    ),
    ("fall_by: 5, above: 3", ".fall_by: 'fall_by' is not a key here; did you mean falls_by?"),
]


def _only_fault(when: str) -> str:
    found = faults(varied(_WHEN, when))
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(("written", "fault"), _OVER)
def test_a_fault_of_a_window(written: str, fault: str) -> None:
    """Semantics 9: a window that says too little, too much or what cannot be has one fault, at its place."""
    found = _only_fault(f"{{metric: rain, above: 0.5, unit: mm/h, over: {written}}}")
    assert found.startswith(f"line 6, rules[0].when.over{fault}")


@pytest.mark.parametrize(("written", "fault"), _LEAF)
def test_a_fault_of_a_window_and_its_metric(written: str, fault: str) -> None:
    """Semantics 5 and 9: what cannot be made of a metric, and units of what is made of it."""
    assert _only_fault(written) == f"line 6, rules[0].when{fault}"


@pytest.mark.parametrize(("written", "fault"), _TREND)
def test_a_fault_of_a_trend(written: str, fault: str) -> None:
    """Semantics 6: a change has a size above zero and its time."""
    assert _only_fault(f"{{metric: temperature, unit: C, {written}}}") == f"line 6, rules[0].when{fault}"


def test_a_direction_does_not_rise() -> None:
    """Semantics 6: from 350 to 10 degrees is no fall."""
    fault = "rules[0].when.falls_by: wind_direction goes round in a circle: it does not rise or fall"
    assert _only_fault("{metric: wind_direction, falls_by: 5, unit: deg, within: 3 h}") == f"line 6, {fault}"


def test_trends_are_comparisons_of_their_own() -> None:
    """A leaf with thresholds and trends counts for each of them, and is a group at its depth."""
    several = "{metric: temperature, above: 5, rises_by: 1, falls_by: 1, within: 3 h, unit: C}"
    sentence = "has 201 comparisons; at most 200 are allowed"
    assert _only_fault(f"{{all: [{', '.join([several] * 67)}]}}") == f"line 6, rules[0].when: {sentence}"
    assert faults(varied(_WHEN, "{not: " * 18 + several + "}" * 18)) == []
    deep = _only_fault("{not: " * 19 + several + "}" * 19)
    assert deep == f"line 6, rules[0].when{'.not' * 19}: is several comparisons, and so nested more than 20 deep"


def test_a_window_in_a_case_has_its_place_there() -> None:
    """Semantics 9: the case is named by its number in the list, as everything in a file is."""
    cases = "[{when: {metric: is_day, is: true}, set: {status: enabled}}, {when: %s, set: {status: enabled}}]"
    far = "{metric: temperature, above: 5, unit: C, over: {from: 0, to: 384 h, take: max}}"
    text = varied(f"when: {_WHEN}", f"cases: {cases % far}").replace("\n        set: {status: enabled}", "")
    with pytest.raises(InvalidRules, match=r"rules\[0\]\.cases\[1\]\.when\.over: reaches 384 h ahead"):
        load_rules(text, name="rules.yaml", minimum_interval=FIVE_MINUTES, horizon=Horizon(hours=120, days=5))


def _far(when: str, horizon: Horizon) -> list[str]:
    try:
        load_rules(varied(_WHEN, when), name="rules.yaml", minimum_interval=FIVE_MINUTES, horizon=horizon)
    except InvalidRules as error:
        return [str(fault) for fault in error.faults]
    return []


_HOURS = "{metric: temperature, above: 5, unit: C, over: {from: 0, to: 49h, take: max}}"
_DAYS = "{metric: temperature, above: 5, unit: C, over: {days: [8, 8], each_day: max, take: max}}"


@pytest.mark.parametrize(
    ("when", "fault"),
    [
        (_HOURS, ".over: reaches 49 h ahead; the forecast reaches 48 h"),
        (_DAYS, ".over: reaches to day 8, today being 0; the forecast reaches to day 7"),
        (f"{{all: [{_WHEN}, {{not: {_HOURS}}}]}}", ".all[1].not.over: reaches 49 h ahead; the forecast reaches 48 h"),
        (f"{{any: [{_DAYS}]}}", ".any[0].over: reaches to day 8, today being 0; the forecast reaches to day 7"),
    ],
)
def test_a_window_beyond_the_forecast_is_a_fault(when: str, fault: str) -> None:
    """Semantics 9: a window that the providers never reach is refused; without a horizon it is not judged."""
    assert _far(when, Horizon(hours=48, days=8)) == [f"line 6, rules[0].when{fault}"]
    assert _far(when, Horizon(hours=49, days=9)) == []
    assert faults(varied(_WHEN, when)) == []


_VERSION_25, _ONE_CALL = Version25.horizon, OneCall.horizon


@pytest.mark.parametrize(
    ("when", "fault"),
    [
        (
            f"{_WHEN[:-1]}, release: 0.8}}",
            "line 6, rules[0].when.release: 0.8 is on the wrong side; write a number below 0.5",
        ),
        (
            "{metric: rain, above: 0.5, unit: C}",
            "line 6, rules[0].when.unit: 'C' is not a unit of rain; use mm/h or in/h",
        ),
        ("{metric: rain, unit: mm/h}", "line 6, rules[0].when: "),
    ],
)
def test_a_condition_with_a_fault_is_not_held_against_the_forecast(when: str, fault: str) -> None:
    """What is wrong with it is told, and nothing else."""
    [told] = _far(when, Horizon(hours=120, days=5))
    assert told.startswith(fault)


@pytest.mark.parametrize(
    ("window", "horizon", "is_refused"),
    [
        ("{from: 118h, to: 120h, take: max}", _VERSION_25, True),
        ("{from: 114h, to: 116h, take: max}", _VERSION_25, False),
        ("{from: 104h, to: 120h, take: max}", _VERSION_25, False),
        ("{from: 105h, to: 120h, take: max}", _VERSION_25, True),
        ("{from: 0, to: 120h, take: max}", _VERSION_25, False),
        ("{from: 0, to: 121h, take: max}", _VERSION_25, True),
        ("{days: [4, 4], each_day: max, take: max}", _VERSION_25, False),
        ("{days: [5, 5], each_day: max, take: max}", _VERSION_25, True),
        ("{from: 0, to: 48h, take: max}", _ONE_CALL, False),
        ("{from: 47h, to: 48h, take: max}", _ONE_CALL, True),
        ("{days: [7, 7], each_day: max, take: max}", _ONE_CALL, True),
        ("{from: -6h, to: 48h, take: max}", _ONE_CALL, False),
        ("{from: 166h, to: 168h, take: max}", OpenMeteo.horizon, True),
        ("{from: 165h, to: 167h, take: max}", OpenMeteo.horizon, False),
    ],
)
def test_a_window_that_is_hardly_ever_known_is_a_fault(window: str, horizon: Horizon, is_refused: bool) -> None:
    """Semantics 9: three quarters of it must lie in the hours that are known whenever a forecast is used."""
    found = _far(f"{{metric: temperature, above: 5, unit: C, over: {window}}}", horizon)
    assert len(found) == is_refused


@pytest.mark.parametrize(
    ("leaf", "horizon", "warning"),
    [
        (
            "{metric: humidity, above: 5, unit: '%', over: {days: [0, 2], each_day: max, take: max}}",
            _ONE_CALL,
            ": reaches to day 2, today being 0; the forecast tells max humidity of days to day 1 only",
        ),
        (
            "{metric: temperature, above: 5, unit: C, over: {days: [3, 4], each_day: mean, take: max}}",
            _ONE_CALL,
            ": reaches to day 4, today being 0; the forecast tells mean temperature of days to day 1 only",
        ),
        ("{metric: temperature, above: 5, unit: C, over: {days: [1, 4], each_day: max, take: max}}", _ONE_CALL, ""),
        ("{metric: humidity, above: 5, unit: '%', over: {days: [1, 1], each_day: max, take: max}}", _ONE_CALL, ""),
        ("{metric: humidity, above: 5, unit: '%', over: {days: [1, 4], each_day: mean, take: max}}", _VERSION_25, ""),
        (
            "{metric: uv_index, above: 5, over: {days: [1, 1], each_day: max, take: max}}",
            _VERSION_25,
            ": stays unknown: the forecast never tells uv_index",
        ),
        (
            "{metric: alert, is: true, over: {from: -1h, to: 3h, take: any}}",
            _VERSION_25,
            ": stays unknown: the forecast never tells alert",
        ),
        ("{metric: uv_index, above: 5, over: {from: -3h, to: 0, take: max}}", _VERSION_25, ""),
        ("{metric: uv_index, above: 5, over: {days: [1, 6], each_day: max, take: max}}", _ONE_CALL, ""),
    ],
)
def test_what_a_provider_never_tells_is_a_warning(leaf: str, horizon: Horizon, warning: str) -> None:
    """Semantics 9: a figure of days that the hours do not reach, or a metric that is in no answer."""
    text = varied(_WHEN, leaf)
    file = load_rules(text, name="rules.yaml", minimum_interval=FIVE_MINUTES, horizon=horizon)
    assert [str(one) for one in file.warnings] == ([f"line 6, rules[0].when.over{warning}"] if warning else [])


def _warnings(text: str) -> list[str]:
    return [str(warning) for warning in load(text).warnings]


@pytest.mark.parametrize("metric", ["rain", "snow", "precipitation"])
def test_a_far_forecast_of_rain_is_a_warning(metric: str) -> None:
    """Semantics 9: a rain window beyond 5 days is taken with a warning; one of 5 days, or of warmth, without."""
    leaf = f"{{metric: {metric}, above: 0.5, unit: mm/h, over: %s}}"
    far = f"; beyond 5 days a forecast of {metric} is unreliable"
    for window, warnings in (
        ("{from: 0, to: 121h, take: max}", [f"line 6, rules[0].when.over: reaches 121 h ahead{far}"]),
        ("{from: 0, to: 120h, take: max}", []),
        (
            "{days: [0, 5], each_day: max, take: max}",
            [f"line 6, rules[0].when.over: reaches to day 5, today being 0{far}"],
        ),
        ("{days: [0, 4], each_day: max, take: max}", []),
    ):
        assert _warnings(varied(_WHEN, leaf % window)) == warnings
    assert _warnings(varied(_WHEN, _DAYS)) == []
    far_sky = "{metric: condition, in: rain, over: {from: 0, to: 300h, take: any}}"
    assert _warnings(varied(_WHEN, far_sky)) == []


_LOOKING_BACK = [
    "{metric: temperature, rises_by: 5, within: 3 h, unit: C}",
    "{metric: rain, above: 1, unit: mm, over: {from: -6h, to: 6h, take: sum}}",
    "{all: [{metric: rain, above: 1, unit: mm, over: {days: [-1, 0], each_day: sum, take: sum}}]}",
]


@pytest.mark.parametrize("when", _LOOKING_BACK)
def test_looking_back_needs_a_look_every_hour(when: str) -> None:
    """Semantics 9: a rule that looks back and is checked rarely is told what to do about it."""
    rare = varied(_WHEN, when).replace("30 min", "2 h")
    (warning,) = _warnings(rare)
    assert warning == (
        "line 5, rules[0].every: is longer than 1 h, and the condition looks back: the past is known only where the "
        "place is looked at every hour; write 1 h or less, here or in another rule of this place"
    )
    assert _warnings(rare.replace("2 h", "1 h")) == []
    assert _warnings(rare.replace("2 h", "1 h\n    enabled: false")) == []


def test_another_rule_may_look_every_hour() -> None:
    """Semantics 9: readings belong to the place; a rule that is off does not look."""
    rare = varied(_WHEN, _LOOKING_BACK[0]).replace("30 min", "2 h")
    other = VALID.partition("rules:\n")[2].replace("id: rain", "id: other").replace("23847", "5")
    assert _warnings(rare + other) == []
    assert len(_warnings(rare + other.replace("30 min", "30 min\n    enabled: false"))) == 1
    assert len(_warnings(rare + other.replace("40.69", "41.69"))) == 1


@pytest.mark.parametrize(
    "when",
    [
        "{metric: temperature, above: 5, unit: C, over: {days: [1, 2], each_day: max, take: all}}",
        "{metric: temperature, above: 5, unit: C, over: {from: 0, to: 3h, take: all}}",
        _WHEN,
    ],
)
def test_looking_ahead_needs_no_look_every_hour(when: str) -> None:
    """Semantics 9: neither the present nor the future needs stored readings."""
    assert _warnings(varied(_WHEN, when).replace("30 min", "24 h")) == []


def test_today_is_partly_over() -> None:
    """Semantics 9: a rule that looks at today and is checked rarely is told that today may stay unknown."""
    today = "{metric: temperature, above: 5, unit: C, over: {days: [0, 2], each_day: max, take: all}}"
    rare = varied(_WHEN, today).replace("30 min", "24 h")
    (warning,) = _warnings(rare)
    assert warning == (
        "line 5, rules[0].every: is longer than 1 h, and the condition looks at today: what of it is over is surely "
        "known only where the place is looked at every hour; write 1 h or less, here or in another rule of this place"
    )
    assert _warnings(rare.replace("24 h", "1 h")) == []


def test_warnings_come_in_the_order_of_the_file() -> None:
    """Warnings of several rules, by line."""
    rain = "{metric: rain, above: 1, unit: mm, over: {from: -6h, to: 130h, take: sum}}"
    text = varied(_WHEN, rain).replace("30 min", "2 h")
    found = _warnings(text + text.partition("rules:\n")[2].replace("id: rain", "id: other").replace("23847", "5"))
    assert [warning.split(",")[0] for warning in found] == ["line 5", "line 6", "line 13", "line 14"]
    assert load(VALID).warnings == ()
