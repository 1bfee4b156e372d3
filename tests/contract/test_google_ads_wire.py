"""The Google adapter's request bytes, its tokens, and its handling of whole answers."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from tests.contract.secrecy import everything_said_by
from tests.contract.wire import Handler, Reply, Wire, hangs, patience_for, resets, says, sends
from weathertrigger.domain.change import Carrier, Wanted
from weathertrigger.domain.rule import FieldName, Level
from weathertrigger.errors import (
    Conflict,
    Gone,
    NotFound,
    RateLimited,
    Rejected,
    ServiceError,
    Transient,
    Unauthorised,
)
from weathertrigger.http.client import Bounds, HttpClient
from weathertrigger.platforms.google_ads.client import GoogleAds
from weathertrigger.platforms.google_ads.credentials import GoogleCredentials
from weathertrigger.platforms.port import AdAccount, Observed, Write

CREDENTIALS = GoogleCredentials("client", "client-secret-012345", "1//refresh-012345")
ACCOUNT = AdAccount("google-acme", "123-456-7890", "USD")
STATUS, BUDGET = FieldName.STATUS, FieldName.DAILY_BUDGET
SEARCH, MUTATE = (f"/v26/customers/1234567890/googleAds:{verb}" for verb in ("search", "mutate"))
CAMPAIGN = Carrier("campaign/111", STATUS)


def token(name: str, expires_in: object = 3599) -> Reply:
    return says({"access_token": name, "expires_in": expires_in, "token_type": "Bearer"})


def campaign(
    own_id: str = "111", *, shared: bool = False, used_by: str = "1", status: str = "ENABLED"
) -> Any:  # Any: JSON
    budget = {"id": "444", "amountMicros": "50000000", "explicitlyShared": shared, "referenceCount": used_by}
    return {"campaign": {"id": own_id, "status": status}, "campaignBudget": budget}


def platform(wire: Wire, credentials: GoogleCredentials = CREDENTIALS, bounds: Bounds | None = None) -> GoogleAds:
    return GoogleAds(credentials, base_url=wire.url, oauth_url=wire.url, bounds=bounds)


def test_a_read_is_a_token_and_one_search_per_kind(wire: Wire) -> None:
    """The refresh token goes to the token server only; the second read needs no new token."""
    rows = says({"results": [campaign()], "fieldMask": "campaign.id"})
    wire.script(token("access-1"), rows, says({}), rows)
    google = platform(wire)
    gone = Carrier("ad/222~333", STATUS)
    answer = google.read(ACCOUNT, [CAMPAIGN, gone])
    assert answer.results[CAMPAIGN] == Observed("enabled")
    assert isinstance(answer.results[gone], NotFound)
    assert answer.calls == 2
    google.read(ACCOUNT, [CAMPAIGN])
    asked, campaigns, ads, again = wire.seen
    assert (asked.method, asked.path) == ("POST", "/token")
    assert asked.form == {
        "grant_type": "refresh_token",
        "client_id": "client",
        "client_secret": "client-secret-012345",
        "refresh_token": "1//refresh-012345",
    }
    assert [seen.path for seen in (campaigns, ads, again)] == [SEARCH] * 3
    assert campaigns.headers["authorization"] == again.headers["authorization"] == "Bearer access-1"
    query = json.loads(campaigns.body)["query"]
    assert query.endswith("FROM campaign WHERE campaign.id IN (111)")
    assert "'customers/1234567890/adGroupAds/222~333'" in json.loads(ads.body)["query"]
    assert "login-customer-id" not in campaigns.headers
    assert "developer-token" not in campaigns.headers


def test_manager_and_developer_token_are_sent_where_they_are_set(wire: Wire) -> None:
    """The manager's id as digits only."""
    wire.script(token("access-1"), says({}))
    credentials = replace(CREDENTIALS, login_customer_id="987-654-3210", developer_token="dev-token-01")
    platform(wire, credentials).read(ACCOUNT, [CAMPAIGN])
    assert wire.seen[1].headers["login-customer-id"] == "9876543210"
    assert wire.seen[1].headers["developer-token"] == "dev-token-01"


@pytest.mark.parametrize(
    ("row", "kind", "words"),
    [
        (campaign(status="REMOVED"), Gone, "removed"),
        ({**campaign(), "campaignBudget": {"id": "444", "status": "REMOVED"}}, Gone, "campaign budget 444 is removed"),
        (campaign(status="UNKNOWN"), Transient, "not known"),
        ({"campaign": {"id": "111", "status": "ENABLED"}}, Transient, "how many campaigns"),
    ],
)
def test_a_budget_that_must_not_be_touched_says_why(
    wire: Wire, row: object, kind: type[ServiceError], words: str
) -> None:
    """What is unclear is not guessed (semantics 15)."""
    wire.script(token("access-1"), says({"results": [row]}))
    wanted = Wanted(Level.CAMPAIGN, "111", BUDGET)
    resolved = platform(wire).resolve(ACCOUNT, [wanted]).results[wanted]
    assert type(resolved) is kind
    assert words in str(resolved)


@pytest.mark.parametrize(
    ("row", "shared_by"),
    [
        (campaign(), None),
        (campaign(used_by="2"), 2),
        (campaign(shared=True), 1),
        (campaign(shared=True, used_by="7"), 7),
    ],
)
def test_a_shared_budget_is_told(wire: Wire, row: object, shared_by: int | None) -> None:
    """Semantics 22: by how many campaigns, when the budget is looked for and whenever it is read."""
    wire.script(token("access-1"), says({"results": [row]}))
    google, carrier = platform(wire), Carrier("campaign_budget/444", BUDGET)
    wanted = Wanted(Level.CAMPAIGN, "111", BUDGET)
    answer = google.resolve(ACCOUNT, [wanted])
    assert answer.results == {wanted: carrier}
    assert answer.shared == ({} if shared_by is None else {carrier: shared_by})
    assert google.read(ACCOUNT, [carrier]).results == {carrier: Observed("50000000", shared_by=shared_by)}


def test_campaigns_and_their_budgets_are_one_search(wire: Wire) -> None:
    """The row of a campaign shows its budget, so one read serves a campaign and the budgets of two others."""
    rows = [campaign(), campaign("112"), campaign("113")]
    for row, budget_id in zip(rows, ("444", "445", "446"), strict=True):
        row["campaignBudget"]["id"] = budget_id
    wire.script(token("access-1"), says({"results": rows}))
    budgets = [
        Carrier(f"campaign_budget/{n}", BUDGET, (named,)) for n, named in ((445, "campaign/112"), (446, "campaign/113"))
    ]
    answer = platform(wire).read(ACCOUNT, [CAMPAIGN, *budgets])
    assert answer.results == {CAMPAIGN: Observed("enabled"), **dict.fromkeys(budgets, Observed("50000000"))}
    assert answer.calls == 1
    assert json.loads(wire.seen[1].body)["query"].endswith("FROM campaign WHERE campaign.id IN (111, 112, 113)")


def test_a_budget_that_its_campaign_no_longer_spends_is_looked_for_by_itself(wire: Wire) -> None:
    """A campaign can be given another budget, which is told; where none is known, the budget is asked for at once."""
    moved, budget = Carrier("campaign_budget/447", BUDGET, ("campaign/111",)), {"campaignBudget": {"id": "447"}}
    budget["campaignBudget"] |= {"amountMicros": "60000000", "referenceCount": "0"}
    wire.script(token("access-1"), says({"results": [campaign()]}), says({"results": [budget]}))
    answer = platform(wire).read(ACCOUNT, [CAMPAIGN, moved])
    assert (answer.results[moved], answer.calls) == (Observed("60000000"), 2)
    assert answer.moved == {Wanted(Level.CAMPAIGN, "111", BUDGET): Carrier("campaign_budget/444", BUDGET)}
    unnamed = Carrier("campaign_budget/447", BUDGET)
    wire.script(token("access-1"), says({"results": [budget]}))
    assert platform(wire).read(ACCOUNT, [unnamed]).results == {unnamed: Observed("60000000")}
    assert "FROM campaign_budget" in json.loads(wire.seen[1].body)["query"]


def test_what_was_asked_for_stays_answered_when_a_later_search_fails(wire: Wire) -> None:
    """The error is that of the kinds that were not asked for any more; the failed search counts too."""
    rows, gone, group = says({"results": [campaign()]}), Carrier("campaign/9", STATUS), Carrier("ad_group/222", STATUS)
    ad = Carrier("ad/222~333", STATUS)
    wire.script(token("access-1"), rows, sends(b"<html>", 503))
    answer = platform(wire).read(ACCOUNT, [CAMPAIGN, gone, group, ad])
    assert answer.results[CAMPAIGN] == Observed("enabled")
    assert [type(answer.results[each]) for each in (gone, group, ad)] == [NotFound, Transient, Transient]
    assert (answer.calls, len(wire.seen)) == (2, 3)


def test_a_budget_is_carried_by_the_campaign_budget(wire: Wire) -> None:
    """Two campaigns on one budget are one field; an ad group has none."""
    ad_group = {"adGroup": {"id": "222", "status": "PAUSED"}, "campaign": {"id": "111"}}
    wire.script(token("access-1"), says({"results": [campaign()]}), says({"results": [ad_group]}))
    of_campaign, of_group = Wanted(Level.CAMPAIGN, "111", BUDGET), Wanted(Level.AD_GROUP, "222", BUDGET)
    resolved = platform(wire).resolve(ACCOUNT, [of_campaign, of_group]).results
    assert resolved[of_campaign] == Carrier("campaign_budget/444", BUDGET)
    assert "its campaign 111 holds it" in str(resolved[of_group])


@pytest.mark.parametrize(
    "resource",
    ["campaign/1) OR campaign.id > (0", "campaign/", "ad/333", "location/111", "ad_set/5", "campaign/\u0665"],
)
def test_nothing_but_ids_gets_into_a_query(wire: Wire, resource: str) -> None:
    """What is no id of its kind is refused before anything is sent."""
    wire.script(token("access-1"))
    carrier = Carrier(resource, STATUS)
    assert isinstance(platform(wire).read(ACCOUNT, [carrier]).results[carrier], Rejected)
    assert wire.seen == []


def test_a_page_of_several_is_not_taken_for_the_whole(wire: Wire) -> None:
    """Rows that are missing would look like entities that are gone."""
    wire.script(token("access-1"), says({"results": [campaign()], "nextPageToken": "more"}))
    with pytest.raises(Transient):
        platform(wire).read(ACCOUNT, [CAMPAIGN, Carrier("campaign/112", STATUS)])


def test_a_write_is_one_mutate(wire: Wire) -> None:
    """The request id comes back from the header."""
    wire.script(token("access-1"), says({"mutateOperationResponses": [{"campaignResult": {"x": 1}}]}, request_id="R1"))
    answer = platform(wire).write(ACCOUNT, [Write(CAMPAIGN, "paused")])
    assert (answer.results, answer.calls, answer.request_id) == ({CAMPAIGN: None}, 1, "R1")
    assert wire.seen[1].path == MUTATE
    assert json.loads(wire.seen[1].body)["partialFailure"] is True


def test_status_and_bid_of_an_ad_group_are_one_operation(wire: Wire) -> None:
    """Google refuses a resource that is named twice; it counts one operation, and both writes hear of it."""
    wire.script(token("access-1"), says({"mutateOperationResponses": [{"adGroupResult": {"x": 1}}, {"x": {"x": 1}}]}))
    paused, bid = Carrier("ad_group/222", STATUS), Carrier("ad_group/222", FieldName.BID)
    nearer = Carrier("location/111~1006886", FieldName.BID_MODIFIER)
    google, writes = platform(wire), [Write(paused, "paused"), Write(nearer, "1.25"), Write(bid, "1500000")]
    (batch,) = google.batches(writes)
    answer = google.write(ACCOUNT, batch)
    assert (answer.results, answer.calls) == ({paused: None, nearer: None, bid: None}, 2)
    assert json.loads(wire.seen[1].body)["mutateOperations"] == [
        {
            "adGroupOperation": {
                "updateMask": "status,cpcBidMicros",
                "update": {
                    "resourceName": "customers/1234567890/adGroups/222",
                    "status": "PAUSED",
                    "cpcBidMicros": "1500000",
                },
            }
        },
        {
            "campaignCriterionOperation": {
                "updateMask": "bidModifier",
                "update": {"resourceName": "customers/1234567890/campaignCriteria/111~1006886", "bidModifier": 1.25},
            }
        },
    ]


def failed(*indices: int | None) -> object:
    """The body of a request that fails as a whole, over the operations of these indices."""
    errors = [
        {"errorCode": {"rangeError": "TOO_LOW"}, "message": "Too low.", **({} if index is None else _at(index))}
        for index in indices
    ]
    return {"error": {"code": 400, "status": "INVALID_ARGUMENT", "details": [{"errors": errors, "requestId": "R7"}]}}


def _at(index: int) -> dict[str, object]:
    return {"location": {"fieldPathElements": [{"fieldName": "mutate_operations", "index": index}]}}


def test_one_operation_that_fails_the_whole_request_does_not_end_the_others(wire: Wire) -> None:
    """Those may go again without it; only the one to blame is refused for good."""
    other = Carrier("campaign/112", STATUS)
    wire.script(token("access-1"), says(failed(1), 400, request_id="R7"))
    results = platform(wire).write(ACCOUNT, [Write(other, "paused"), Write(CAMPAIGN, "paused")]).results
    assert (type(results[other]), type(results[CAMPAIGN])) == (Conflict, Rejected)
    assert {error.request_id for error in results.values() if error} == {"R7"}


@pytest.mark.parametrize("indices", [(None,), (0, None)])
def test_a_request_that_fails_by_itself_is_raised(wire: Wire, indices: tuple[int | None, ...]) -> None:
    """An error without an operation is about all of them."""
    wire.script(token("access-1"), says(failed(*indices), 400))
    with pytest.raises(Rejected):
        platform(wire).write(ACCOUNT, [Write(CAMPAIGN, "paused"), Write(Carrier("campaign/112", STATUS), "paused")])


UNAUTHENTICATED = says({"error": {"code": 401, "message": "Expired.", "status": "UNAUTHENTICATED"}}, 401)


def test_a_refused_token_is_renewed_once(wire: Wire) -> None:
    """The call is made again with the new token, and then it counts."""
    wire.script(token("access-1"), UNAUTHENTICATED, token("access-2"), says({"results": [campaign()]}))
    assert platform(wire).read(ACCOUNT, [CAMPAIGN]).results == {CAMPAIGN: Observed("enabled")}
    assert [seen.path for seen in wire.seen] == ["/token", SEARCH, "/token", SEARCH]
    assert wire.seen[3].headers["authorization"] == "Bearer access-2"


def test_a_token_refused_twice_ends_there(wire: Wire) -> None:
    """No third try: the account has to be stopped."""
    wire.script(token("access-1"), UNAUTHENTICATED, token("access-2"), UNAUTHENTICATED)
    with pytest.raises(Unauthorised):
        platform(wire).read(ACCOUNT, [CAMPAIGN])
    assert len(wire.seen) == 4


def test_many_threads_share_one_refresh(wire: Wire) -> None:
    """Eight threads without a token cause one request for one."""
    wire.script(_by_path(token("access-1")))
    google = platform(wire)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: google.read(ACCOUNT, [CAMPAIGN]).results, range(8)))
    assert answers == [{CAMPAIGN: Observed("enabled")}] * 8
    assert [seen.path for seen in wire.seen].count("/token") == 1


def test_many_threads_share_one_refusal_each_for_its_own_account(wire: Wire) -> None:
    """A revoked grant is learnt once by those who wait, and the error names each one's own account."""
    wire.script(_by_path(_slowly(says({"error": "invalid_grant"}, 400))))
    google = platform(wire)
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(google.read, replace(ACCOUNT, id=f"account-{n}"), [CAMPAIGN]) for n in range(4)]
    errors = [each.exception() for each in waiting]
    assert {error.account for error in errors if isinstance(error, Unauthorised)} == {f"account-{n}" for n in range(4)}
    assert len(wire.seen) < 4


def test_a_thread_that_is_interrupted_leaves_the_token_to_the_next(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker's time limit may strike in the middle of a refresh; nobody is left waiting for it."""
    wire.script(_by_path(token("access-1")))
    google = platform(wire)
    with monkeypatch.context() as patch:
        patch.setattr(HttpClient, "post_form", _interrupted)
        with pytest.raises(KeyboardInterrupt):
            google.read(ACCOUNT, [CAMPAIGN])
    assert google.read(ACCOUNT, [CAMPAIGN]).results == {CAMPAIGN: Observed("enabled")}


def _interrupted(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def _by_path(token_reply: Reply) -> Reply:
    def reply(handler: Handler) -> None:
        (token_reply if handler.path == "/token" else says({"results": [campaign()]}))(handler)

    return reply


def _slowly(answer: Reply) -> Reply:
    def reply(handler: Handler) -> None:
        handler.wire.closing.wait(0.5)
        answer(handler)

    return reply


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (says({"error": "invalid_grant", "error_description": "1//refresh-012345 revoked"}, 400), Unauthorised),
        (says({"error": "invalid_client"}, 401), Unauthorised),
        (says({"error": "internal_failure"}, 500), Transient),
        (sends(b"<html>", 503), Transient),
        (sends(b"<html>", 200), Transient),
        (says({}, 200), Transient),
        (says([], 200), Transient),
        (token("access-1", "soon"), Transient),
        (token("access-1", None), Transient),
        (token("access-1", 10**9), Transient),
        (sends(b"", 429), RateLimited),
        (hangs, Transient),
        (resets, Transient),
    ],
)
def test_a_token_that_cannot_be_had_is_asked_for_once(wire: Wire, reply: Reply, kind: type[ServiceError]) -> None:
    """google-auth would repeat the call by itself; here it does not, and it shows no secret."""
    wire.script(reply)
    with pytest.raises(ServiceError) as caught:
        platform(wire, bounds=patience_for(reply)).read(ACCOUNT, [CAMPAIGN])
    assert type(caught.value) is kind
    assert [seen.path for seen in wire.seen] == ["/token"]
    _shows_no_secret(caught.value)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (says({"error": {"code": 403, "message": "access-1 client-secret-012345"}}, 403), Unauthorised),
        (says({"error": {"code": 400, "message": "access-token-1 client-secret-012345"}}, 400), Rejected),
        (says({"error": {"code": 429, "message": "Slow down."}}, 429, retry_after="7"), RateLimited),
        (sends(b"<html>", 502), Transient),
        (sends(b"<html>", 200), Transient),
        (hangs, Transient),
        (resets, Transient),
    ],
)
def test_a_call_that_fails_as_a_whole_is_raised_without_secrets(
    wire: Wire, reply: Reply, kind: type[ServiceError]
) -> None:
    """Once, with the account, and no token in it."""
    wire.script(token("access-token-1"), reply)
    with pytest.raises(ServiceError) as caught:
        platform(wire, bounds=patience_for(reply)).write(ACCOUNT, [Write(CAMPAIGN, "paused")])
    assert type(caught.value) is kind
    assert (caught.value.service, caught.value.account) == ("google_ads", "google-acme")
    assert len(wire.seen) == 2
    _shows_no_secret(caught.value)


def _shows_no_secret(error: ServiceError) -> None:
    said = everything_said_by(error)
    assert not [secret for secret in (*CREDENTIALS.secrets, "access-token-1") if secret in said]
