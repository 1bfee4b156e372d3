"""Whatever JSON a vendor sends, the adapters give a value or an error of the closed set, never another exception."""

import copy
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.test_strict_json import json_values
from weathertrigger.domain.change import Carrier, Wanted
from weathertrigger.domain.rule import FieldName, Level, Status
from weathertrigger.errors import ServiceError
from weathertrigger.http.client import HttpAnswer, Origin
from weathertrigger.platforms.google_ads import errors as google_errors
from weathertrigger.platforms.google_ads import reads as google_reads
from weathertrigger.platforms.google_ads import writes as google_writes
from weathertrigger.platforms.meta_ads import batch as meta_batch
from weathertrigger.platforms.meta_ads import errors as meta_errors
from weathertrigger.platforms.meta_ads import reads as meta_reads
from weathertrigger.platforms.meta_ads import writes as meta_writes
from weathertrigger.platforms.meta_ads.money import MetaMoney
from weathertrigger.platforms.port import AdAccount, Observed, Write

ORIGIN = Origin("any")
META = AdAccount("meta-acme", "act_1001", "USD")
STATUS, BUDGET = FieldName.STATUS, FieldName.DAILY_BUDGET

AD_SET = {"5": {"account_id": "1001", "campaign_id": "9", "status": "ACTIVE", "daily_budget": "5000", "id": "5"}}
ROW = {
    "campaign": {"id": "5", "status": "ENABLED"},
    "campaignBudget": {"id": "6", "amountMicros": "50000000", "referenceCount": "1", "explicitlyShared": False},
    "adGroup": {"id": "7", "status": "PAUSED", "cpcBidMicros": "1500000"},
    "campaignCriterion": {"resourceName": "x/5~8", "type": "LOCATION", "negative": False, "bidModifier": 1.25},
}
ERROR = {
    "error": {
        "code": 100,
        "error_subcode": 33,
        "message": "No.",
        "is_transient": False,
        "fbtrace_id": "T",
        "details": [
            {
                "errors": [
                    {
                        "errorCode": {"quotaError": "RESOURCE_EXHAUSTED"},
                        "message": "No.",
                        "details": {
                            "quotaErrorDetails": {"retryDelay": "30s", "rateScope": "ACCOUNT"},
                            "budgetPerDayMinimumErrorDetails": {
                                "currencyCode": "USD",
                                "budgetPerDayMinimumMicros": "1000000",
                                "failedBudgetAmountMicros": "500000",
                            },
                        },
                        "location": {"fieldPathElements": [{"fieldName": "mutate_operations", "index": 0}]},
                    }
                ],
                "requestId": "R",
            }
        ],
    }
}
ENTRY = {"code": 200, "headers": [], "body": '{"success":true}'}


def bent(
    sample: Any, by: st.SearchStrategy[Any] = json_values
) -> st.SearchStrategy[Any]:  # Any: JSON of any shape, which is the point
    """The sample with any one of its parts replaced by any JSON (or by some kinds of it), or such JSON at all."""
    paths = list(_paths(sample))
    return by | st.builds(_replaced, st.just(sample), st.sampled_from(paths), by)


def _paths(value: Any, so_far: tuple[Any, ...] = ()) -> Any:  # Any: as above
    yield so_far
    if isinstance(value, dict | list):
        for step in value if isinstance(value, dict) else range(len(value)):
            yield from _paths(value[step], (*so_far, step))


def _replaced(sample: Any, path: tuple[Any, ...], by: Any) -> Any:  # Any: as above
    if not path:
        return by
    changed = copy.deepcopy(sample)
    inner = changed
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = by
    return changed


@given(bent(AD_SET), st.sampled_from(["campaign/5", "ad_set/5", "ad/5"]), st.sampled_from(FieldName))
def test_any_node_is_a_value_or_an_error(body: Any, resource: str, field: FieldName) -> None:  # Any: as above
    """Meta, reading."""
    node = meta_reads.node_of(body, resource, META, ORIGIN)
    if not isinstance(node, ServiceError):
        observed = meta_reads.observe(node, Carrier(resource, field), ORIGIN)
        assert isinstance(observed, Observed | ServiceError)
        assert not isinstance(observed, Observed) or _is_a_value(observed.value)


def _is_a_value(value: str) -> bool:
    return value in set(Status) or MetaMoney().decode(value, "USD").amount > 0


@given(bent([ENTRY]))
def test_any_batch_answer_is_understood(body: Any) -> None:  # Any: as above
    """Meta, writing."""
    try:
        entries = meta_batch.entries_of(body, 1, ORIGIN)
        results = meta_writes.results_of(entries, [Write(Carrier("ad/1", STATUS), "paused")], ORIGIN)
    except ServiceError:
        return
    assert all(each is None or isinstance(each, ServiceError) for each in results.values())


@given(bent(ERROR), st.integers(100, 599))
def test_any_error_body_is_an_error(body: Any, status: int) -> None:  # Any: as above
    """Both platforms, and Google's token server."""
    answer = HttpAnswer(status, {}, json.dumps(body).encode())
    assert isinstance(meta_errors.failure(status, body, ORIGIN), ServiceError)
    assert isinstance(google_errors.failure(answer, body, ORIGIN), ServiceError)
    assert isinstance(google_errors.failure(answer, [body], ORIGIN), ServiceError)
    assert isinstance(google_errors.oauth_failure(answer, ORIGIN), ServiceError)


@given(bent({"results": [ROW]}), st.sampled_from(["campaign", "campaign_budget", "ad_group", "ad", "location"]))
def test_any_rows_are_values_or_errors(body: Any, kind: str) -> None:  # Any: as above
    """Google, reading and resolving."""
    try:
        rows = google_reads.rows_by_resource(body, kind, ORIGIN)
    except ServiceError:
        return
    for row in rows.values():
        for field in FieldName:
            observed = google_reads.observe(row, Carrier(f"{kind}/5", field), ORIGIN)
            assert isinstance(observed, Observed | ServiceError)
            assert not isinstance(observed, Observed) or observed.value in set(Status) or float(observed.value) > 0
            for level in (Level.CAMPAIGN, Level.AD_GROUP, Level.AD, Level.LOCATION):
                resolved = google_reads.resolve(row, Wanted(level, "5", field), ORIGIN)
                assert isinstance(resolved, ServiceError) or isinstance(resolved[0], Carrier)


@given(
    bent({"mutateOperationResponses": [{"campaignResult": {}}], "partialFailureError": ERROR["error"]}), st.booleans()
)
def test_any_mutate_answer_is_understood(body: Any, trial: bool) -> None:
    """Google, writing."""
    write = Write(Carrier("campaign/1", STATUS), "paused")
    results = google_writes.results_of(body, [write], ORIGIN, validate_only=trial, request_id=None)
    assert all(each is None or isinstance(each, ServiceError) for each in results.values())
