"""Meta's headers of usage: read strictly, and never a reason to fail."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.test_strict_json import json_values
from weathertrigger.platforms.meta_ads.usage import ACCOUNT, APP, USE_CASE, header_texts, usage_of
from weathertrigger.platforms.usage import Usage


def use_case(regain: object = 0, **shares: object) -> dict[str, object]:
    return {"type": "ads_management", "estimated_time_to_regain_access": regain, **shares}


@pytest.mark.parametrize(
    ("headers", "usage"),
    [
        ({}, None),
        ({APP: {"call_count": 28, "total_time": 25, "total_cputime": 25}}, Usage(28)),
        ({APP: {"call_count": 3, "total_time": 91, "total_cputime": 25}}, Usage(91)),
        ({APP: {"call_count": 100, "total_time": 0, "total_cputime": 0}}, Usage(100)),
        ({ACCOUNT: {"acc_id_util_pct": 9.67, "reset_time_duration": 100}}, Usage(9.67)),
        ({ACCOUNT: {"acc_id_util_pct": 99.9, "reset_time_duration": 100}}, Usage(99.9)),
        ({ACCOUNT: {"acc_id_util_pct": 100, "reset_time_duration": 100}}, Usage(100, timedelta(seconds=100))),
        ({USE_CASE: {"1": [use_case(call_count=95, total_time=20)]}}, Usage(95)),
        ({USE_CASE: {"1": [use_case(7, call_count=100)]}}, Usage(100, timedelta(minutes=7))),
        ({USE_CASE: {"1": [use_case(7, call_count=95)]}}, Usage(95, timedelta(minutes=7))),
        (
            {USE_CASE: {"1": [use_case(call_count=1), use_case(total_cputime=88)], "2": [use_case(call_count=30)]}},
            Usage(88),
        ),
        (
            {USE_CASE: {"1": [use_case(7, call_count=100)], "2": [use_case(19, call_count=100), use_case()]}},
            Usage(100, timedelta(minutes=19)),
        ),
        (
            {APP: {"call_count": 28}, ACCOUNT: {"acc_id_util_pct": 81.5}, USE_CASE: {"1": [use_case(call_count=40)]}},
            Usage(81.5),
        ),
    ],
)
def test_the_highest_of_all_percentages_counts(headers: dict[str, object], usage: Usage | None) -> None:
    """Three headers; regain of a use case in minutes, reset of the account in seconds and only once it is full."""
    assert usage_of({name: json.dumps(value) for name, value in headers.items()}) == usage


@pytest.mark.parametrize(
    "told",
    [
        "",
        "{",
        "null",
        "[]",
        "28",
        '{"call_count": "many"}',
        '{"call_count": true}',
        '{"call_count": -1}',
        '{"call_count": NaN}',
        '{"call_count": 1e999}',
        '{"acc_id_util_pct": null, "reset_time_duration": 100}',
        '{"1": {"call_count": 95}}',
        '{"1": [95]}',
        "[" * 10_000,
    ],
)
def test_what_cannot_be_read_is_passed_over(told: str) -> None:
    """And does not hide what another header says."""
    for name in (APP, ACCOUNT, USE_CASE):
        assert usage_of({name: told}) is None
        other = ACCOUNT if name == APP else APP
        good = {APP: '{"call_count": 12}', ACCOUNT: '{"acc_id_util_pct": 12}'}[other]
        assert usage_of({name: told, other: good}) == Usage(12)


def test_an_absurd_wait_is_at_most_a_day() -> None:
    """A header must not stop an account for years."""
    told = json.dumps({"1": [use_case(10**18, call_count=100)]})
    assert usage_of({USE_CASE: told}) == Usage(100, timedelta(days=1))


@given(st.dictionaries(st.sampled_from([APP, ACCOUNT, USE_CASE]), json_values.map(json.dumps) | st.text()))
def test_no_header_breaks_anything(headers: dict[str, str]) -> None:
    """Any text at all."""
    usage = usage_of(headers)
    assert usage is None or (usage.percent >= 0 and (usage.regain_after is None or usage.regain_after > timedelta()))


def test_the_headers_of_an_entry_are_a_list() -> None:
    """Names in any case; what is none is left out."""
    listed = [{"name": "X-App-Usage", "value": "{}"}, {"name": "x"}, {"value": "y"}, 7, None, {"name": 1, "value": 2}]
    assert header_texts(listed) == {APP: "{}"}  # type: ignore[arg-type]  # a list of JSON is invariant in its items
    assert header_texts(None) == {}
