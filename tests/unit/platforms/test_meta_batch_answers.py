"""What the entries of Meta's batch answers mean."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from weathertrigger.domain.change import Carrier
from weathertrigger.domain.rule import FieldName
from weathertrigger.errors import LimitScope, NotFound, RateLimited, Rejected, ServiceError, Transient
from weathertrigger.http.client import Origin
from weathertrigger.platforms.meta_ads.batch import entries_of, form_of
from weathertrigger.platforms.meta_ads.capabilities import PARAMETERS
from weathertrigger.platforms.meta_ads.writes import calls_of, never_to_be_sent, results_of
from weathertrigger.platforms.port import Write
from weathertrigger.platforms.usage import Usage

ORIGIN = Origin("meta_ads", "meta-acme")
PAUSE = Write(Carrier("ad_set/23847", FieldName.STATUS), "paused")
RAISE = Write(Carrier("campaign/111", FieldName.DAILY_BUDGET), "7500")


def entry(code: int, body: object) -> Any:  # Any: JSON
    return {"code": code, "headers": [{"name": "Content-Type", "value": "text/javascript"}], "body": json.dumps(body)}


GOOD = entry(200, {"success": True})


def results(answer: Any) -> Mapping[Carrier, ServiceError | None]:  # Any: JSON
    """What the answer says of the two writes."""
    return results_of(entries_of(answer, 2, ORIGIN), [PAUSE, RAISE], ORIGIN)


def sent(*writes: Write, validate_only: bool = False) -> Any:  # Any: JSON
    return json.loads(form_of(calls_of(writes, validate_only=validate_only))["batch"])


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
    told = results([answer, GOOD])
    result = told[PAUSE.carrier]
    assert (None if result is None else type(result)) is kind
    assert told[RAISE.carrier] is None


@pytest.mark.parametrize("body", [[], [GOOD], [GOOD, GOOD, GOOD], {}, None, "ok"])
def test_an_answer_that_does_not_fit_leaves_everything_unknown(body: Any) -> None:  # Any: JSON
    """Entries are told apart by their order only, so the number has to be right."""
    with pytest.raises(Transient):
        results(body)


def test_a_batch_is_written_as_the_graph_reads_it() -> None:
    """One POST a write, values absolute and in Meta's own words."""
    assert sent(PAUSE, RAISE) == [
        {"method": "POST", "relative_url": "23847/", "body": "status=PAUSED"},
        {"method": "POST", "relative_url": "111/", "body": "daily_budget=7500"},
    ]


def test_a_trial_is_marked_in_every_call() -> None:
    """`validate_only` belongs to the inner calls."""
    (call,) = sent(PAUSE, validate_only=True)
    assert call["body"] == "status=PAUSED&execution_options=%5B%22validate_only%22%5D"


@pytest.mark.parametrize("value", ["ACTIVE", "", "12.5", "-1"])
def test_a_value_that_is_none_never_leaves(value: str) -> None:
    """A status is enabled or paused, a budget a whole number; the rest is a fault of ours."""
    for field in PARAMETERS:
        with pytest.raises(ValueError, match="not"):
            sent(Write(Carrier("campaign/1", field), value))


def test_the_lasting_block_of_one_ad_set_is_its_own() -> None:
    """613/1487632: an hour for that field, while its neighbour in the batch is changed (semantics 24)."""
    told = results([refused(613, error_subcode=1487632), GOOD])
    limited = told[PAUSE.carrier]
    assert isinstance(limited, RateLimited)
    assert (limited.scope, limited.retry_after) == (LimitScope.ENTITY, timedelta(hours=1))
    assert told[RAISE.carrier] is None


def test_a_limit_waits_as_long_as_the_entrys_own_headers_say() -> None:
    """The usage headers of the entry, in minutes; those of the whole answer count too."""
    minutes = '{"1001":[{"type":"ads_management","estimated_time_to_regain_access":7}]}'
    entry: Any = {**refused(80004), "headers": [{"name": "X-Business-Use-Case-Usage", "value": minutes}]}  # Any: JSON
    limited, _ = entries_of([entry, GOOD], 2, ORIGIN, Usage(96.0))
    assert limited.usage == Usage(100.0, timedelta(minutes=7))
    told = limited.failure(ORIGIN)
    assert isinstance(told, RateLimited)
    assert told.retry_after == timedelta(minutes=7)


def test_nothing_of_a_budget_is_never_sent() -> None:
    """An amount that rounds to 0 is refused here, and its neighbours are not."""
    nothing = Write(Carrier("ad_set/1", FieldName.BID), "0")
    assert never_to_be_sent([PAUSE, RAISE], ORIGIN) == {}
    assert isinstance(never_to_be_sent([PAUSE, nothing], ORIGIN)[nothing.carrier], Rejected)
