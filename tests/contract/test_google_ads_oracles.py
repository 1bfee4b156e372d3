"""Google's own protobufs and clients (google-ads, api-core, google-auth) as judges of what our adapter sends and of
what the sandbox answers. Not all are dependencies of the project; where one is not installed, its tests are skipped.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import google.auth.exceptions
import google.auth.transport.requests
import google.oauth2.credentials
import pytest
import requests

from tests.contract.sandbox_server import CUSTOMER, GOOGLE, SandboxClient, sandbox_thread
from tests.contract.wire import Wire, says
from weathertrigger.domain.change import Carrier
from weathertrigger.domain.rule import FieldName
from weathertrigger.platforms.google_ads.client import GoogleAds
from weathertrigger.platforms.google_ads.credentials import GoogleCredentials
from weathertrigger.platforms.google_ads.errors import CODES, KINDS, SCOPES
from weathertrigger.platforms.port import AdAccount, Write

Module = Any  # Any: modules that may not be installed have no types here
_V26 = "google.ads.googleads.v26"
_ACCOUNT = AdAccount("google-acme", GOOGLE, "USD")
_EVERYTHING = [
    Write(Carrier("campaign/111", FieldName.STATUS), "paused"),
    Write(Carrier("campaign_budget/444", FieldName.DAILY_BUDGET), "60000000"),
    Write(Carrier("ad_group/222", FieldName.STATUS), "enabled"),
    Write(Carrier("ad_group/222", FieldName.BID), "1800000"),
    Write(Carrier("ad_group/223", FieldName.BID), "9000000000000000000"),
    Write(Carrier("ad/222~333", FieldName.STATUS), "enabled"),
    Write(Carrier("location/111~1006886", FieldName.BID_MODIFIER), "1.25"),
]
_KINDS = {
    "campaign": ["campaign/111", "campaign/112", "campaign/113"],
    "campaign_budget": ["campaign_budget/444"],
    "ad_group": ["ad_group/222", "ad_group/224"],
    "ad_group_ad": ["ad/222~333"],
    "campaign_criterion": ["location/111~1006886", "location/111~1023191"],
}


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxClient]:
    with sandbox_thread(tmp_path) as client:
        yield client


def _adapter(url: str) -> GoogleAds:
    return GoogleAds(GoogleCredentials("c", "a-secret", "a-refresh-token"), base_url=url, oauth_url=url)


def _parsed(document: object, module: str, message: str) -> Module:
    """The document as Google's own protobuf reads it; an unknown field or enum is an error."""
    types = pytest.importorskip(f"{_V26}.{module}", reason="google-ads is not installed")
    kind = getattr(types, message)
    return pytest.importorskip("google.protobuf.json_format").ParseDict(document, kind.pb(kind()))


def _service(document: object, message: str) -> Module:
    return _parsed(document, "services.types.google_ads_service", message)


def _failure(document: Any) -> Module:  # Any: JSON
    """The GoogleAdsFailure of an `error` or a `partialFailureError`."""
    (failure,) = document["details"]
    assert failure.pop("@type") == f"type.googleapis.com/{_V26}.errors.GoogleAdsFailure"
    return _parsed(failure, "errors.types.errors", "GoogleAdsFailure")


def _sent(wire: Wire, writes: Sequence[Write], *, trial: bool = False) -> Any:  # Any: JSON
    """The body of the mutate that our adapter sends."""
    wire.script(says({"access_token": "t", "expires_in": 3599}), says({}))
    _adapter(wire.url).write(_ACCOUNT, writes, validate_only=trial)
    assert wire.seen[-1].path == f"{CUSTOMER}/googleAds:mutate"
    return json.loads(wire.seen[-1].body)


@pytest.mark.parametrize("trial", [False, True])
def test_googles_protobufs_take_what_we_send(wire: Wire, *, trial: bool) -> None:
    """Semantics 23: every kind and field, every amount as it was meant, each resource once."""
    request = _service(_sent(wire, _EVERYTHING, trial=trial), "MutateGoogleAdsRequest")
    assert (request.partial_failure, request.validate_only) == (True, trial)
    campaign, budget, group, rich, ad, location = (
        getattr(each, each.WhichOneof("operation")).update for each in request.mutate_operations
    )
    assert (campaign.status, ad.status, group.status) == (3, 2, 2)  # PAUSED, ENABLED, ENABLED
    assert (budget.amount_micros, group.cpc_bid_micros) == (60_000_000, 1_800_000)
    assert rich.cpc_bid_micros == 9_000_000_000_000_000_000
    assert location.bid_modifier == 1.25
    assert location.resource_name == f"customers/{GOOGLE}/campaignCriteria/111~1006886"


def test_every_mask_is_the_one_that_googles_client_would_send(wire: Wire) -> None:
    """Its paths exist, and they are those of `protobuf_helpers.field_mask`, which also names the resource."""
    helpers = pytest.importorskip("google.api_core.protobuf_helpers", reason="google-api-core is not installed")
    request = _service(_sent(wire, _EVERYTHING), "MutateGoogleAdsRequest")
    for each in request.mutate_operations:
        operation = getattr(each, each.WhichOneof("operation"))
        assert operation.update_mask.IsValidForDescriptor(operation.update.DESCRIPTOR)
        assert {*operation.update_mask.paths, "resource_name"} == {*helpers.field_mask(None, operation.update).paths}


@pytest.mark.parametrize("resource", _KINDS)
def test_a_search_of_ours_names_fields_of_v26(wire: Wire, resource: str) -> None:
    """Each field of SELECT and WHERE is one of a row, below the resource of FROM or of one that belongs to it."""
    wire.script(says({"access_token": "t", "expires_in": 3599}), says({}))
    carriers = [Carrier(name, FieldName.STATUS) for name in _KINDS[resource]]
    _adapter(wire.url).read(_ACCOUNT, carriers)
    query = _service(json.loads(wire.seen[-1].body), "SearchGoogleAdsRequest").query
    selected, _, rest = query.removeprefix("SELECT ").partition(f" FROM {resource} WHERE ")
    for field in [*selected.split(", "), rest.partition(" ")[0]]:
        message = _service({}, "GoogleAdsRow").DESCRIPTOR
        for step in field.split("."):
            found = message.fields_by_name.get(step) or message.fields_by_name.get(f"{step}_")
            assert found, (field, step)
            message = found.message_type


@pytest.mark.parametrize("resource", _KINDS)
def test_googles_protobufs_take_what_the_sandbox_answers_to_us(
    sandbox: SandboxClient, wire: Wire, resource: str
) -> None:
    """Every search of our adapter, answered by the sandbox."""
    wire.script(says({"access_token": "t", "expires_in": 3599}), says({}))
    _adapter(wire.url).read(_ACCOUNT, [Carrier(name, FieldName.STATUS) for name in _KINDS[resource]])
    answer = sandbox.json(f"{CUSTOMER}/googleAds:search", json.loads(wire.seen[-1].body)).json()
    rows = _service(answer, "SearchGoogleAdsResponse").results
    assert [row.HasField(resource) for row in rows] == [True] * len(_KINDS[resource])


def test_googles_protobufs_take_every_field_of_a_location(sandbox: SandboxClient) -> None:
    """All that the sandbox can select of a campaign criterion exists in v26 under that name and type."""
    names = ["resource_name", "campaign", "criterion_id", "display_name", "type", "negative", "status", "bid_modifier"]
    selected = ", ".join(f"campaign_criterion.{name}" for name in (*names, "location.geo_target_constant"))
    answer = sandbox.search(f"SELECT {selected} FROM campaign_criterion")
    london, new_york = _service(answer, "SearchGoogleAdsResponse").results
    assert london.campaign_criterion.bid_modifier == pytest.approx(1.1)
    assert not new_york.campaign_criterion.HasField("bid_modifier")


@pytest.mark.parametrize("content", ["RESOURCE_NAME_ONLY", "MUTABLE_RESOURCE"])
def test_googles_protobufs_take_the_answer_to_a_mutate_of_ours(
    sandbox: SandboxClient, wire: Wire, content: str
) -> None:
    """With and without the resources, and with a partial failure in it: one error names its field, one its resource."""
    body = _sent(wire, [*_EVERYTHING[:4], Write(Carrier("campaign/999", FieldName.STATUS), "paused")])
    body["responseContentType"] = content
    body["mutateOperations"][1]["campaignBudgetOperation"]["update"]["amountMicros"] = "60000001"
    answer = sandbox.json(f"{CUSTOMER}/googleAds:mutate", body).json()
    errors = _failure(answer.pop("partialFailureError")).errors
    places = [[(each.field_name, each.index) for each in error.location.field_path_elements] for error in errors]
    assert places == [
        [("mutate_operations", 1), ("campaign_budget_operation", 0), ("update", 0), ("amount_micros", 0)],
        [("mutate_operations", 3)],
    ]
    read = _service(answer, "MutateGoogleAdsResponse").mutate_operation_responses
    assert [each.WhichOneof("response") for each in read] == ["campaign_result", None, "ad_group_result", None]
    assert read[2].ad_group_result.ad_group.cpc_bid_micros == (1_800_000 if content == "MUTABLE_RESOURCE" else 0)


@pytest.mark.parametrize(
    ("collection", "message", "update"),
    [
        ("campaigns", "campaign_service.MutateCampaignsResponse", {"campaigns/111": {"status": "PAUSED"}}),
        ("adGroups", "ad_group_service.MutateAdGroupsResponse", {"adGroups/222": {"cpcBidMicros": "10000"}}),
        ("adGroupAds", "ad_group_ad_service.MutateAdGroupAdsResponse", {"adGroupAds/222~333": {"status": "ENABLED"}}),
        (
            "campaignBudgets",
            "campaign_budget_service.MutateCampaignBudgetsResponse",
            {"campaignBudgets/444": {"amountMicros": "10000"}},
        ),
        (
            "campaignCriteria",
            "campaign_criterion_service.MutateCampaignCriteriaResponse",
            {"campaignCriteria/111~1006886": {"bidModifier": 1.3}},
        ),
    ],
)
def test_googles_protobufs_take_the_answer_of_each_kinds_mutate(
    sandbox: SandboxClient, collection: str, message: str, update: dict[str, dict[str, object]]
) -> None:
    """With the mutable resource."""
    ((name, values),) = update.items()
    operation = {"updateMask": next(iter(values)), "update": {"resourceName": f"customers/{GOOGLE}/{name}", **values}}
    body = {"operations": [operation], "responseContentType": "MUTABLE_RESOURCE"}
    answer = sandbox.json(f"{CUSTOMER}/{collection}:mutate", body).json()
    module, _, kind = message.partition(".")
    (result,) = _parsed(answer, f"services.types.{module}", kind).results
    assert result.resource_name == f"customers/{GOOGLE}/{name}"


def _order(sandbox: SandboxClient, path: str, **wanted: object) -> None:
    assert sandbox.json(f"/_sandbox/google_ads/{GOOGLE}{path}", wanted).status_code in {200, 201}


def _search(sandbox: SandboxClient) -> requests.Response:
    return sandbox.json(f"{CUSTOMER}/googleAds:search", {"query": "SELECT campaign.id FROM campaign"})


@pytest.mark.parametrize(
    ("error", "status", "more", "exception"),
    [
        ("requestError.RESOURCE_NAME_MALFORMED", 400, {}, "BadRequest"),
        ("authenticationError.OAUTH_TOKEN_EXPIRED", 401, {}, "Unauthorized"),
        ("authorizationError.CLOUD_PROJECT_NOT_APPROVED_FOR_PRODUCTION", 403, {}, "Forbidden"),
        ("authorizationError.CUSTOMER_NOT_ENABLED", 403, {}, "Forbidden"),
        ("quotaError.ACCESS_PROHIBITED", 403, {}, "Forbidden"),
        ("requestError.UNSUPPORTED_VERSION", 404, {}, "NotFound"),
        ("databaseError.CONCURRENT_MODIFICATION", 409, {}, "Conflict"),
        (
            "quotaError.RESOURCE_EXHAUSTED",
            429,
            {"retry_delay": "0.5s", "rate_scope": "DEVELOPER"},
            "TooManyRequests",
        ),
        ("quotaError.RESOURCE_TEMPORARILY_EXHAUSTED", 429, {"rate_scope": "ACCOUNT"}, "TooManyRequests"),
        ("quotaError.EXCESSIVE_SHORT_TERM_QUERY_RESOURCE_CONSUMPTION", 429, {}, "TooManyRequests"),
        ("quotaError.EXCESSIVE_LONG_TERM_QUERY_RESOURCE_CONSUMPTION", 429, {}, "TooManyRequests"),
        ("internalError.INTERNAL_ERROR", 500, {}, "InternalServerError"),
        ("internalError.TRANSIENT_ERROR", 503, {}, "ServiceUnavailable"),
        ("internalError.DEADLINE_EXCEEDED", 504, {}, "GatewayTimeout"),
    ],
)
def test_googles_clients_read_an_ordered_error(
    sandbox: SandboxClient, error: str, status: int, more: dict[str, object], exception: str
) -> None:
    """The envelope by api-core, the failure in it by the protobufs: code, delay and scope as they were ordered."""
    exceptions = pytest.importorskip("google.api_core.exceptions", reason="google-api-core is not installed")
    _order(sandbox, "/errors", error=error, status=status, **more)
    answer = _search(sandbox)
    raised = exceptions.from_http_response(answer)
    assert type(raised) is getattr(exceptions, exception)
    assert (raised.code, raised.details) == (status, answer.json()["error"]["details"])
    (told,) = _failure(answer.json()["error"]).errors
    family = error.partition(".")[0]
    assert told.error_code.WhichOneof("error_code") == "".join(f"_{c.lower()}" if c.isupper() else c for c in family)
    delay = told.details.quota_error_details.retry_delay
    assert (delay.seconds, delay.nanos) == ((0, 500_000_000) if "retry_delay" in more else (0, 0))


def test_googles_protobufs_take_the_details_of_a_small_budget(sandbox: SandboxClient, wire: Wire) -> None:
    """The amounts of BUDGET_BELOW_PER_DAY_MINIMUM."""
    _order(sandbox, "", smallest_budget=99_000_000)
    body = {**_sent(wire, _EVERYTHING[1:2]), "partialFailure": False}
    answer = sandbox.json(f"{CUSTOMER}/googleAds:mutate", body)
    (told,) = _failure(answer.json()["error"]).errors
    details = told.details.budget_per_day_minimum_error_details
    assert (details.currency_code, details.failed_budget_amount_micros) == ("USD", 60_000_000)
    assert details.budget_per_day_minimum_micros == details.minimum_budget_amount_micros == 99_000_000


@pytest.mark.parametrize(
    ("collection", "name", "values", "code"),
    [
        ("campaignCriteria", "campaignCriteria/111~1006886", {"bidModifier": 0.05}, "range_error"),
        ("adGroups", "adGroups/222", {"cpcBidMicros": "0"}, "bidding_error"),
        ("adGroups", "adGroups/222", {"cpcBidMicros": "1"}, "currency_error"),
    ],
)
def test_googles_protobufs_know_the_refusals_of_bids(
    sandbox: SandboxClient, collection: str, name: str, values: dict[str, object], code: str
) -> None:
    """Each code is one of v26, in the family that it is given under."""
    operation = {"updateMask": next(iter(values)), "update": {"resourceName": f"customers/{GOOGLE}/{name}", **values}}
    answer = sandbox.json(f"{CUSTOMER}/{collection}:mutate", {"operations": [operation]})
    (told,) = _failure(answer.json()["error"]).errors
    assert told.error_code.WhichOneof("error_code") == code


def test_every_code_that_we_tell_apart_is_one_of_v26() -> None:
    """A misspelt one would never be met, and its errors would be taken for something else."""
    told = [(family, code) for family, code in CODES] + [(family, "UNKNOWN") for family in KINDS]
    for family, code in told:
        assert _parsed({"errorCode": {family: code}}, "errors.types.errors", "GoogleAdsError").HasField("error_code")
    for scope in SCOPES:
        details = {"quotaErrorDetails": {"rateScope": scope}}
        assert _parsed(details, "errors.types.errors", "ErrorDetails").quota_error_details.rate_scope


def test_google_auth_sees_a_grant_end(sandbox: SandboxClient) -> None:
    """It refreshes as long as it may, believes the lifetime that it is told, and takes a revoked grant for final."""
    sandbox.json("/_sandbox/google_ads", {"token_lifetime_s": 120})
    uri = f"{sandbox.url}/token"
    auth: Module = google.oauth2.credentials  # google-auth has no types for its own functions
    credentials = auth.Credentials(None, refresh_token="r", client_id="c", client_secret="s", token_uri=uri)
    session = google.auth.transport.requests.Request(sandbox.session)
    credentials.refresh(session)
    assert credentials.token
    assert not credentials.valid  # two minutes are less than it wants to have left
    sandbox.json("/_sandbox/google_ads", {"revoke": "r"})
    with pytest.raises(google.auth.exceptions.RefreshError, match="invalid_grant") as caught:
        credentials.refresh(session)
    assert caught.value.retryable is False
