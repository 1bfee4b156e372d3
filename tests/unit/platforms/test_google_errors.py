"""What Google's errors mean."""

from datetime import timedelta
from typing import Any

import pytest

from weathertrigger.errors import (
    Conflict,
    LimitScope,
    NotFound,
    QuotaExhausted,
    RateLimited,
    Rejected,
    ServiceError,
    Transient,
    Unauthorised,
)
from weathertrigger.http.client import HttpAnswer, Origin
from weathertrigger.platforms.google_ads.errors import failure, oauth_failure

ORIGIN = Origin("google_ads", "google-acme", ("1//refresh-secret",))


def told(family: str, code: str, **more: object) -> Any:  # Any: JSON
    """An error envelope with a GoogleAdsFailure."""
    return {
        "error": {
            "code": 400,
            "message": "Request contains an invalid argument.",
            "status": "INVALID_ARGUMENT",
            "details": [
                {
                    "@type": "type.googleapis.com/google.ads.googleads.v26.errors.GoogleAdsFailure",
                    "errors": [{"errorCode": {family: code}, "message": "Words.", **more}],
                    "requestId": "8x7abc",
                }
            ],
        }
    }


def delayed(delay: object, scope: object = "ACCOUNT") -> dict[str, Any]:  # Any: JSON
    return {"details": {"quotaErrorDetails": {"rateScope": scope, "retryDelay": delay}}}


@pytest.mark.parametrize(
    ("status", "family", "code", "kind"),
    [
        (400, "requestError", "RESOURCE_NAME_MALFORMED", Rejected),
        (400, "fieldMaskError", "FIELD_MASK_MISSING", Rejected),
        (400, "fieldError", "REQUIRED", Rejected),
        (400, "campaignBudgetError", "NON_MULTIPLE_OF_MINIMUM_CURRENCY_UNIT", Rejected),
        (400, "campaignBudgetError", "BUDGET_BELOW_PER_DAY_MINIMUM", Rejected),
        (400, "rangeError", "TOO_LOW", Rejected),
        (400, "contextError", "OPERATION_NOT_PERMITTED_FOR_REMOVED_RESOURCE", Rejected),
        (400, "mutateError", "ID_EXISTS_IN_MULTIPLE_MUTATES", Rejected),
        (400, "mutateError", "RESOURCE_NOT_FOUND", NotFound),
        (400, "requestError", "RESOURCE_NOT_FOUND", NotFound),
        (400, "campaignBudgetError", "CAMPAIGN_BUDGET_REMOVED", NotFound),
        (400, "requestError", "TOO_MANY_MUTATE_OPERATIONS", Rejected),
        (400, "requestError", "PAGE_SIZE_NOT_SUPPORTED", Rejected),
        (400, "queryError", "UNRECOGNIZED_FIELD", Rejected),
        (400, "criterionError", "CANNOT_BID_MODIFY_CRITERION_TYPE", Rejected),
        (400, "requestError", "LOGIN_CUSTOMER_ID_PARAMETER_MISSING", Unauthorised),
        (400, "headerError", "INVALID_LOGIN_CUSTOMER_ID", Unauthorised),
        (400, "databaseError", "CONCURRENT_MODIFICATION", Conflict),
        (409, "databaseError", "CONCURRENT_MODIFICATION", Conflict),
        (401, "authenticationError", "OAUTH_TOKEN_EXPIRED", Unauthorised),
        (401, "authenticationError", "OAUTH_TOKEN_INVALID", Unauthorised),
        (401, "authenticationError", "OAUTH_TOKEN_REVOKED", Unauthorised),
        (401, "authenticationError", "OAUTH_TOKEN_DISABLED", Unauthorised),
        (401, "authenticationError", "CUSTOMER_NOT_FOUND", Unauthorised),
        (401, "authenticationError", "NOT_ADS_USER", Unauthorised),
        (401, "authenticationError", "TWO_STEP_VERIFICATION_NOT_ENROLLED", Unauthorised),
        (403, "authorizationError", "USER_PERMISSION_DENIED", Unauthorised),
        (403, "authorizationError", "CUSTOMER_NOT_ENABLED", Unauthorised),
        (403, "authorizationError", "CLOUD_PROJECT_NOT_APPROVED_FOR_PRODUCTION", Unauthorised),
        (403, "authorizationError", "INVALID_LOGIN_CUSTOMER_ID_SERVING_CUSTOMER_ID_COMBINATION", Unauthorised),
        (403, "authorizationError", "ACTION_NOT_PERMITTED_FOR_SUSPENDED_ACCOUNT", Unauthorised),
        (403, "quotaError", "ACCESS_PROHIBITED", Unauthorised),
        (404, "requestError", "UNSUPPORTED_VERSION", Rejected),
        (429, "quotaError", "RESOURCE_TEMPORARILY_EXHAUSTED", RateLimited),
        (429, "quotaError", "RESOURCE_EXHAUSTED", QuotaExhausted),
        (429, "quotaError", "EXCESSIVE_SHORT_TERM_QUERY_RESOURCE_CONSUMPTION", RateLimited),
        (429, "quotaError", "EXCESSIVE_LONG_TERM_QUERY_RESOURCE_CONSUMPTION", QuotaExhausted),
        (429, "quotaError", "PAYMENTS_PROFILE_ACTIVATION_RATE_LIMIT_EXCEEDED", RateLimited),
        (500, "internalError", "INTERNAL_ERROR", Transient),
        (503, "internalError", "TRANSIENT_ERROR", Transient),
        (504, "internalError", "DEADLINE_EXCEEDED", Transient),
    ],
)
def test_the_code_inside_decides(status: int, family: str, code: str, kind: type[ServiceError]) -> None:
    """Every code of the reference, before the HTTP status is looked at."""
    error = failure(HttpAnswer(status, {}, b""), told(family, code), ORIGIN)
    assert type(error) is kind
    assert (error.service, error.account, error.request_id) == ("google_ads", "google-acme", "8x7abc")
    assert str(error) == f"Google Ads: Words. ({family}.{code})"


def test_an_error_of_a_stream_comes_in_a_list() -> None:
    """`searchStream` answers `[{"error": ...}]`; it means the same."""
    body = told("databaseError", "CONCURRENT_MODIFICATION")
    error = failure(HttpAnswer(409, {}, b""), [body], ORIGIN)
    assert (type(error), error.request_id) == (Conflict, "8x7abc")


@pytest.mark.parametrize(
    ("said", "scope"),
    [
        ("ACCOUNT", LimitScope.ACCOUNT),
        ("DEVELOPER", LimitScope.SERVICE),
        ("UNKNOWN", LimitScope.ACCOUNT),
        (7, LimitScope.ACCOUNT),
        (None, LimitScope.ACCOUNT),
    ],
)
@pytest.mark.parametrize("delay", ["30s", None])
def test_a_limit_says_whose_calls_it_counts(said: object, scope: LimitScope, delay: str | None) -> None:
    """Those of the account, or all of ours (the cloud project, which the API still calls DEVELOPER)."""
    body = told("quotaError", "RESOURCE_EXHAUSTED", **delayed(delay, said))
    error = failure(HttpAnswer(429, {}, b""), body, ORIGIN)
    assert isinstance(error, RateLimited if delay else QuotaExhausted)
    assert error.scope is scope


@pytest.mark.parametrize(
    ("details", "ending"),
    [
        (
            {"currencyCode": "USD", "budgetPerDayMinimumMicros": "1000000", "failedBudgetAmountMicros": "500000"},
            "; the smallest daily budget is 1.00 USD, and 0.50 USD was sent",
        ),
        (
            {"currencyCode": "JPY", "budgetPerDayMinimumMicros": "1", "minimumBudgetAmountMicros": "100000000"},
            "; the smallest daily budget is 100 JPY",
        ),
        ({"currencyCode": "USD"}, ""),
        ({"currencyCode": "<b>", "budgetPerDayMinimumMicros": "1000000"}, ""),
        ([], ""),
    ],
)
def test_a_budget_that_is_too_small_says_what_is_not(details: object, ending: str) -> None:
    """The amounts that Google names, as people write them."""
    body = told(
        "campaignBudgetError", "BUDGET_BELOW_PER_DAY_MINIMUM", details={"budgetPerDayMinimumErrorDetails": details}
    )
    error = failure(HttpAnswer(400, {}, b""), body, ORIGIN)
    assert type(error) is Rejected
    assert str(error) == f"Google Ads: Words. (campaignBudgetError.BUDGET_BELOW_PER_DAY_MINIMUM){ending}"


def test_a_refusal_needs_a_reason() -> None:
    """A code of the future is a refusal, but not under a 5xx, and an entry without a code is none."""
    assert type(failure(HttpAnswer(400, {}, b""), told("newError", "NEW"), ORIGIN)) is Rejected
    assert type(failure(HttpAnswer(503, {}, b""), told("newError", "NEW"), ORIGIN)) is Transient
    without: Any = {"error": {"details": [{"errors": [{"message": "Words."}]}]}}  # Any: JSON
    assert type(failure(HttpAnswer(400, {}, b""), without, ORIGIN)) is Transient


@pytest.mark.parametrize(
    ("delay", "seconds"), [("30s", 30), ("0.5s", 1), ("1.000000001s", 2), ("s", None), (30, None), ("-1s", None)]
)
def test_a_delay_makes_a_quota_a_limit(delay: object, seconds: int | None) -> None:
    """RESOURCE_EXHAUSTED with a retryDelay is a bucket; without one it is the day's operations."""
    error = failure(HttpAnswer(429, {}, b""), told("quotaError", "RESOURCE_EXHAUSTED", **delayed(delay)), ORIGIN)
    if seconds is None:
        assert isinstance(error, QuotaExhausted)
    else:
        assert isinstance(error, RateLimited)
        assert error.retry_after == timedelta(seconds=seconds)


def test_a_short_bucket_without_a_delay_is_a_limit_without_a_hint() -> None:
    """The wait is then ours to choose."""
    error = failure(HttpAnswer(429, {}, b""), told("quotaError", "RESOURCE_TEMPORARILY_EXHAUSTED"), ORIGIN)
    assert isinstance(error, RateLimited)
    assert error.retry_after is None


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Rejected),
        (401, Unauthorised),
        (403, Unauthorised),
        (404, Rejected),
        (408, Transient),
        (409, Conflict),
        (413, Rejected),
        (429, RateLimited),
        (500, Transient),
        (502, Transient),
        (503, Transient),
        (504, Transient),
    ],
)
def test_without_a_failure_inside_the_status_decides(status: int, kind: type[ServiceError]) -> None:
    """Bad JSON, a bad token or the gateway: Google's envelope, but nothing of Ads in it."""
    body: Any = {"error": {"code": status, "message": "Words.", "status": "UNKNOWN"}}  # Any: JSON
    error = failure(HttpAnswer(status, {"request-id": "abc"}, b""), body, ORIGIN)
    assert type(error) is kind
    assert error.request_id == "abc"


@pytest.mark.parametrize(
    ("status", "kind"), [(400, Transient), (404, Transient), (401, Unauthorised), (429, RateLimited)]
)
def test_a_page_that_is_not_googles_says_nothing_of_the_request(status: int, kind: type[ServiceError]) -> None:
    """A proxy's 404 must not end a change for good."""
    assert type(failure(HttpAnswer(status, {}, b"<html>"), None, ORIGIN)) is kind


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, b'{"error":"invalid_grant","error_description":"Token has been expired or revoked."}', Unauthorised),
        (401, b'{"error":"invalid_client"}', Unauthorised),
        (401, b'{"error":"unauthorized_client"}', Unauthorised),
        (400, b'{"error":"invalid_request"}', Unauthorised),
        (400, b"<html>", Transient),
        (429, b"", RateLimited),
        (500, b'{"error":"internal_failure"}', Transient),
        (503, b"", Transient),
    ],
)
def test_the_token_servers_errors(status: int, body: bytes, kind: type[ServiceError]) -> None:
    """A grant that was revoked stops the account; a hiccup does not."""
    assert type(oauth_failure(HttpAnswer(status, {}, body), ORIGIN)) is kind
