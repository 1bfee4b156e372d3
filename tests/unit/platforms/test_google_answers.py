"""What Google's answers to a mutate mean, and what is sent."""

from typing import Any

import pytest

from weathertrigger.domain.change import Carrier
from weathertrigger.domain.rule import FieldName, Status
from weathertrigger.errors import Conflict, NotFound, Rejected, ServiceError, Transient
from weathertrigger.http.client import Origin
from weathertrigger.platforms.google_ads.writes import mutate_body, results_of
from weathertrigger.platforms.port import Write

ORIGIN = Origin("google_ads", "google-acme")
WRITES = [
    Write(Carrier("campaign/111", FieldName.STATUS), Status.PAUSED),
    Write(Carrier("campaign_budget/444", FieldName.DAILY_BUDGET), "25000000"),
    Write(Carrier("ad_group/222", FieldName.STATUS), Status.ENABLED),
    Write(Carrier("ad/222~333", FieldName.STATUS), Status.PAUSED),
]
DONE = [{"campaignResult": {"resourceName": "customers/1/campaigns/111"}}, *({"x": {"resourceName": "y"}},) * 3]


def failed(*errors: tuple[int | None, str, str]) -> Any:  # Any: JSON
    """A partialFailureError: (index, family, code) each."""
    return {
        "code": 3,
        "message": "Multiple errors.",
        "details": [
            {
                "@type": "type.googleapis.com/google.ads.googleads.v26.errors.GoogleAdsFailure",
                "errors": [
                    {
                        "errorCode": {family: code},
                        "message": "Words.",
                        **({} if index is None else _at(index)),
                    }
                    for index, family, code in errors
                ],
            }
        ],
    }


def _at(index: int) -> dict[str, Any]:  # Any: JSON
    return {"location": {"fieldPathElements": [{"fieldName": "mutate_operations", "index": index}, {"fieldName": "x"}]}}


def outcomes(body: Any, *, validate_only: bool = False) -> list[type[ServiceError] | None]:  # Any: JSON
    results = results_of(body, WRITES, ORIGIN, validate_only=validate_only, request_id="R")
    return [None if (error := results[each.carrier]) is None else type(error) for each in WRITES]


def test_each_error_finds_its_operation() -> None:
    """By index; operations without an error succeeded."""
    failure = failed((0, "databaseError", "CONCURRENT_MODIFICATION"), (2, "mutateError", "RESOURCE_NOT_FOUND"))
    body = {"mutateOperationResponses": [{}, DONE[1], {}, DONE[3]], "partialFailureError": failure}
    assert outcomes(body) == [Conflict, None, NotFound, None]


def test_an_error_without_an_index_speaks_for_all_but_those_with_their_own() -> None:
    """Nothing is taken for done that Google has refused as a whole."""
    failure = failed((None, "requestError", "UNKNOWN"), (1, "mutateError", "RESOURCE_NOT_FOUND"))
    body = {"mutateOperationResponses": [{}] * 4, "partialFailureError": failure}
    assert outcomes(body) == [Rejected, NotFound, Rejected, Rejected]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"mutateOperationResponses": []},
        {"mutateOperationResponses": [{}] * 4},
        {"mutateOperationResponses": DONE, "partialFailureError": {"code": 3, "message": "No details."}},
        {"mutateOperationResponses": "all done"},
        [],
        None,
    ],
)
def test_an_operation_that_nobody_speaks_of_is_unknown(body: Any) -> None:  # Any: JSON
    """Neither a result nor an error: read back before anything else (semantics 26)."""
    assert outcomes(body) == [Transient] * 4


PAUSED, BID = Carrier("ad_group/222", FieldName.STATUS), Carrier("ad_group/222", FieldName.BID)


def both(path: list[dict[str, Any]]) -> list[type[ServiceError] | None]:  # Any: JSON
    """What becomes of status and bid of one ad group, in one operation, when an error has this path."""
    told = {"errorCode": {"biddingError": "BID_TOO_BIG"}, "message": "W", "location": {"fieldPathElements": path}}
    body: Any = {"mutateOperationResponses": [{}], "partialFailureError": {"details": [{"errors": [told]}]}}  # idem
    writes = [Write(PAUSED, Status.PAUSED), Write(BID, "1500000")]
    results = results_of(body, writes, ORIGIN, validate_only=False, request_id="R")
    return [None if (error := results[each]) is None else type(error) for each in (PAUSED, BID)]


def test_a_refused_bid_does_not_refuse_the_pause_beside_it() -> None:
    """Semantics 24: the operation was not done as a whole, but only what the error names is refused for good; the pause
    may go again by itself."""
    at, within = {"fieldName": "mutate_operations", "index": 0}, {"fieldName": "ad_group_operation"}
    update = {"fieldName": "update"}
    assert both([at, within, update, {"fieldName": "cpc_bid_micros"}]) == [Conflict, Rejected]
    assert both([at, within, update, {"fieldName": "status"}]) == [Rejected, Conflict]
    assert both([at, within, update]) == [Rejected, Rejected]
    assert both([at]) == [Rejected, Rejected]


def test_the_index_is_found_wherever_it_stands() -> None:
    """Deeper in the path too; the index of a list that is no list of operations is none."""
    outer = {"fieldName": "request"}
    assert both([outer, {"fieldName": "mutate_operations", "index": 0}]) == [Rejected, Rejected]
    assert both([outer, {"fieldName": "mutate_operations", "index": 5}]) == [Transient, Transient]
    assert both([{"fieldName": "headlines", "index": 5}]) == [Rejected, Rejected]


def test_a_trial_succeeds_with_an_empty_answer() -> None:
    """`validateOnly` gives no results, only errors."""
    assert outcomes({}, validate_only=True) == [None] * 4
    failure = {"partialFailureError": failed((3, "mutateError", "RESOURCE_NOT_FOUND"))}
    assert outcomes(failure, validate_only=True) == [None, None, None, NotFound]
    assert outcomes([], validate_only=True) == [Transient] * 4


def test_a_mutate_is_written_as_google_reads_it() -> None:
    """Camel case, int64 as text, a mask with exactly the field that changes, partial failure on."""
    assert mutate_body("1234567890", WRITES, validate_only=False) == {
        "mutateOperations": [
            {
                "campaignOperation": {
                    "updateMask": "status",
                    "update": {"resourceName": "customers/1234567890/campaigns/111", "status": "PAUSED"},
                }
            },
            {
                "campaignBudgetOperation": {
                    "updateMask": "amountMicros",
                    "update": {"resourceName": "customers/1234567890/campaignBudgets/444", "amountMicros": "25000000"},
                }
            },
            {
                "adGroupOperation": {
                    "updateMask": "status",
                    "update": {"resourceName": "customers/1234567890/adGroups/222", "status": "ENABLED"},
                }
            },
            {
                "adGroupAdOperation": {
                    "updateMask": "status",
                    "update": {"resourceName": "customers/1234567890/adGroupAds/222~333", "status": "PAUSED"},
                }
            },
        ],
        "partialFailure": True,
        "validateOnly": False,
    }
