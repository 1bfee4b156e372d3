"""What holds at the sandbox's Graph beside its nodes: limits, tokens, delays, nodes in trouble."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.contract.sandbox_server import META, SandboxClient, sandbox_thread

Json = Any  # Any: JSON of an answer
SUCCESS = {"success": True}


@dataclass
class Hand:
    """A clock that goes when a test says so."""

    at: datetime = datetime(2026, 11, 23, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def go(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest.fixture
def sandbox(tmp_path: Path, clock: Hand) -> Iterator[SandboxClient]:
    """A sandbox whose real clock is in the test's hand."""
    with sandbox_thread(tmp_path, clock) as client:
        yield client


def batch(sandbox: SandboxClient, **bodies: str) -> list[Json]:
    """Writes to several nodes; gives the entries. A node is named `n23847`."""
    calls = [
        {"method": "POST", "relative_url": f"{name.lstrip('n')}/", "body": body}
        if body
        else {"method": "GET", "relative_url": f"{name.lstrip('n')}/?fields=status"}
        for name, body in bodies.items()
    ]
    answer = sandbox.form("/v26.0/", batch=json.dumps(calls))
    assert answer.status_code == 200, answer.text
    entries: list[Json] = answer.json()
    return entries


def told(answer: requests.Response) -> tuple[int | None, int | None]:
    """Code and subcode."""
    error = answer.json().get("error", {})
    return error.get("code"), error.get("error_subcode")


def usage(answer: requests.Response, name: str) -> Json:
    return json.loads(answer.headers[name])


# --- the score


def test_a_read_is_one_point_and_a_write_three(sandbox: SandboxClient) -> None:
    """In percent of the score, in the header of the ad account; the reset is in seconds."""
    sandbox.meta("limits", limit="score", most=100, seconds=300)
    sandbox.get("/v26.0/23847")
    answer = sandbox.form("/v26.0/23847", status="ACTIVE")
    assert usage(answer, "X-Ad-Account-Usage") == {
        "acc_id_util_pct": 4.0,
        "reset_time_duration": 300,
        "ads_api_access_tier": "standard_access",
    }
    read = sandbox.get("/v26.0/", ids="23847,23848", fields="status")
    assert usage(read, "X-Ad-Account-Usage")["acc_id_util_pct"] == 6.0


def test_a_full_score_blocks_and_then_decays(sandbox: SandboxClient, clock: Hand) -> None:
    """The 21st write of 60 points is refused, and all else of the account for the block; other accounts go on."""
    sandbox.meta("limits", limit="score", most=60, seconds=300, block=300)
    statuses = [sandbox.form("/v26.0/23847", status="ACTIVE").status_code for _ in range(20)]
    assert set(statuses) == {200}
    refused = sandbox.form("/v26.0/23848", status="PAUSED")
    assert (refused.status_code, told(refused)) == (400, (17, 2446079))
    assert usage(refused, "X-Ad-Account-Usage")["acc_id_util_pct"] == 100
    assert sandbox.value("ad_set/23848", "status") == "ACTIVE"
    assert told(sandbox.get("/v26.0/23847")) == (17, 2446079)
    assert sandbox.form("/v26.0/33847", status="ACTIVE").json() == SUCCESS
    clock.go(299)
    assert told(sandbox.get("/v26.0/23847")) == (17, 2446079)
    clock.go(1)
    assert sandbox.form("/v26.0/23848", status="PAUSED").json() == SUCCESS


def test_points_are_forgotten_one_by_one(sandbox: SandboxClient, clock: Hand) -> None:
    """Each after 300 seconds of its own; without a fixed block there is room as soon as enough are forgotten."""
    sandbox.meta("limits", limit="score", most=4, seconds=300)
    sandbox.get("/v26.0/23847")
    clock.go(200)
    sandbox.form("/v26.0/23847", status="ACTIVE")
    assert told(sandbox.get("/v26.0/23847")) == (17, 2446079)
    clock.go(100)
    assert sandbox.get("/v26.0/23847").status_code == 200
    assert told(sandbox.get("/v26.0/23847")) == (17, 2446079)


def test_each_call_of_a_batch_counts_and_is_refused_for_itself(sandbox: SandboxClient) -> None:
    """Two of three writes fit; the whole answer is 200, and each entry has headers of its own."""
    sandbox.meta("limits", limit="score", most=7, seconds=300)
    entries = batch(sandbox, n23847="status=ACTIVE", n23868="status=ACTIVE", n23857="status=ACTIVE")
    assert [entry["code"] for entry in entries] == [200, 200, 400]
    assert json.loads(entries[2]["body"])["error"]["code"] == 17
    assert "X-Ad-Account-Usage" in {header["name"] for header in entries[2]["headers"]}
    assert sandbox.value("ad_set/23857", "status") == "PAUSED"


def test_whoever_has_hardly_called_gets_no_header(sandbox: SandboxClient) -> None:
    """The standard tier: 9,000 points, so the header comes after 90."""
    writes = [sandbox.form("/v26.0/23847", status="ACTIVE") for _ in range(29)]
    assert not {name for answer in writes for name in answer.headers if "Usage" in name}
    *_, last = [sandbox.get("/v26.0/23847") for _ in range(3)]
    assert usage(last, "X-Ad-Account-Usage")["acc_id_util_pct"] == 1.0


# --- calls of ads management, and of the app


def test_too_many_calls_of_ads_management_are_80004(sandbox: SandboxClient, clock: Hand) -> None:
    """With the minutes until access is regained, by the account's id, in the header. Five active ads add 40 each."""
    sandbox.meta("limits", limit="ads_management", most=100, seconds=3600)
    answers = [sandbox.get("/v26.0/23847") for _ in range(100 + 5 * 40)]
    (case,) = usage(answers[-1], "X-Business-Use-Case-Usage")["1001"]
    assert (case["type"], case["call_count"], case["estimated_time_to_regain_access"]) == ("ads_management", 100, 0)
    assert {answer.status_code for answer in answers} == {200}
    last = sandbox.get("/v26.0/23847")
    assert told(last) == (80004, 2446079)
    (case,) = usage(last, "X-Business-Use-Case-Usage")["1001"]
    assert (case["call_count"], case["estimated_time_to_regain_access"]) == (100, 60)
    clock.go(3600)
    assert sandbox.get("/v26.0/23847").status_code == 200


def test_an_account_can_be_blocked_for_a_time(sandbox: SandboxClient, clock: Hand) -> None:
    """As if others had used it up: 17 minutes to go, and none of the other account's."""
    sandbox.meta("limits", limit="ads_management", account=META, blocked=17 * 60)
    answer = sandbox.get("/v26.0/23847")
    (case,) = usage(answer, "X-Business-Use-Case-Usage")["1001"]
    assert (told(answer), case["estimated_time_to_regain_access"]) == ((80004, 2446079), 17)
    assert sandbox.get("/v26.0/33847").status_code == 200
    clock.go(17 * 60)
    assert sandbox.get("/v26.0/23847").status_code == 200


def test_the_limit_of_the_app_is_of_all_accounts(sandbox: SandboxClient) -> None:
    """Code 4, and a header of three percentages."""
    sandbox.meta("limits", limit="app", most=3, seconds=3600)
    answers = [sandbox.get(f"/v26.0/{node}") for node in ("23847", "33847", "23847", "33847")]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 400]
    assert told(answers[-1]) == (4, 1504022)
    assert usage(answers[0], "X-App-Usage").keys() == {"call_count", "total_time", "total_cputime"}
    assert usage(answers[2], "X-App-Usage")["call_count"] == 100


# --- the budget of an ad set


def test_the_fifth_budget_of_an_ad_set_within_an_hour_is_refused(sandbox: SandboxClient, clock: Hand) -> None:
    """613/1487632, and so is every other for an hour; its status and other ad sets go on."""
    for budget in ("5100", "5200", "5300", "5400"):
        assert sandbox.form("/v26.0/23847", daily_budget=budget).json() == SUCCESS
        clock.go(60)
    fifth = sandbox.form("/v26.0/23847", daily_budget="5500")
    assert (fifth.status_code, told(fifth)) == (400, (613, 1487632))
    assert sandbox.value("ad_set/23847", "daily_budget") == "5400"
    assert sandbox.form("/v26.0/23847", status="ACTIVE").json() == SUCCESS
    assert sandbox.form("/v26.0/23848", daily_budget="8100").json() == SUCCESS
    clock.go(3599)
    assert told(sandbox.form("/v26.0/23847", daily_budget="5500")) == (613, 1487632)
    clock.go(1)
    assert sandbox.form("/v26.0/23847", daily_budget="5500").json() == SUCCESS


def test_four_changes_an_hour_may_go_on_for_ever(sandbox: SandboxClient, clock: Hand) -> None:
    """One every quarter of an hour."""
    for number in range(40):
        assert sandbox.form("/v26.0/23847", daily_budget=str(5000 + number)).json() == SUCCESS
        clock.go(900)


def test_a_rehearsal_is_no_change_and_a_campaign_has_no_such_rule(sandbox: SandboxClient) -> None:
    """`validate_only` counts nothing; budgets of campaigns are not bounded; a lifetime budget is."""
    for _ in range(6):
        rehearsal = {"execution_options": '["validate_only"]'}
        assert sandbox.form("/v26.0/23847", daily_budget="5100", **rehearsal).json() == SUCCESS
        assert sandbox.form("/v26.0/23802", daily_budget="13000").json() == SUCCESS
    answers = [sandbox.form("/v26.0/23867", lifetime_budget="950000") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 400]


def test_the_rule_of_the_budget_can_be_another(sandbox: SandboxClient, clock: Hand) -> None:
    """For tests that want it sooner, or not at all."""
    sandbox.meta("budget_changes", most=1, seconds=10)
    assert sandbox.form("/v26.0/23847", daily_budget="5100").json() == SUCCESS
    assert told(sandbox.form("/v26.0/23847", daily_budget="5200")) == (613, 1487632)
    clock.go(10)
    assert sandbox.form("/v26.0/23847", daily_budget="5200").json() == SUCCESS


# --- delivery


def effective(sandbox: SandboxClient, node: str = "23847") -> tuple[str, str]:
    answer = sandbox.get(f"/v26.0/{node}", fields="status,effective_status").json()
    return answer["status"], answer["effective_status"]


def test_what_was_activated_delivers_only_after_some_looks(sandbox: SandboxClient) -> None:
    """`status` says at once what was set; a look that does not ask for `effective_status` is none."""
    sandbox.meta("delivery", looks=2)
    assert effective(sandbox) == ("PAUSED", "PAUSED")
    sandbox.form("/v26.0/23847", status="ACTIVE")
    sandbox.get("/v26.0/23847", fields="status")
    sandbox.get(f"/v26.0/{META}/adsets", fields="name")
    seen = [effective(sandbox) for _ in range(3)]
    assert seen == [("ACTIVE", "IN_PROCESS"), ("ACTIVE", "IN_PROCESS"), ("ACTIVE", "ACTIVE")]


def test_what_was_activated_delivers_only_after_some_time(sandbox: SandboxClient, clock: Hand) -> None:
    """And pausing takes effect at once."""
    sandbox.meta("delivery", seconds=30)
    sandbox.form("/v26.0/23847", status="ACTIVE")
    clock.go(29)
    assert effective(sandbox) == ("ACTIVE", "IN_PROCESS")
    in_process = sandbox.get(f"/v26.0/{META}/adsets", effective_status='["IN_PROCESS"]').json()["data"]
    assert in_process == [{"id": "23847"}]
    clock.go(1)
    assert effective(sandbox) == ("ACTIVE", "ACTIVE")
    sandbox.form("/v26.0/23847", status="PAUSED")
    assert effective(sandbox) == ("PAUSED", "PAUSED")


def test_what_is_paused_or_gone_above_counts_more(sandbox: SandboxClient) -> None:
    """A campaign that is paused, deleted or archived; an ad whose ad set or campaign is paused."""
    sandbox.meta("delivery", looks=5)
    sandbox.form("/v26.0/23801", status="PAUSED")
    sandbox.form("/v26.0/23847", status="ACTIVE")
    assert effective(sandbox) == ("ACTIVE", "CAMPAIGN_PAUSED")
    assert effective(sandbox, "239471") == ("ACTIVE", "CAMPAIGN_PAUSED")
    assert effective(sandbox, "239491") == ("ACTIVE", "ADSET_PAUSED")
    sandbox.form("/v26.0/23801", status="ARCHIVED")
    assert effective(sandbox) == ("ACTIVE", "ARCHIVED")
    assert effective(sandbox, "239471") == ("ACTIVE", "ARCHIVED")


@pytest.mark.parametrize("gone", ["ARCHIVED", "DELETED"])
def test_what_is_gone_can_be_read_and_not_written(sandbox: SandboxClient, gone: str) -> None:
    """Code 100; lists leave it out unless it is asked for."""
    assert sandbox.form("/v26.0/23847", status=gone).json() == SUCCESS
    assert effective(sandbox) == (gone, gone)
    for change in ({"status": "ACTIVE"}, {"daily_budget": "6000"}):
        assert told(sandbox.form("/v26.0/23847", **change)) == (100, None)
    listed = [
        sandbox.get("/v26.0/23801/adsets", **asked).json()["data"]
        for asked in ({}, {"effective_status": json.dumps([gone])})
    ]
    assert [[node["id"] for node in nodes] for nodes in listed] == [["23848", "23849"], ["23847"]]


# --- who may call


@pytest.mark.parametrize(
    ("state", "subcode"),
    [
        ("app_removed", 458),
        ("checkpoint", 459),
        ("password_changed", 460),
        ("expired", 463),
        ("unconfirmed", 464),
        ("revoked", 467),
    ],
)
def test_a_token_can_be_refused_and_made_good_again(sandbox: SandboxClient, state: str, subcode: int) -> None:
    """Code 190 with the reason as subcode; nothing is done, and other tokens are as good as before."""
    sandbox.meta("tokens", token="a-token", state=state)
    answer = sandbox.form("/v26.0/23847", status="ACTIVE")
    assert (answer.status_code, told(answer)) == (400, (190, subcode))
    assert sandbox.value("ad_set/23847", "status") == "PAUSED"
    other = sandbox.session.get(f"{sandbox.url}/v26.0/23847", headers={"Authorization": "Bearer b"}, timeout=5)
    assert other.status_code == 200
    sandbox.meta("tokens", token="a-token", state="good")
    assert sandbox.form("/v26.0/23847", status="ACTIVE").json() == SUCCESS


def test_an_app_can_demand_proof_of_the_token(sandbox: SandboxClient) -> None:
    """Code 100 for a proof that is missing or wrong."""
    sandbox.meta("app", secret="an-app-secret")
    assert "require an appsecret_proof" in sandbox.get("/v26.0/23847").json()["error"]["message"]
    wrong = sandbox.get("/v26.0/23847", appsecret_proof="0" * 64)
    assert "Invalid appsecret_proof" in wrong.json()["error"]["message"]
    sandbox.meta("app", secret=None)
    assert sandbox.get("/v26.0/23847").status_code == 200


# --- nodes in trouble


@pytest.mark.parametrize("applied", [False, True])
def test_a_call_of_a_batch_that_does_not_complete_is_null(sandbox: SandboxClient, applied: bool) -> None:
    """Its neighbours are done; whether it had its effect nobody can tell from the answer."""
    sandbox.meta("troubles", node="23868", kind="incomplete", count=1, applied=applied)
    entries = batch(sandbox, n23847="status=ACTIVE", n23868="status=ACTIVE", n23857="status=ACTIVE")
    assert [entry and entry["code"] for entry in entries] == [200, None, 200]
    assert sandbox.value("ad_set/23868", "status") == ("ACTIVE" if applied else "PAUSED")
    (entry,) = batch(sandbox, n23868="status=ACTIVE")
    assert entry["code"] == 200


def test_alone_a_call_that_does_not_complete_is_code_2(sandbox: SandboxClient) -> None:
    """There is no entry that could be null."""
    sandbox.meta("troubles", node="23847", kind="incomplete", count=1)
    answer = sandbox.get("/v26.0/23847")
    assert (answer.status_code, told(answer)) == (503, (2, None))


def test_one_node_can_be_poisoned(sandbox: SandboxClient) -> None:
    """In a batch it alone fails, every time; a read of several ids fails with it; taken back, all is well."""
    sandbox.meta("troubles", node="23868", kind="error", code=100, subcode=1885272, message="Poison")
    for _ in range(2):
        entries = batch(sandbox, n23847="status=ACTIVE", n23868="status=ACTIVE")
        assert [entry["code"] for entry in entries] == [200, 400]
    assert told(sandbox.get("/v26.0/", ids="23847,23868", fields="status")) == (100, 1885272)
    assert [entry["code"] for entry in batch(sandbox, n23847="", n23868="")] == [200, 400]
    sandbox.session.delete(f"{sandbox.url}/_sandbox/meta_ads/troubles", timeout=5)
    assert sandbox.form("/v26.0/23868", status="ACTIVE").json() == SUCCESS


def test_an_error_may_come_under_200(sandbox: SandboxClient) -> None:
    """Of one call, of one entry, of a whole batch; `is_transient` as ordered."""
    trouble = {"kind": "error", "status": 200, "code": 2, "is_transient": True, "count": 2}
    sandbox.meta("troubles", node="23847", **trouble)
    answer = sandbox.form("/v26.0/23847", status="ACTIVE")
    assert (answer.status_code, answer.json()["error"]["is_transient"]) == (200, True)
    (entry,) = batch(sandbox, n23847="status=ACTIVE")
    assert (entry["code"], json.loads(entry["body"])["error"]["code"]) == (200, 2)
    sandbox.meta("troubles", node="", method="POST", **trouble)
    whole = sandbox.form("/v26.0/", batch="[]")
    assert (whole.status_code, told(whole)) == (200, (2, None))
    assert not [change for entry in sandbox.journal() for change in entry["changes"]]


def test_a_write_may_be_unsuccessful_without_an_error(sandbox: SandboxClient) -> None:
    """`{"success": false}` under 200; only writes are struck if so ordered."""
    sandbox.meta("troubles", node="23847", kind="unsuccessful", method="POST")
    assert sandbox.form("/v26.0/23847", status="ACTIVE").json() == {"success": False}
    assert sandbox.get("/v26.0/23847", fields="status").json()["status"] == "PAUSED"


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("limits", {"limit": "nothing", "most": 1}),
        ("limits", {"limit": "score", "most": 0}),
        ("limits", {"limit": "score", "account": "act_9", "blocked": 5}),
        ("limits", {"limit": "score", "most": 5, "seconds": 100_000}),
        ("tokens", {"token": "t", "state": "tired"}),
        ("troubles", {"node": "1", "kind": "boredom"}),
        ("delivery", {"looks": -1}),
        ("budget_changes", {"most": "many"}),
        ("app", {}),
    ],
)
def test_what_cannot_be_is_refused(sandbox: SandboxClient, what: str, body: dict[str, object]) -> None:
    """400 and a sentence."""
    answer = sandbox.json(f"/_sandbox/meta_ads/{what}", body)
    assert answer.status_code == 400
    assert answer.json()["error"]


# --- bids


@pytest.mark.parametrize(
    ("node", "amount", "good"),
    [
        ("23849", "175", True),
        ("239491", "130", True),
        ("23849", "0", False),
        ("23847", "175", False),
        ("23801", "175", False),
    ],
)
def test_a_bid_is_written_where_there_is_one(sandbox: SandboxClient, node: str, amount: str, good: bool) -> None:
    """An ad set with a cap, an ad of its own bid; a number when it is read."""
    answer = sandbox.form(f"/v26.0/{node}", bid_amount=amount)
    assert answer.status_code == (200 if good else 400)
    if good:
        assert sandbox.get(f"/v26.0/{node}", fields="bid_amount").json() == {"bid_amount": int(amount), "id": node}
