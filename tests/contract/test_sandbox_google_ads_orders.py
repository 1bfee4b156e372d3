"""What a test can order of the sandbox's Google Ads: tokens that end, errors to come, quotas, managers, small pages."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.contract.sandbox_server import CUSTOMER, GOOGLE, SandboxClient, sandbox_thread

Json = Any  # Any: JSON of an answer
_QUERY = {"query": "SELECT campaign.id FROM campaign"}
_GRANT = {"grant_type": "refresh_token", "client_id": "c", "client_secret": "s", "refresh_token": "r"}


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxClient]:
    with sandbox_thread(tmp_path) as client:
        yield client


def _order(sandbox: SandboxClient, path: str = "", **wanted: object) -> None:
    answer = sandbox.json(f"/_sandbox/google_ads{path}", wanted)
    assert answer.status_code in {200, 201}, answer.text


def _search(sandbox: SandboxClient, **headers: str) -> requests.Response:
    return sandbox.json(f"{CUSTOMER}/googleAds:search", _QUERY, **headers)


def _mutate(sandbox: SandboxClient, *resources: str, **settings: object) -> requests.Response:
    operations = [
        {"campaignOperation": {"updateMask": "status", "update": {"resourceName": name, "status": "PAUSED"}}}
        for name in (f"customers/{GOOGLE}/campaigns/{own_id}" for own_id in resources)
    ]
    body = {"mutateOperations": operations, "partialFailure": True, **settings}
    return sandbox.json(f"{CUSTOMER}/googleAds:mutate", body)


def _first_error(answer: requests.Response) -> Json:
    return answer.json()["error"]["details"][0]["errors"][0]


def test_tokens_end_when_it_is_ordered(sandbox: SandboxClient) -> None:
    """Those that were issued before, not those that come after; a token that is not ours is good as ever."""
    old = sandbox.form("/token", **_GRANT).json()["access_token"]
    assert _search(sandbox, Authorization=f"Bearer {old}").status_code == 200
    _order(sandbox, end_tokens=True)
    refused = _search(sandbox, Authorization=f"Bearer {old}")
    assert (refused.status_code, _first_error(refused)["errorCode"]) == (
        401,
        {"authenticationError": "OAUTH_TOKEN_EXPIRED"},
    )
    new = sandbox.form("/token", **_GRANT).json()["access_token"]
    assert _search(sandbox, Authorization=f"Bearer {new}").status_code == 200
    assert _search(sandbox).status_code == 200


def test_tokens_live_as_long_as_they_say(sandbox: SandboxClient) -> None:
    """The lifetime travels in the token, whose time the sandbox reads from there."""
    _order(sandbox, token_lifetime_s=7)
    issued = sandbox.form("/token", **_GRANT).json()
    assert issued["expires_in"] == 7
    head, at, lifetime = issued["access_token"].rsplit(".", 2)
    assert lifetime == "7"
    aged = f"{head}.{int(at) - 7_000_000}.{lifetime}"
    assert _search(sandbox, Authorization=f"Bearer {issued['access_token']}").status_code == 200
    assert _search(sandbox, Authorization=f"Bearer {aged}").status_code == 401


def test_a_grant_can_be_revoked(sandbox: SandboxClient) -> None:
    """`invalid_grant` for that refresh token only."""
    _order(sandbox, revoke="r")
    refused = sandbox.form("/token", **_GRANT)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert sandbox.form("/token", **{**_GRANT, "refresh_token": "another"}).status_code == 200


def test_an_account_behind_a_manager(sandbox: SandboxClient) -> None:
    """403 without the right `login-customer-id`."""
    _order(sandbox, f"/{GOOGLE}", manager="9876543210")
    for headers in ({}, {"login-customer-id": "1111111111"}):
        refused = _search(sandbox, **headers)
        assert (refused.status_code, _first_error(refused)["errorCode"]) == (
            403,
            {"authorizationError": "USER_PERMISSION_DENIED"},
        )
    assert _search(sandbox, **{"login-customer-id": "9876543210"}).status_code == 200


@pytest.mark.parametrize(
    ("ordered", "status", "details"),
    [
        (
            {"error": "quotaError.RESOURCE_TEMPORARILY_EXHAUSTED", "status": 429, "rate_scope": "DEVELOPER"},
            "RESOURCE_EXHAUSTED",
            {"quotaErrorDetails": {"rateScope": "DEVELOPER", "rateName": "Operations per day"}},
        ),
        (
            {"error": "quotaError.RESOURCE_EXHAUSTED", "status": 429, "rate_scope": "ACCOUNT", "retry_delay": "0.5s"},
            "RESOURCE_EXHAUSTED",
            {"quotaErrorDetails": {"rateScope": "ACCOUNT", "rateName": "Requests per account", "retryDelay": "0.5s"}},
        ),
        ({"error": "quotaError.RESOURCE_EXHAUSTED", "status": 429}, "RESOURCE_EXHAUSTED", None),
        ({"error": "internalError.TRANSIENT_ERROR", "status": 503}, "UNAVAILABLE", None),
        ({"error": "databaseError.CONCURRENT_MODIFICATION", "status": 409}, "ABORTED", None),
    ],
)
def test_an_error_of_the_whole_request(
    sandbox: SandboxClient, ordered: dict[str, object], status: str, details: Json
) -> None:
    """As often as it was ordered, in Google's envelope, and then all is well."""
    _order(sandbox, f"/{GOOGLE}/errors", count=2, **ordered)
    for _ in range(2):
        answer = _mutate(sandbox, "111")
        told = answer.json()["error"]
        assert (answer.status_code, told["code"], told["status"]) == (ordered["status"], ordered["status"], status)
        error = _first_error(answer)
        assert error["errorCode"] == dict([str(ordered["error"]).split(".")])
        assert error.get("details") == details
    assert sandbox.value("campaign/111", "status", GOOGLE) == "ENABLED"
    assert _mutate(sandbox, "111").status_code == 200


def test_an_error_of_a_stream_comes_in_a_list(sandbox: SandboxClient) -> None:
    """As do the chunks of a stream that is well."""
    _order(sandbox, f"/{GOOGLE}/errors", error="quotaError.RESOURCE_EXHAUSTED", status=429, retry_delay="30s")
    answer = sandbox.json(f"{CUSTOMER}/googleAds:searchStream", _QUERY)
    assert answer.status_code == 429
    assert answer.json()[0]["error"]["details"][0]["errors"][0]["errorCode"] == {"quotaError": "RESOURCE_EXHAUSTED"}


def test_a_concurrent_modification_twice_and_then_it_is_done(sandbox: SandboxClient) -> None:
    """Of one resource; the others of the request are done at once."""
    _order(
        sandbox,
        f"/{GOOGLE}/errors",
        error="databaseError.CONCURRENT_MODIFICATION",
        resource="campaign/111",
        count=2,
    )
    for _ in range(2):
        answer = _mutate(sandbox, "113", "111").json()
        (error,) = answer["partialFailureError"]["details"][0]["errors"]
        assert error["errorCode"] == {"databaseError": "CONCURRENT_MODIFICATION"}
        assert error["location"]["fieldPathElements"][0] == {"fieldName": "mutate_operations", "index": 1}
        assert sandbox.value("campaign/113", "status", GOOGLE) == "PAUSED"
    assert "partialFailureError" not in _mutate(sandbox, "113", "111").json()
    assert sandbox.value("campaign/111", "status", GOOGLE) == "PAUSED"


def test_the_operations_of_a_day_are_used_up(sandbox: SandboxClient) -> None:
    """A search is one, every mutated item is one; what does not fit any more is 429 without a time to come back."""
    _order(sandbox, operations_left=3)
    assert _search(sandbox).status_code == 200
    assert _mutate(sandbox, "111", "112", "113").status_code == 429
    assert _mutate(sandbox, "111", "112").status_code == 200
    refused = _search(sandbox)
    assert (refused.status_code, _first_error(refused)["errorCode"]) == (429, {"quotaError": "RESOURCE_EXHAUSTED"})
    assert "retryDelay" not in _first_error(refused)["details"]["quotaErrorDetails"]
    _order(sandbox, operations_left=None)
    assert _search(sandbox).status_code == 200


def test_the_smallest_budget_of_a_day(sandbox: SandboxClient) -> None:
    """BUDGET_BELOW_PER_DAY_MINIMUM says how much it has to be, and where in the request it was not."""
    _order(sandbox, f"/{GOOGLE}", smallest_budget=1_000_000)
    update = {"resourceName": f"customers/{GOOGLE}/campaignBudgets/444", "amountMicros": "990000"}
    operation = {"campaignBudgetOperation": {"updateMask": "amountMicros", "update": update}}
    answer = sandbox.json(f"{CUSTOMER}/googleAds:mutate", {"mutateOperations": [operation]})
    error = _first_error(answer)
    assert error["errorCode"] == {"campaignBudgetError": "BUDGET_BELOW_PER_DAY_MINIMUM"}
    assert error["details"]["budgetPerDayMinimumErrorDetails"] == {
        "currencyCode": "USD",
        "budgetPerDayMinimumMicros": "1000000",
        "minimumBudgetAmountMicros": "1000000",
        "failedBudgetAmountMicros": "990000",
    }
    assert [element["fieldName"] for element in error["location"]["fieldPathElements"]] == [
        "mutate_operations",
        "campaign_budget_operation",
        "update",
        "amount_micros",
    ]


def test_pages_can_be_small(sandbox: SandboxClient) -> None:
    """So that a test sees the second one without ten thousand rows."""
    _order(sandbox, page_rows=3)
    first = _search(sandbox).json()
    second = sandbox.json(f"{CUSTOMER}/googleAds:search", {**_QUERY, "pageToken": first["nextPageToken"]}).json()
    assert (len(first["results"]), len(second["results"]), "nextPageToken" in second) == (3, 1, False)


def test_orders_are_shown_and_ended(sandbox: SandboxClient) -> None:
    """All at once."""
    _order(sandbox, page_rows=3)
    _order(sandbox, f"/{GOOGLE}", manager="9876543210")
    _order(sandbox, f"/{GOOGLE}/errors", error="internalError.INTERNAL_ERROR", status=500, count=4)
    shown = sandbox.get("/_sandbox/google_ads").json()
    assert (shown["page_rows"], shown["accounts"][GOOGLE]["manager"]) == (3, "9876543210")
    assert shown["accounts"][GOOGLE]["errors"] == [
        {"error": "internalError.INTERNAL_ERROR", "status": 500, "resource": None, "remaining": 4}
    ]
    ended = sandbox.session.delete(f"{sandbox.url}/_sandbox/google_ads", timeout=20).json()
    assert (ended["page_rows"], ended["accounts"]) == (10_000, {})
    assert _search(sandbox).status_code == 200


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("", {"page_rows": 0}),
        ("", {"colour": "red"}),
        ("/5", {"manager": "9876543210"}),
        ("/act_1001", {"manager": "9876543210"}),
        (f"/{GOOGLE}", {"manager": "x"}),
        (f"/{GOOGLE}/errors", {"error": "RESOURCE_EXHAUSTED"}),
        (f"/{GOOGLE}/errors", {"error": "quotaError.RESOURCE_EXHAUSTED", "retry_delay": "soon"}),
    ],
)
def test_an_order_that_makes_no_sense_is_400(sandbox: SandboxClient, path: str, wanted: object) -> None:
    """With a sentence, as everywhere in the control API."""
    answer = sandbox.json(f"/_sandbox/google_ads{path}", wanted)
    assert (answer.status_code, list(answer.json())) == (400, ["error"])
