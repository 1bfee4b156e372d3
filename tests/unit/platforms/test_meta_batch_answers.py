"""What the entries of Meta's batch answers mean."""

import json
from typing import Any

import pytest

from weathertrigger.domain.change import Carrier
from weathertrigger.domain.rule import FieldName
from weathertrigger.errors import NotFound, RateLimited, Rejected, ServiceError, Transient
from weathertrigger.http.client import Origin
from weathertrigger.platforms.meta_ads.writes import batch_form, results_of
from weathertrigger.platforms.port import Write

ORIGIN = Origin("meta_ads", "meta-acme")
PAUSE = Write(Carrier("ad_set/23847", FieldName.STATUS), "paused")
RAISE = Write(Carrier("campaign/111", FieldName.DAILY_BUDGET), "7500")


def entry(code: int, body: object) -> Any:  # Any: JSON
    return {"code": code, "headers": [{"name": "Content-Type", "value": "text/javascript"}], "body": json.dumps(body)}


GOOD = entry(200, {"success": True})


def refused(code: int, **more: object) -> Any:  # Any: JSON
    return entry(400, {"error": {"message": "No.", "code": code, "fbtrace_id": "T", **more}})


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (GOOD, None),
        (None, Transient),
        (entry(200, {"success": False}), Transient),
        (entry(200, {"error": {"message": "No.", "code": 100}}), Rejected),
        (entry(200, {"success": True, "error": {"code": 100}}), Rejected),
        (entry(500, {"success": True}), Transient),
        (refused(100), Rejected),
        (refused(100, error_subcode=33), NotFound),
        (refused(613, error_subcode=1487632), RateLimited),
        (refused(2, is_transient=True), Transient),
        ({"code": 200, "body": "not json"}, Transient),
        ({"code": 200}, Transient),
        ({}, Transient),
        ("ok", Transient),
        (entry(200, {"id": "23847"}), Transient),
    ],
)
def test_each_entry_stands_for_its_own_write(answer: Any, kind: type[ServiceError] | None) -> None:  # Any: JSON
    """Only `success: true` under 200 is a success; an entry that says nothing leaves the outcome unknown."""
    results = results_of([answer, GOOD], [PAUSE, RAISE], ORIGIN)
    result = results[PAUSE.carrier]
    assert (None if result is None else type(result)) is kind
    assert results[RAISE.carrier] is None


@pytest.mark.parametrize("body", [[], [GOOD], [GOOD, GOOD, GOOD], {}, None, "ok"])
def test_an_answer_that_does_not_fit_leaves_everything_unknown(body: Any) -> None:  # Any: JSON
    """Entries are told apart by their order only, so the number has to be right."""
    with pytest.raises(Transient):
        results_of(body, [PAUSE, RAISE], ORIGIN)


def test_the_error_of_a_whole_batch_is_raised() -> None:
    """Even under HTTP 200."""
    with pytest.raises(RateLimited):
        results_of({"error": {"code": 80004, "message": "Too many calls."}}, [PAUSE], ORIGIN)


def test_a_batch_is_written_as_the_graph_reads_it() -> None:
    """One POST a write, values absolute and in Meta's own words."""
    assert json.loads(batch_form([PAUSE, RAISE], validate_only=False)["batch"]) == [
        {"method": "POST", "relative_url": "23847/", "body": "status=PAUSED"},
        {"method": "POST", "relative_url": "111/", "body": "daily_budget=7500"},
    ]


def test_a_trial_is_marked_in_every_call() -> None:
    """`validate_only` belongs to the inner calls."""
    (call,) = json.loads(batch_form([PAUSE], validate_only=True)["batch"])
    assert call["body"] == "status=PAUSED&execution_options=%5B%22validate_only%22%5D"


@pytest.mark.parametrize("value", ["ACTIVE", "", "12.5", "-1"])
def test_a_value_that_is_none_never_leaves(value: str) -> None:
    """A status is enabled or paused, a budget a whole number; the rest is a fault of ours."""
    for field in FieldName:
        with pytest.raises(ValueError, match="not"):
            batch_form([Write(Carrier("campaign/1", field), value)], validate_only=False)
