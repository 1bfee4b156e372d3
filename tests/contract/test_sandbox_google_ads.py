"""The sandbox's Google Ads and its token endpoint over HTTP."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import google.auth.exceptions
import google.auth.transport.requests
import google.oauth2.credentials
import pytest
import requests

from tests.contract.sandbox_server import CUSTOMER, GOOGLE, SandboxClient, sandbox_thread

Json = Any  # Any: JSON of an answer
_NAME = f"customers/{GOOGLE}"


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxClient]:
    with sandbox_thread(tmp_path) as client:
        yield client


def _update(resource: str, mask: str | None = None, **values: object) -> dict[str, object]:
    update = {"resourceName": f"{_NAME}/{resource}", **values}
    return {"update": update} | ({"updateMask": mask or ",".join(values)} if mask != "" else {})


def _errors(answer: requests.Response, status: int = 400) -> list[Json]:
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (status, status), answer.text
    (failure,) = error["details"]
    assert failure["@type"] == "type.googleapis.com/google.ads.googleads.v26.errors.GoogleAdsFailure"
    assert failure["requestId"] == answer.headers["request-id"]
    errors: list[Json] = failure["errors"]
    return errors


def _code(answer: requests.Response, status: int = 400) -> dict[str, str]:
    code: dict[str, str] = _errors(answer, status)[0]["errorCode"]
    return code


def _mutate(sandbox: SandboxClient, collection: str, *operations: object, **settings: object) -> requests.Response:
    return sandbox.json(f"{CUSTOMER}/{collection}:mutate", {"operations": operations, **settings})


def test_a_search_joins_campaign_and_budget(sandbox: SandboxClient) -> None:
    """Nested in camel case, resource names always there, int64 as text, one budget shared by two campaigns."""
    answer = sandbox.search(
        "SELECT campaign.id, campaign.status, campaign.campaign_budget, campaign_budget.amount_micros,"
        " campaign_budget.explicitly_shared, campaign_budget.reference_count"
        " FROM campaign WHERE campaign.id IN (111, 113) ORDER BY campaign.id DESC"
    )
    assert answer["results"][1] == {
        "campaign": {
            "resourceName": f"{_NAME}/campaigns/111",
            "id": "111",
            "status": "ENABLED",
            "campaignBudget": f"{_NAME}/campaignBudgets/444",
        },
        "campaignBudget": {
            "resourceName": f"{_NAME}/campaignBudgets/444",
            "amountMicros": "50000000",
            "explicitlyShared": False,
            "referenceCount": "1",
        },
    }
    shared = answer["results"][0]["campaignBudget"]
    assert (shared["explicitlyShared"], shared["referenceCount"]) == (True, "2")
    assert answer["fieldMask"].startswith("campaign.id,campaign.status,campaign.campaignBudget,campaignBudget.amount")


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("SELECT ad_group.id FROM ad_group WHERE ad_group.status = 'PAUSED'", ["223"]),
        ("SELECT ad_group.id FROM ad_group WHERE campaign.id = 111 AND ad_group.status != 'PAUSED'", ["222"]),
        ("select ad_group.id from ad_group where campaign.id not in (111) limit 1", ["224"]),
        (f"SELECT ad_group.id FROM ad_group WHERE ad_group.resource_name IN ('{_NAME}/adGroups/225')", ["225"]),
    ],
)
def test_filters(sandbox: SandboxClient, query: str, ids: list[str]) -> None:
    """=, !=, IN, NOT IN, AND and LIMIT."""
    assert [row["adGroup"]["id"] for row in sandbox.search(query)["results"]] == ids


def test_ads_budgets_and_the_customer_can_be_read(sandbox: SandboxClient) -> None:
    """The other resources that an engine needs; nothing found has no `results`."""
    ad = sandbox.search("SELECT ad_group_ad.ad.id, ad_group_ad.status FROM ad_group_ad WHERE ad_group_ad.ad.id = 333")
    assert ad["results"] == [
        {
            "adGroupAd": {
                "resourceName": f"{_NAME}/adGroupAds/222~333",
                "status": "PAUSED",
                "ad": {"resourceName": f"{_NAME}/ads/333", "id": "333"},
            }
        }
    ]
    budget = sandbox.search("SELECT campaign_budget.amount_micros FROM campaign_budget WHERE campaign_budget.id = 446")
    assert budget["results"][0]["campaignBudget"]["amountMicros"] == "120000000"
    customer = sandbox.search("SELECT customer.currency_code FROM customer")
    assert customer["results"][0]["customer"]["currencyCode"] == "USD"
    assert "results" not in sandbox.search("SELECT campaign.id FROM campaign WHERE campaign.id = 1")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT campaign.colour FROM campaign", "UNRECOGNIZED_FIELD"),
        ("SELECT ad_group.id FROM campaign", "PROHIBITED_RESOURCE_TYPE_IN_SELECT_CLAUSE"),
        ("SELECT metrics.clicks FROM campaign", "UNRECOGNIZED_FIELD"),
        ("SELECT campaign.id FROM keyword_view", "BAD_RESOURCE_TYPE_IN_FROM_CLAUSE"),
        ("SELECT campaign.id FROM campaign WHERE campaign.id > 5", "UNEXPECTED_INPUT"),
        ("SELECT campaign.id FROM campaign WHERE campaign.id = 1 OR campaign.id = 2", "UNEXPECTED_INPUT"),
        ("SELECT campaign.id FROM campaign WHERE ad_group.id = 1", "PROHIBITED_RESOURCE_TYPE_IN_WHERE_CLAUSE"),
        ("SELECT campaign.id FROM campaign ORDER BY campaign.id SIDEWAYS", "UNEXPECTED_INPUT"),
        ("DROP TABLE campaign", "EXPECTED_FROM"),
        ("", "UNEXPECTED_END_OF_QUERY"),
    ],
)
def test_a_query_that_is_not_understood_is_an_error(sandbox: SandboxClient, query: str, code: str) -> None:
    """Never a guess: a queryError in the real envelope."""
    assert _code(sandbox.json(f"{CUSTOMER}/googleAds:search", {"query": query})) == {"queryError": code}


def test_the_stream_is_a_list_even_of_errors(sandbox: SandboxClient) -> None:
    """`searchStream` answers with a list of chunks, and fails with a list of errors."""
    path = f"{CUSTOMER}/googleAds:searchStream"
    chunks = sandbox.json(path, {"query": "SELECT campaign.id FROM campaign"}).json()
    assert [row["campaign"]["id"] for chunk in chunks for row in chunk["results"]] == ["111", "112", "113", "114"]
    assert sandbox.json(path, {"query": "SELECT"}).json()[0]["error"]["code"] == 400


def test_a_page_size_is_refused_and_10000_rows_are_a_page(sandbox: SandboxClient) -> None:
    """Fixed pages; the token leads to the rest, and the total is told on demand."""
    path, query = f"{CUSTOMER}/googleAds:search", "SELECT ad_group.id FROM ad_group"
    assert _code(sandbox.json(path, {"query": query, "pageSize": 5})) == {"requestError": "PAGE_SIZE_NOT_SUPPORTED"}
    many = [{"resource": f"ad_group/9{n:05}", "parent": "campaign/111", "status": "PAUSED"} for n in range(10_000)]
    added = sandbox.json("/_sandbox/entities", {"accounts": [{"id": GOOGLE, "entities": many}]})
    assert added.json() == {"added": 10_000}
    settings = {"returnTotalResultsCount": True}
    first = sandbox.json(path, {"query": query, "searchSettings": settings}).json()
    assert (len(first["results"]), first["totalResultsCount"]) == (10_000, "10004")
    rest = sandbox.json(path, {"query": query, "pageToken": first["nextPageToken"]}).json()
    assert len(rest["results"]) == 4
    assert "nextPageToken" not in rest


@pytest.mark.parametrize(
    ("collection", "resource", "mask", "value", "change"),
    [
        ("campaigns", "campaigns/111", "status", "PAUSED", ("campaign/111", "status", "ENABLED", "PAUSED")),
        ("adGroups", "adGroups/222", "status", "PAUSED", ("ad_group/222", "status", "ENABLED", "PAUSED")),
        (
            "adGroups",
            "adGroups/222",
            "cpcBidMicros",
            "2000000",
            ("ad_group/222", "cpc_bid_micros", "1500000", "2000000"),
        ),
        ("adGroupAds", "adGroupAds/222~333", "status", "ENABLED", ("ad/222~333", "status", "PAUSED", "ENABLED")),
        (
            "campaignBudgets",
            "campaignBudgets/444",
            "amountMicros",
            "60000000",
            ("campaign_budget/444", "daily_budget", "50000000", "60000000"),
        ),
    ],
)
def test_each_kind_has_its_own_mutate(
    sandbox: SandboxClient, *, collection: str, resource: str, mask: str, value: str, change: tuple[str, ...]
) -> None:
    """The value is set and the journal names resource, field, before and after."""
    answer = _mutate(sandbox, collection, _update(resource, **{mask: value}))
    assert answer.json() == {"results": [{"resourceName": f"{_NAME}/{resource}"}]}
    entry = sandbox.journal()[-1]
    assert entry["changes"] == [dict(zip(("resource", "field", "from", "to"), change, strict=True))]
    assert (entry["service"], entry["account"], entry["calls"]) == ("google_ads", GOOGLE, 1)
    assert entry["request_id"] == answer.headers["request-id"]


def test_a_location_and_its_bid_modifier(sandbox: SandboxClient) -> None:
    """A campaign criterion; its modifier is a number of four bytes, and missing where none is set."""
    query = (
        "SELECT campaign_criterion.criterion_id, campaign_criterion.type, campaign_criterion.negative,"
        " campaign_criterion.bid_modifier, campaign_criterion.location.geo_target_constant, campaign.id"
        " FROM campaign_criterion WHERE campaign.id = 111 ORDER BY campaign_criterion.criterion_id"
    )
    london, new_york = (row["campaignCriterion"] for row in sandbox.search(query)["results"])
    assert london == {
        "resourceName": f"{_NAME}/campaignCriteria/111~1006886",
        "criterionId": "1006886",
        "type": "LOCATION",
        "negative": False,
        "bidModifier": 1.1,
        "location": {"geoTargetConstant": "geoTargetConstants/1006886"},
    }
    assert "bidModifier" not in new_york
    for sent, held in ((1.25, 1.25), ("0.3", 0.3), (1.20000000001, 1.2)):
        answer = _mutate(
            sandbox,
            "campaignCriteria",
            _update("campaignCriteria/111~1006886", bidModifier=sent),
            responseContentType="MUTABLE_RESOURCE",
        )
        assert answer.json()["results"][0]["campaignCriterion"]["bidModifier"] == held
    assert sandbox.journal()[-1]["changes"] == [
        {"resource": "location/111~1006886", "field": "bid_modifier", "from": "0.3", "to": "1.2"}
    ]


@pytest.mark.parametrize(
    ("collection", "operation", "category", "code"),
    [
        ("campaignCriteria", _update("campaignCriteria/111~1006886", bidModifier=0.09), "rangeError", "TOO_LOW"),
        ("campaignCriteria", _update("campaignCriteria/111~1006886", bidModifier=10.1), "rangeError", "TOO_HIGH"),
        (
            "campaignCriteria",
            _update("campaignCriteria/112~1006886", bidModifier=1),
            "mutateError",
            "RESOURCE_NOT_FOUND",
        ),
        ("adGroups", _update("adGroups/222", cpcBidMicros="0"), "biddingError", "BID_TOO_SMALL"),
        (
            "adGroups",
            _update("adGroups/222", cpcBidMicros="1500001"),
            "currencyError",
            "VALUE_NOT_MULTIPLE_OF_BILLABLE_UNIT",
        ),
    ],
)
def test_bids_and_modifiers_have_bounds(
    sandbox: SandboxClient, collection: str, operation: object, category: str, code: str
) -> None:
    """Each with the code of its own family."""
    assert _code(_mutate(sandbox, collection, operation)) == {category: code}


@pytest.mark.parametrize("modifier", ["much", True, "1e400", 1e39, [1]])
def test_a_modifier_is_a_number(sandbox: SandboxClient, modifier: object) -> None:
    """What four bytes cannot hold does not fit the protobuf."""
    answer = _mutate(sandbox, "campaignCriteria", _update("campaignCriteria/111~1006886", bidModifier=modifier))
    assert (answer.status_code, "details" in answer.json()["error"]) == (400, False)


def test_all_kinds_in_one_mutate(sandbox: SandboxClient) -> None:
    """`googleAds:mutate` names each result by its kind; `MUTABLE_RESOURCE` shows the resource."""
    operations = [
        {"campaignOperation": _update("campaigns/112", status="ENABLED")},
        {"campaignBudgetOperation": _update("campaignBudgets/445", amountMicros="90000000")},
        {"adGroupOperation": _update("adGroups/224", status="PAUSED")},
        {"adGroupAdOperation": _update("adGroupAds/224~335", status="PAUSED")},
    ]
    body = {"mutateOperations": operations, "responseContentType": "MUTABLE_RESOURCE"}
    answers = sandbox.json(f"{CUSTOMER}/googleAds:mutate", body).json()["mutateOperationResponses"]
    assert [next(iter(answer)) for answer in answers] == [
        "campaignResult",
        "campaignBudgetResult",
        "adGroupResult",
        "adGroupAdResult",
    ]
    assert answers[1]["campaignBudgetResult"]["campaignBudget"]["amountMicros"] == "90000000"
    assert (len(sandbox.journal()[-1]["changes"]), sandbox.journal()[-1]["calls"]) == (4, 4)


_REFUSALS = [
    (
        _update("campaignBudgets/444", amountMicros="50000001"),
        "campaignBudgetError",
        "NON_MULTIPLE_OF_MINIMUM_CURRENCY_UNIT",
    ),
    (_update("campaignBudgets/444", amountMicros="0"), "campaignBudgetError", "BUDGET_BELOW_PER_DAY_MINIMUM"),
    (_update("campaignBudgets/999", amountMicros="10000"), "mutateError", "RESOURCE_NOT_FOUND"),
    (_update("campaignBudgets/444", "", amountMicros="10000"), "fieldMaskError", "FIELD_MASK_MISSING"),
    (_update("campaignBudgets/444", "colour", amountMicros="10000"), "fieldMaskError", "FIELD_NOT_FOUND"),
    (_update("campaigns/111", "amountMicros", amountMicros="10000"), "requestError", "RESOURCE_NAME_MALFORMED"),
    (_update("campaignBudgets/444", "amountMicros"), "fieldError", "REQUIRED"),
    ({"remove": f"{_NAME}/campaignBudgets/444"}, "operatorError", "OPERATOR_NOT_SUPPORTED"),
]


@pytest.mark.parametrize(("operation", "category", "code"), _REFUSALS)
def test_one_refusal_fails_all(sandbox: SandboxClient, operation: object, category: str, code: str) -> None:
    """Without `partialFailure` nothing is done, and the error says which operation."""
    good = _update("campaignBudgets/445", amountMicros="70000000")
    (error,) = _errors(_mutate(sandbox, "campaignBudgets", good, operation))
    assert error["errorCode"] == {category: code}
    assert error["location"]["fieldPathElements"][0] == {"fieldName": "operations", "index": 1}
    assert sandbox.value("campaign_budget/445", "daily_budget", GOOGLE) == "80000000"


@pytest.mark.parametrize(("operation", "category", "code"), _REFUSALS)
def test_partial_failure_does_the_rest(sandbox: SandboxClient, operation: object, category: str, code: str) -> None:
    """HTTP 200, an empty result for the one that failed, its index in the error."""
    good = _update("campaignBudgets/445", amountMicros="70000000")
    answer = _mutate(sandbox, "campaignBudgets", operation, good, partialFailure=True)
    assert answer.status_code == 200
    assert answer.json()["results"] == [{}, {"resourceName": f"{_NAME}/campaignBudgets/445"}]
    failure = answer.json()["partialFailureError"]
    (error,) = failure["details"][0]["errors"]
    assert (failure["code"], error["errorCode"]) == (3, {category: code})
    assert error["location"]["fieldPathElements"][0]["index"] == 0
    assert sandbox.value("campaign_budget/445", "daily_budget", GOOGLE) == "70000000"


def test_partial_failure_over_all_kinds(sandbox: SandboxClient) -> None:
    """There the field is called `mutate_operations`."""
    operations = [
        {"campaignOperation": _update("campaigns/111", status="PAUSED")},
        {"campaignOperation": _update("campaigns/999", status="PAUSED")},
    ]
    body = {"mutateOperations": operations, "partialFailure": True}
    answer = sandbox.json(f"{CUSTOMER}/googleAds:mutate", body).json()
    assert answer["mutateOperationResponses"][1] == {}
    (error,) = answer["partialFailureError"]["details"][0]["errors"]
    assert error["location"]["fieldPathElements"] == [{"fieldName": "mutate_operations", "index": 1}]


def test_a_resource_twice_in_one_request_is_refused(sandbox: SandboxClient) -> None:
    """ID_EXISTS_IN_MULTIPLE_MUTATES."""
    answer = _mutate(sandbox, "campaigns", *[_update("campaigns/111", status="PAUSED")] * 2)
    assert _code(answer) == {"mutateError": "ID_EXISTS_IN_MULTIPLE_MUTATES"}


def test_a_removed_resource_cannot_be_updated(sandbox: SandboxClient) -> None:
    """A person removed it; an update cannot remove or revive."""
    answer = _mutate(sandbox, "campaigns", _update("campaigns/112", status="REMOVED"))
    assert _code(answer) == {"enumError": "ENUM_VALUE_NOT_PERMITTED"}
    sandbox.json(f"/_sandbox/entities/{GOOGLE}/campaign/112", {"status": "REMOVED"})
    answer = _mutate(sandbox, "campaigns", _update("campaigns/112", status="ENABLED"))
    assert _code(answer) == {"contextError": "OPERATION_NOT_PERMITTED_FOR_REMOVED_RESOURCE"}


def test_yen_have_no_smaller_unit(sandbox: SandboxClient) -> None:
    """The smallest unit is 1,000,000 micros in a JPY account."""
    path = "/v26/customers/2345678901/campaignBudgets:mutate"
    update = {"resourceName": "customers/2345678901/campaignBudgets/544", "amountMicros": "6000010000"}
    answer = sandbox.json(path, {"operations": [{"update": update, "updateMask": "amountMicros"}]})
    assert _code(answer) == {"campaignBudgetError": "NON_MULTIPLE_OF_MINIMUM_CURRENCY_UNIT"}


def test_validate_only_changes_nothing(sandbox: SandboxClient) -> None:
    """An empty answer when all is well."""
    answer = _mutate(sandbox, "campaigns", _update("campaigns/111", status="PAUSED"), validateOnly=True)
    assert (answer.status_code, answer.json()) == (200, {})
    assert sandbox.value("campaign/111", "status", GOOGLE) == "ENABLED"


@pytest.mark.parametrize(
    "operation",
    [
        _update("campaigns/111", status="ACTIVE"),
        _update("campaigns/111", colour="red"),
        _update("campaigns/111", status=["PAUSED"]),
        {"updateMask": "status", "update": []},
        {"updateMask": ["status"], "update": {"resourceName": f"{_NAME}/campaigns/111", "status": "PAUSED"}},
        [],
    ],
)
def test_what_does_not_fit_the_protobuf_fails_all(sandbox: SandboxClient, operation: object) -> None:
    """Even with `partialFailure`; the envelope is the plain one."""
    good = _update("campaigns/112", status="ENABLED")
    answer = _mutate(sandbox, "campaigns", good, operation, partialFailure=True)
    assert (answer.status_code, answer.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert "details" not in answer.json()["error"]
    assert sandbox.value("campaign/112", "status", GOOGLE) == "PAUSED"


@pytest.mark.parametrize("amount", ["25.5", 25.5, True, "1e6", "9" * 30, None])
def test_an_int64_is_text_or_a_whole_number(sandbox: SandboxClient, amount: object) -> None:
    """Anything else is refused before Google Ads looks at it; a JSON number is taken."""
    answer = _mutate(sandbox, "campaignBudgets", _update("campaignBudgets/444", amountMicros=amount))
    assert (answer.status_code, "details" in answer.json()["error"]) == (400, False)
    assert _mutate(sandbox, "campaignBudgets", _update("campaignBudgets/444", amountMicros=10_000)).status_code == 200


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer invalid"}, {"Authorization": "Basic x"}])
def test_a_bad_token_is_401(sandbox: SandboxClient, header: dict[str, str]) -> None:
    """UNAUTHENTICATED; an expired token says so."""
    del sandbox.session.headers["Authorization"]
    path, body = f"{CUSTOMER}/googleAds:search", {"query": "SELECT campaign.id FROM campaign"}
    assert _code(sandbox.json(path, body, **header), 401) == {"authenticationError": "OAUTH_TOKEN_INVALID"}
    expired = sandbox.json(path, body, Authorization="Bearer expired")
    assert _code(expired, 401) == {"authenticationError": "OAUTH_TOKEN_EXPIRED"}


def test_customers(sandbox: SandboxClient) -> None:
    """Somebody else's is 403, a wrong id 400, an unknown path 404; those that can be seen are listed."""
    body = {"query": "SELECT customer.id FROM customer"}
    denied = sandbox.json("/v26/customers/5/googleAds:search", body)
    assert _code(denied, 403) == {"authorizationError": "USER_PERMISSION_DENIED"}
    dashed = sandbox.json("/v26/customers/123-456-7890/googleAds:search", body)
    assert _code(dashed) == {"requestError": "INVALID_CUSTOMER_ID"}
    login = sandbox.json(f"{CUSTOMER}/googleAds:search", body, **{"login-customer-id": "123-456"})
    assert _code(login) == {"headerError": "INVALID_LOGIN_CUSTOMER_ID"}
    assert sandbox.json("/v25/customers/1234567890/googleAds:search", body).status_code == 404
    assert sandbox.json(f"{CUSTOMER}/keywords:mutate", body).status_code == 404
    listed = sandbox.get("/v26/customers:listAccessibleCustomers").json()
    assert listed == {"resourceNames": ["customers/1234567890", "customers/2345678901"]}


def _credentials(sandbox: SandboxClient, refresh_token: str) -> google.oauth2.credentials.Credentials:
    return google.oauth2.credentials.Credentials(  # type: ignore[no-untyped-call]  # google-auth has no types
        None,
        refresh_token=refresh_token,
        client_id="an-id",
        client_secret="a-secret",
        token_uri=f"{sandbox.url}/token",
    )


def test_googles_own_client_gets_a_token(sandbox: SandboxClient) -> None:
    """google-auth refreshes against the sandbox as it does against Google, and the token is good for a search."""
    credentials = _credentials(sandbox, "a-refresh-token")
    credentials.refresh(google.auth.transport.requests.Request(sandbox.session))  # type: ignore[no-untyped-call]  # idem
    assert credentials.valid
    query = {"query": "SELECT customer.id FROM customer"}
    answer = sandbox.json(f"{CUSTOMER}/googleAds:search", query, Authorization=f"Bearer {credentials.token}")
    assert answer.status_code == 200


def test_googles_own_client_sees_a_revoked_grant(sandbox: SandboxClient) -> None:
    """`invalid_grant` is final: google-auth does not try again."""
    credentials = _credentials(sandbox, "invalid")
    with pytest.raises(google.auth.exceptions.RefreshError, match="invalid_grant") as caught:
        credentials.refresh(google.auth.transport.requests.Request(sandbox.session))  # type: ignore[no-untyped-call]  # idem
    assert caught.value.retryable is False
    assert len([entry for entry in sandbox.journal() if entry["service"] == "oauth"]) == 1


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({}, 400, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, 401, "invalid_client"),
        ({"grant_type": "refresh_token", "client_id": "x", "client_secret": "x"}, 400, "invalid_request"),
    ],
)
def test_a_bad_token_request(sandbox: SandboxClient, form: dict[str, str], status: int, error: str) -> None:
    """OAuth's own error words."""
    answer = sandbox.form("/token", **form)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
