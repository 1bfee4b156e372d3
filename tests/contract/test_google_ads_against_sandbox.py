"""The Google adapter against the sandbox when things are not as usual: tokens, quotas, conflicts, managers."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.contract.sandbox_server import GOOGLE, SandboxClient, sandbox_thread
from weathertrigger.domain.change import Carrier
from weathertrigger.domain.rule import FieldName
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
from weathertrigger.platforms.google_ads.client import GoogleAds
from weathertrigger.platforms.google_ads.credentials import GoogleCredentials
from weathertrigger.platforms.port import AdAccount, Observed, Write

ACCOUNT = AdAccount("google-acme", GOOGLE, "USD")
CREDENTIALS = GoogleCredentials("a-client", "a-client-secret", "a-refresh-token")
CAMPAIGN, OTHER = Carrier("campaign/111", FieldName.STATUS), Carrier("campaign/113", FieldName.STATUS)
BUDGET = Carrier("campaign_budget/444", FieldName.DAILY_BUDGET)
BID = Carrier("ad_group/222", FieldName.BID)
GROUP = Carrier("ad_group/222", FieldName.STATUS)
MODIFIER = Carrier("location/111~1006886", FieldName.BID_MODIFIER)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxClient]:
    """A fresh sandbox whose clock stands still."""
    with sandbox_thread(tmp_path) as client:
        yield client


@pytest.fixture
def google(sandbox: SandboxClient) -> GoogleAds:
    """Our adapter."""
    return adapter(sandbox)


def adapter(sandbox: SandboxClient, credentials: GoogleCredentials = CREDENTIALS) -> GoogleAds:
    return GoogleAds(credentials, base_url=sandbox.url, oauth_url=sandbox.url)


def order(sandbox: SandboxClient, path: str = "", **wanted: object) -> None:
    answer = sandbox.json(f"/_sandbox/google_ads{path}", wanted)
    assert answer.status_code in {200, 201}, answer.text


def calls(sandbox: SandboxClient) -> list[tuple[str, int | None]]:
    """What was asked of both of Google's services, and the statuses."""
    return [(entry["path"].rpartition("/")[2].rpartition(":")[2], entry["status"]) for entry in sandbox.journal()]


def test_a_token_that_ends_in_the_middle_of_the_run_is_renewed(sandbox: SandboxClient, google: GoogleAds) -> None:
    """Once, and the call is made again."""
    google.read(ACCOUNT, [CAMPAIGN])
    order(sandbox, end_tokens=True)
    assert google.read(ACCOUNT, [CAMPAIGN]).results == {CAMPAIGN: Observed("enabled")}
    assert calls(sandbox) == [("token", 200), ("search", 200), ("search", 401), ("token", 200), ("search", 200)]


def test_a_token_is_not_used_to_its_last_second(sandbox: SandboxClient, google: GoogleAds) -> None:
    """One that lives a minute is renewed before each call rather than refused."""
    order(sandbox, token_lifetime_s=60)
    for _ in range(2):
        google.read(ACCOUNT, [CAMPAIGN])
    assert calls(sandbox) == [("token", 200), ("search", 200)] * 2


def test_a_grant_that_is_revoked_in_the_middle_of_the_run(sandbox: SandboxClient, google: GoogleAds) -> None:
    """The token is refused, its renewal too: the account has to be stopped, and Google is asked no further."""
    google.read(ACCOUNT, [CAMPAIGN])
    order(sandbox, end_tokens=True, revoke=CREDENTIALS.refresh_token)
    with pytest.raises(Unauthorised, match="invalid_grant"):
        google.read(ACCOUNT, [CAMPAIGN])
    assert calls(sandbox)[2:] == [("search", 401), ("token", 400)]


def test_a_write_whose_token_is_refused_is_not_made_again(sandbox: SandboxClient, google: GoogleAds) -> None:
    """Semantics 28: whoever sends it asks the kill switch first, so it is told as not done; the next has a token."""
    google.read(ACCOUNT, [CAMPAIGN])
    order(sandbox, end_tokens=True)
    with pytest.raises(Conflict, match="nothing was written"):
        google.write(ACCOUNT, [Write(CAMPAIGN, "paused")])
    assert google.write(ACCOUNT, [Write(CAMPAIGN, "paused")]).results == {CAMPAIGN: None}
    assert calls(sandbox)[2:] == [("mutate", 401), ("token", 200), ("mutate", 200)]


def test_an_account_behind_a_manager(sandbox: SandboxClient, google: GoogleAds) -> None:
    """`login-customer-id` is the way in; without it the error says what is missing."""
    order(sandbox, f"/{GOOGLE}", manager="9876543210")
    with pytest.raises(Unauthorised, match="login-customer-id"):
        google.read(ACCOUNT, [CAMPAIGN])
    managed = adapter(sandbox, replace(CREDENTIALS, login_customer_id="987-654-3210"))
    assert managed.read(ACCOUNT, [CAMPAIGN]).results == {CAMPAIGN: Observed("enabled")}


@pytest.mark.parametrize(
    ("code", "more", "kind", "wait", "scope"),
    [
        ("RESOURCE_TEMPORARILY_EXHAUSTED", {"retry_delay": "30s"}, RateLimited, 30, LimitScope.ACCOUNT),
        ("RESOURCE_TEMPORARILY_EXHAUSTED", {"rate_scope": "DEVELOPER"}, RateLimited, None, LimitScope.SERVICE),
        ("RESOURCE_EXHAUSTED", {"retry_delay": "0.5s", "rate_scope": "ACCOUNT"}, RateLimited, 1, LimitScope.ACCOUNT),
        ("RESOURCE_EXHAUSTED", {"rate_scope": "DEVELOPER"}, QuotaExhausted, None, LimitScope.SERVICE),
    ],
)
@pytest.mark.parametrize("is_write", [False, True])
def test_a_quota_says_how_long_and_whose(
    sandbox: SandboxClient,
    google: GoogleAds,
    *,
    code: str,
    more: dict[str, object],
    kind: type[RateLimited | QuotaExhausted],
    wait: int | None,
    scope: LimitScope,
    is_write: bool,
) -> None:
    """With and without a delay, of the account and of the whole project; nothing was written."""
    order(sandbox, f"/{GOOGLE}/errors", error=f"quotaError.{code}", status=429, **more)
    with pytest.raises(kind) as caught:
        google.write(ACCOUNT, [Write(CAMPAIGN, "paused")]) if is_write else google.read(ACCOUNT, [CAMPAIGN])
    assert type(caught.value) is kind
    assert caught.value.scope is scope
    assert getattr(caught.value, "retry_after", None) == (None if wait is None else timedelta(seconds=wait))
    assert sandbox.value("campaign/111", "status", GOOGLE) == "ENABLED"


def test_the_day_is_used_up(sandbox: SandboxClient, google: GoogleAds) -> None:
    """What does not fit into the rest of the day is not begun."""
    order(sandbox, operations_left=2)
    google.read(ACCOUNT, [CAMPAIGN])
    with pytest.raises(QuotaExhausted):
        google.write(ACCOUNT, [Write(CAMPAIGN, "paused"), Write(OTHER, "paused")])
    assert google.write(ACCOUNT, [Write(CAMPAIGN, "paused")]).results == {CAMPAIGN: None}


def test_a_concurrent_modification_is_a_conflict_of_that_resource(sandbox: SandboxClient, google: GoogleAds) -> None:
    """The neighbour is done at once, the resource itself at the third time."""
    error = "databaseError.CONCURRENT_MODIFICATION"
    order(sandbox, f"/{GOOGLE}/errors", error=error, resource="campaign/111", count=2)
    for _ in range(2):
        results = google.write(ACCOUNT, [Write(OTHER, "paused"), Write(CAMPAIGN, "paused")]).results
        assert (results[OTHER], type(results[CAMPAIGN])) == (None, Conflict)
    assert google.write(ACCOUNT, [Write(CAMPAIGN, "paused")]).results == {CAMPAIGN: None}


@pytest.mark.parametrize(("error", "status"), [("internalError.TRANSIENT_ERROR", 503), ("internalError.X_Y", 500)])
def test_a_failure_of_google_is_transient(sandbox: SandboxClient, google: GoogleAds, error: str, status: int) -> None:
    """Whatever its code."""
    order(sandbox, f"/{GOOGLE}/errors", error=error, status=status)
    with pytest.raises(Transient):
        google.read(ACCOUNT, [CAMPAIGN])


def test_a_budget_that_is_too_small_says_how_much_it_has_to_be(sandbox: SandboxClient, google: GoogleAds) -> None:
    """In the sentence that a person reads (semantics 23)."""
    order(sandbox, f"/{GOOGLE}", smallest_budget=5_000_000)
    refused = google.write(ACCOUNT, [Write(BUDGET, "4500000")]).results[BUDGET]
    assert isinstance(refused, Rejected)
    assert str(refused).endswith("; the smallest daily budget is 5.00 USD, and 4.50 USD was sent")


def test_a_bid_and_a_bid_modifier(sandbox: SandboxClient, google: GoogleAds) -> None:
    """Read, written with the status of the ad group in one operation, and read back as written (semantics 15, 16)."""
    before = google.read(ACCOUNT, [GROUP, BID, MODIFIER]).results
    assert before == {GROUP: Observed("enabled"), BID: Observed("1500000"), MODIFIER: Observed("1.1")}
    answer = google.write(ACCOUNT, [Write(GROUP, "paused"), Write(BID, "1800000"), Write(MODIFIER, "1.32")])
    assert (answer.results, answer.calls) == ({GROUP: None, BID: None, MODIFIER: None}, 2)
    entry = sandbox.journal()[-1]
    assert entry["calls"] == 2
    assert [(change["resource"], change["field"], change["to"]) for change in entry["changes"]] == [
        ("ad_group/222", "status", "PAUSED"),
        ("ad_group/222", "cpc_bid_micros", "1800000"),
        ("location/111~1006886", "bid_modifier", "1.32"),
    ]
    after = google.read(ACCOUNT, [GROUP, BID, MODIFIER]).results
    assert after == {GROUP: Observed("paused"), BID: Observed("1800000"), MODIFIER: Observed("1.32")}


def test_every_modifier_in_whole_percents_is_read_back_as_written(sandbox: SandboxClient, google: GoogleAds) -> None:
    """Google keeps four bytes of it; what comes back must not look like another value, or a person's."""
    for hundredths in (*range(10, 1000, 7), 1000):
        value = f"{hundredths / 100:g}"
        assert google.write(ACCOUNT, [Write(MODIFIER, value)]).results == {MODIFIER: None}
        assert google.read(ACCOUNT, [MODIFIER]).results == {MODIFIER: Observed(value)}


def test_a_bid_that_is_refused_leaves_the_pause_to_go_again(sandbox: SandboxClient, google: GoogleAds) -> None:
    """Nothing of the operation was done; the pause alone is then taken (semantics 24)."""
    results = google.write(ACCOUNT, [Write(GROUP, "paused"), Write(BID, "1800001")]).results
    assert (type(results[GROUP]), type(results[BID])) == (Conflict, Rejected)
    assert sandbox.value("ad_group/222", "status", GOOGLE) == "ENABLED"
    assert google.write(ACCOUNT, [Write(GROUP, "paused")]).results == {GROUP: None}


@pytest.mark.parametrize(
    ("carrier", "value"), [(CAMPAIGN, "paused"), (GROUP, "paused"), (MODIFIER, "1.25"), (BUDGET, "60000000")]
)
def test_a_trial_writes_nothing(sandbox: SandboxClient, google: GoogleAds, carrier: Carrier, value: str) -> None:
    """`validateOnly` on every kind (semantics 27)."""
    before = google.read(ACCOUNT, [carrier]).results
    assert google.write(ACCOUNT, [Write(carrier, value)], validate_only=True).results == {carrier: None}
    assert google.read(ACCOUNT, [carrier]).results == before
    assert sandbox.journal()[-2]["changes"] == []


@pytest.mark.parametrize(("resource", "carrier"), [("ad_group/222", BID), ("location/111~1006886", MODIFIER)])
def test_what_a_person_removed_is_gone(
    sandbox: SandboxClient, google: GoogleAds, resource: str, carrier: Carrier
) -> None:
    """A write is refused, and a status or a modifier is not found any more."""
    sandbox.json(f"/_sandbox/entities/{GOOGLE}/{resource}", {"status": "REMOVED"})
    seen = carrier if carrier is MODIFIER else GROUP
    assert isinstance(google.read(ACCOUNT, [seen]).results[seen], NotFound)
    refused: ServiceError | None = google.write(ACCOUNT, [Write(carrier, "1")]).results[carrier]
    assert isinstance(refused, Rejected)


def test_a_budget_that_becomes_shared_is_told(sandbox: SandboxClient, google: GoogleAds) -> None:
    """From the read after a person gave it to a second campaign on (semantics 22)."""
    assert google.read(ACCOUNT, [BUDGET]).results == {BUDGET: Observed("50000000")}
    entity = {"resource": "campaign/119", "budget": "campaign_budget/444", "status": "PAUSED"}
    sandbox.json("/_sandbox/entities", {"accounts": [{"id": GOOGLE, "entities": [entity]}]})
    assert google.read(ACCOUNT, [BUDGET]).results == {BUDGET: Observed("50000000", shared_by=2)}


def test_an_answer_in_pages_is_not_taken_for_the_whole(sandbox: SandboxClient, google: GoogleAds) -> None:
    """A search of ours is far below a page; if Google's pages ever shrink, nothing is taken for gone."""
    order(sandbox, page_rows=1)
    with pytest.raises(Transient):
        google.read(ACCOUNT, [CAMPAIGN, OTHER])
