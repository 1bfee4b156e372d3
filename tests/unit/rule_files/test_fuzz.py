"""Whatever comes in, the answer is rules or faults."""

import json

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.rule_files.loading import VALID, load
from weathertrigger.domain.rule import Rule
from weathertrigger.errors import InvalidRules

_KEYS = """
    id name place every when targets priority mode enabled owner rules latitude longitude timezone metric above at_least
    below at_most unit if_missing in not_in is all any not account campaign ad_set ad_group ad set otherwise status
    daily_budget lifetime_budget bid bid_modifier location shared_budget allow to change min max rain condition is_day
    mm/h C enabled paused live baseline leave unknown _schema
    cases places quorum
    over from take days each_day hours sum mean rises_by falls_by within wind_direction mm
    release hold for keep_for active dates until except at on_no_data hold revert mon-fri sat sun
"""
_VALUES = [
    *("30 min", "60.00 EUR", "+20 %", "40.69,-74.17", "1e400", "Europe/Zurich", "+12 h", "-3h"),
    *("06:00", "11:00-01:00", "25:00-26:00", "2026-07-04", "2026-02-30", "24 h"),
]
KEYED = st.sampled_from([*_KEYS.split(), *_VALUES])
"""Words of the language."""

_WORDS = KEYED
DOCUMENTS = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), _WORDS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.one_of(st.text(), _WORDS), inner, max_size=6)
    ),
    max_leaves=25,
)


_RULE = {
    "id": "a",
    "place": "40.69,-74.17",
    "every": "24 h",
    "when": {"metric": "rain", "above": 0.5, "unit": "mm/h"},
    "targets": [{"account": "a", "ad_set": "1", "set": {"status": "enabled"}}],
}


def _answers(text: str | bytes) -> bool:
    """True if the text is rules or at least one printable fault; any other exception fails the test."""
    try:
        return all(isinstance(rule, Rule) for rule in load(text).rules)
    except InvalidRules as error:
        return bool(error.faults) and all(str(fault).isprintable() for fault in error.faults)


@given(st.dictionaries(_WORDS, DOCUMENTS, max_size=9))
def test_any_rule_is_answered(rule: dict[str, object]) -> None:
    """A document of the language's own words in any arrangement never raises anything else."""
    assert _answers(json.dumps({"owner": "a", "rules": [rule]}))


@given(DOCUMENTS)
def test_any_condition_is_answered(document: object) -> None:
    """A condition may be any JSON."""
    when = json.dumps(document)
    assert _answers(VALID.replace("{metric: rain, above: 0.5, unit: mm/h}", when))


_WINDOW_KEYS = st.sampled_from(["from", "to", "days", "each_day", "take", "at_least"])
_WINDOW_VALUES = st.one_of(
    _WORDS, st.integers(-500, 500), st.lists(st.integers(-20, 20), min_size=2, max_size=2), DOCUMENTS
)


@given(
    st.sampled_from(["rain", "temperature", "wind_direction", "condition", "is_day", "uv_index"]),
    st.dictionaries(_WINDOW_KEYS, _WINDOW_VALUES) | DOCUMENTS,
    st.dictionaries(st.sampled_from(["above", "unit", "in", "is", "rises_by", "within"]), _WORDS | st.integers(-1, 99)),
)
def test_any_window_is_answered(metric: str, over: object, leaf: dict[str, object]) -> None:
    """A window of the language's own words in any arrangement, on every kind of leaf."""
    when = json.dumps({"metric": metric, "over": over, **leaf})
    assert _answers(VALID.replace("{metric: rain, above: 0.5, unit: mm/h}", when))


_TIME_KEYS = st.sampled_from(["active", "dates", "hold", "at", "on_no_data", "every", "catch_up"])
_TIME_WORDS = """
    06:00-10:00 22:00-02:00 00:00-24:00 24:00-06:00 6-10 06:00 24:00 mon-fri sat-mon mondays
    2026-03-01 2026-13-01 1999-01-01 0min 60min 200h -5min 24h hold revert
"""
_TIMES = st.sampled_from(_TIME_WORDS.split())
_PARTS = st.dictionaries(
    st.sampled_from(["days", "hours", "from", "until", "except", "for", "keep_for"]),
    _TIMES | st.lists(_TIMES, max_size=3) | DOCUMENTS,
)


@given(st.dictionaries(_TIME_KEYS, _TIMES | _PARTS | st.lists(_PARTS, max_size=3)))
def test_any_times_are_answered(times: dict[str, object]) -> None:
    """Hours, dates and holds of the language's own words in any arrangement."""
    assert _answers(json.dumps({"owner": "a", "rules": [{**_RULE, **times}]}))


@given(DOCUMENTS)
def test_any_target_is_answered(document: object) -> None:
    """A target may be any JSON."""
    assert _answers(f"{VALID}      - {json.dumps(document)}\n")


_CASE_KEYS = st.sampled_from(["when", "set", "name"])
_GOOD_CASE = {"when": {"metric": "is_day", "is": True}, "set": {"status": "enabled"}}


@given(st.lists(st.dictionaries(_CASE_KEYS, DOCUMENTS) | st.just(_GOOD_CASE), max_size=3) | DOCUMENTS)
def test_any_cases_are_answered(cases: object) -> None:
    """Cases may be any JSON, beside good ones and alone."""
    rule = {"id": "a", "place": "1,1", "every": "1 h", "targets": [{"account": "a", "ad": "1"}], "cases": cases}
    assert _answers(json.dumps({"owner": "a", "rules": [rule]}))


@given(
    st.dictionaries(st.text() | _WORDS, st.sampled_from(["1,1", "2,2"]) | DOCUMENTS) | DOCUMENTS,
    DOCUMENTS | st.just(1),
)
def test_any_places_are_answered(places: object, quorum: object) -> None:
    """Places and a quorum may be any JSON, whatever the places are called."""
    written = f"places: {json.dumps(places)}\n    quorum: {json.dumps(quorum)}"
    assert _answers(VALID.replace('place: "40.69,-74.17"', written))


@given(DOCUMENTS)
def test_any_document_is_answered(document: object) -> None:
    """A whole file may be any JSON."""
    assert _answers(json.dumps(document))


@given(st.one_of(st.binary(max_size=300), st.text(max_size=300)))
def test_any_bytes_are_answered(text: str | bytes) -> None:
    """Binary garbage and any text are answered."""
    assert _answers(text)


a_slip = st.builds(
    lambda where, typed: VALID[:where] + typed + VALID[where + len(typed) :],
    st.integers(0, len(VALID) - 1),
    st.text(max_size=3),
)
"""A valid file with a few characters typed over it."""


@given(a_slip)
def test_a_slip_of_the_keyboard_is_answered(text: str) -> None:
    """It is still rules, or named faults."""
    assert _answers(text)
