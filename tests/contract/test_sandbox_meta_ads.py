"""The sandbox's Graph API over HTTP."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.contract.sandbox_server import META, TIMEOUT, SandboxClient, sandbox_thread

Json = Any  # Any: JSON of an answer


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxClient]:
    with sandbox_thread(tmp_path) as client:
        yield client


def _batch(sandbox: SandboxClient, *items: dict[str, str]) -> requests.Response:
    return sandbox.form("/v26.0/", batch=json.dumps(items))


def _post(node: str, body: str) -> dict[str, str]:
    return {"method": "POST", "relative_url": f"{node}/", "body": body}


def _error(answer: requests.Response) -> Json:
    assert answer.status_code == 400, answer.text
    return answer.json()["error"]


@pytest.mark.parametrize("path", ["/v26.0/23847", "/v26.0/23847/"])
def test_a_node_shows_what_was_asked_and_its_id(sandbox: SandboxClient, path: str) -> None:
    """With and without a slash at the end; budgets are text in minor units."""
    answer = sandbox.get(path, fields="status,daily_budget,campaign_id")
    assert answer.json() == {"status": "PAUSED", "daily_budget": "5000", "campaign_id": "23801", "id": "23847"}
    assert sandbox.get(path).json() == {"id": "23847"}


def test_the_account_shows_its_currency(sandbox: SandboxClient) -> None:
    """The `act_` node has currency and id."""
    assert sandbox.get(f"/v26.0/{META}", fields="currency,account_id").json() == {
        "currency": "USD",
        "account_id": "1001",
        "id": META,
    }
    assert sandbox.get("/v26.0/act_1002", fields="currency").json()["currency"] == "JPY"


def test_a_related_node_can_be_opened(sandbox: SandboxClient) -> None:
    """One level of braces: the ad's ad set and campaign."""
    answer = sandbox.get("/v26.0/239571", fields="campaign{daily_budget},adset{id,status}").json()
    assert answer == {
        "campaign": {"daily_budget": "12000", "id": "23802"},
        "adset": {"id": "23857", "status": "PAUSED"},
        "id": "239571",
    }


def test_a_node_without_a_budget_shows_none(sandbox: SandboxClient) -> None:
    """Under a campaign that has the budget; a lifetime budget comes with a daily one of "0"."""
    fields = "daily_budget,lifetime_budget"
    assert sandbox.get("/v26.0/23857", fields=fields).json() == {"id": "23857"}
    assert sandbox.get("/v26.0/23801", fields=fields).json() == {"id": "23801"}
    assert sandbox.get("/v26.0/23867", fields=fields).json() == {
        "daily_budget": "0",
        "lifetime_budget": "900000",
        "id": "23867",
    }


@pytest.mark.parametrize(
    ("node", "effective"),
    [
        ("23847", "PAUSED"),
        ("23848", "ACTIVE"),
        ("23867", "CAMPAIGN_PAUSED"),
        ("239471", "ADSET_PAUSED"),
        ("239481", "ACTIVE"),
    ],
)
def test_the_effective_status_looks_upwards(sandbox: SandboxClient, node: str, effective: str) -> None:
    """What is active under something paused does not deliver; `configured_status` is its own."""
    answer = sandbox.get(f"/v26.0/{node}", fields="status,configured_status,effective_status").json()
    assert answer["effective_status"] == effective
    assert answer["configured_status"] == answer["status"]


def test_several_nodes_in_one_read(sandbox: SandboxClient) -> None:
    """`GET /?ids=` gives an object keyed by id, counts a call for each, and fails whole when one is not there."""
    answer = sandbox.get("/v26.0/", ids="23847,23801", fields="status").json()
    assert answer == {"23847": {"status": "PAUSED", "id": "23847"}, "23801": {"status": "ACTIVE", "id": "23801"}}
    assert sandbox.journal()[-1]["calls"] == 2
    assert _error(sandbox.get("/v26.0/", ids="23847,999", fields="status"))["error_subcode"] == 33


def test_an_unknown_field_is_refused(sandbox: SandboxClient) -> None:
    """Code 100, naming field and type; a list that is not one too."""
    error = _error(sandbox.get("/v26.0/23847", fields="budget"))
    assert (error["code"], error["message"]) == (
        100,
        "(#100) Tried accessing nonexisting field (budget) on node type (AdSet)",
    )
    assert _error(sandbox.get("/v26.0/23847", fields="id;status"))["code"] == 100


@pytest.mark.parametrize("verb", ["get", "form"])
def test_an_unknown_node_is_code_100_subcode_33(sandbox: SandboxClient, verb: str) -> None:
    """For reads and for writes, in Graph's envelope with a trace id."""
    answer = getattr(sandbox, verb)("/v26.0/999", status="PAUSED")
    error = _error(answer)
    assert (error["code"], error["error_subcode"], error["type"]) == (100, 33, "OAuthException")
    assert error["fbtrace_id"] == answer.headers["x-fb-trace-id"]


def test_status_and_budget_are_written(sandbox: SandboxClient) -> None:
    """A form, `{"success": true}`, the new values at the next read, and the change in the journal."""
    answer = sandbox.form("/v26.0/23847/", status="ACTIVE", daily_budget="6000")
    assert answer.json() == {"success": True}
    shown = sandbox.get("/v26.0/23847", fields="status,daily_budget,effective_status").json()
    assert shown == {"status": "ACTIVE", "daily_budget": "6000", "effective_status": "ACTIVE", "id": "23847"}
    (entry,) = [entry for entry in sandbox.journal() if entry["changes"]]
    assert entry["changes"] == [
        {"resource": "ad_set/23847", "field": "status", "from": "PAUSED", "to": "ACTIVE"},
        {"resource": "ad_set/23847", "field": "daily_budget", "from": "5000", "to": "6000"},
    ]
    assert (entry["service"], entry["account"], entry["status"]) == ("meta_ads", META, 200)
    assert entry["request_id"] == answer.headers["x-fb-trace-id"]


@pytest.mark.parametrize(
    ("node", "form"),
    [
        ("23857", {"daily_budget": "5000"}),  # its campaign has the budget
        ("23801", {"daily_budget": "5000"}),  # its ad sets have the budgets
        ("23867", {"daily_budget": "5000"}),  # it has a lifetime budget
        ("239471", {"daily_budget": "5000"}),  # an ad has none
        ("23847", {"daily_budget": "50.00"}),
        ("23847", {"daily_budget": "-1"}),
        ("23847", {"daily_budget": "99"}),
        ("23847", {"daily_budget": "5000", "lifetime_budget": "5000"}),
        ("23847", {"status": "ENABLED"}),
        ("23847", {"status": "ACTIVE", "daily_budget": "x"}),
        ("23847", {"colour": "red"}),
        ("23847", {"status": "ACTIVE", "execution_options": "validate_only"}),
    ],
)
def test_a_write_that_meta_refuses_changes_nothing(sandbox: SandboxClient, node: str, form: dict[str, str]) -> None:
    """Code 100, all or nothing."""
    before = sandbox.get("/_sandbox/entities").json()
    assert _error(sandbox.form(f"/v26.0/{node}", **form))["code"] == 100
    assert sandbox.get("/_sandbox/entities").json() == before


def test_the_budget_of_a_campaign_that_has_one_is_written(sandbox: SandboxClient) -> None:
    """Where the campaign carries the budget, it takes it."""
    assert sandbox.form("/v26.0/23802", daily_budget="13000").json() == {"success": True}
    assert sandbox.value("campaign/23802", "daily_budget") == "13000"


def test_validate_only_checks_and_changes_nothing(sandbox: SandboxClient) -> None:
    """`execution_options=["validate_only"]` is a rehearsal."""
    rehearsal = {"execution_options": '["validate_only"]'}
    assert sandbox.form("/v26.0/23847", status="ACTIVE", **rehearsal).json() == {"success": True}
    assert _error(sandbox.form("/v26.0/23847", daily_budget="1", **rehearsal))["code"] == 100
    assert sandbox.value("ad_set/23847", "status") == "PAUSED"
    assert not any(entry["changes"] for entry in sandbox.journal())


@pytest.mark.parametrize("token", ["header", "query", "form"])
@pytest.mark.parametrize(("value", "status"), [("good", 200), ("invalid", 400), ("", 400)])
def test_the_token_may_come_three_ways(sandbox: SandboxClient, token: str, value: str, status: int) -> None:
    """Header, query or form; a missing or invalid one is code 190 and changes nothing."""
    del sandbox.session.headers["Authorization"]
    parts: dict[str, Any] = {  # Any: arguments of requests
        "header": {"headers": {"Authorization": f"Bearer {value}"}},
        "query": {"params": {"access_token": value}},
        "form": {},
    }[token]
    data = {"status": "ACTIVE"} | ({"access_token": value} if token == "form" else {})
    answer = sandbox.session.post(f"{sandbox.url}/v26.0/23847", data=data, timeout=TIMEOUT, **parts)
    assert answer.status_code == status
    assert sandbox.value("ad_set/23847", "status") == ("ACTIVE" if status == 200 else "PAUSED")
    if status != 200:
        assert _error(answer)["code"] == 190


def test_an_older_version_is_refused(sandbox: SandboxClient) -> None:
    """Code 2635."""
    assert _error(sandbox.get("/v20.0/23847"))["code"] == 2635


def test_the_edges_of_an_account_come_in_pages(sandbox: SandboxClient) -> None:
    """`paging.next` leads through all ad sets once; `summary` counts them."""
    answer = sandbox.get(f"/v26.0/{META}/adsets", fields="name", limit="3", summary="true").json()
    assert answer["summary"] == {"total_count": 7}
    ids = [node["id"] for node in answer["data"]]
    assert answer["paging"]["next"].startswith(f"{sandbox.url}/v26.0/{META}/adsets?")
    while "next" in answer["paging"]:
        answer = sandbox.session.get(answer["paging"]["next"], timeout=TIMEOUT).json()
        ids += [node["id"] for node in answer["data"]]
    assert ids == ["23847", "23848", "23849", "23857", "23858", "23867", "23868"]


def test_edges_of_campaigns_and_by_status(sandbox: SandboxClient) -> None:
    """A campaign's ad sets, an ad set's ads, and `effective_status` as a filter; no such edge is code 2500."""
    assert len(sandbox.get("/v26.0/23801/adsets/").json()["data"]) == 3
    assert [node["id"] for node in sandbox.get("/v26.0/23847/ads").json()["data"]] == ["239471", "239472"]
    paused = sandbox.get(f"/v26.0/{META}/campaigns", effective_status='["PAUSED"]').json()["data"]
    assert paused == [{"id": "23803"}]
    assert _error(sandbox.get("/v26.0/23847/campaigns"))["code"] == 2500


def test_a_batch_answers_each_for_itself(sandbox: SandboxClient) -> None:
    """200 for the whole, code and JSON text for each, in order; the journal counts the calls inside."""
    answer = _batch(
        sandbox,
        _post("23847", "status=ACTIVE"),
        {"method": "GET", "relative_url": "23847?fields=status"},
        _post("999", "status=PAUSED"),
        _post("23857", "daily_budget=100"),
        _post("v26.0/23868", "daily_budget=4500&status=ACTIVE"),
    )
    assert answer.status_code == 200
    assert [item["code"] for item in answer.json()] == [200, 200, 400, 400, 200]
    bodies = [json.loads(item["body"]) for item in answer.json()]
    assert bodies[1] == {"status": "ACTIVE", "id": "23847"}
    assert bodies[2]["error"]["error_subcode"] == 33
    entry = sandbox.journal()[-1]
    assert (entry["calls"], entry["account"]) == (5, META)
    assert [change["resource"] for change in entry["changes"]] == ["ad_set/23847", "ad_set/23868", "ad_set/23868"]


def test_siblings_in_one_batch_are_refused(sandbox: SandboxClient) -> None:
    """Two ad sets of one campaign: nothing of the batch is done. The same one twice, or reads, are no siblings."""
    error = _error(_batch(sandbox, _post("23847", "status=ACTIVE"), _post("23848", "status=PAUSED")))
    assert error["code"] == 100
    assert sandbox.value("ad_set/23847", "status") == "PAUSED"
    assert _batch(sandbox, _post("23847", "status=ACTIVE"), _post("23847", "status=PAUSED")).status_code == 200
    reads = [{"method": "GET", "relative_url": node} for node in ("23847", "23848")]
    assert _batch(sandbox, *reads).status_code == 200


def test_a_batch_has_at_most_50(sandbox: SandboxClient) -> None:
    """51 are refused, 50 are taken."""
    assert _batch(sandbox, *[_post("23847", "status=ACTIVE")] * 50).status_code == 200
    assert "Maximum batch size is 50" in _error(_batch(sandbox, *[_post("23847", "status=ACTIVE")] * 51))["message"]


@pytest.mark.parametrize("batch", ["", "[]", "{}", "[1]", '[{"method": "DELETE", "relative_url": "1"}]', "[null]"])
def test_a_batch_that_is_none(sandbox: SandboxClient, batch: str) -> None:
    """Anything but a list of requests is code 100."""
    assert _error(sandbox.form("/v26.0/", batch=batch))["code"] == 100
