"""Meta's own SDK as the judge: it drives the sandbox, and it records what the adapter's bytes have to be.

It is not among the project's dependencies; where it is not installed, these tests are skipped.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.contract.sandbox_server import META, SandboxClient, sandbox_thread
from tests.contract.wire import Wire, says
from weathertrigger.domain.change import Carrier
from weathertrigger.domain.rule import FieldName, Level
from weathertrigger.errors import RateLimited, Unauthorised
from weathertrigger.http.client import Origin
from weathertrigger.platforms.meta_ads import batch as graph_batch
from weathertrigger.platforms.meta_ads.capabilities import LEVELS, PARAMETERS
from weathertrigger.platforms.meta_ads.client import MetaAds
from weathertrigger.platforms.meta_ads.credentials import MetaCredentials
from weathertrigger.platforms.meta_ads.errors import failure
from weathertrigger.platforms.meta_ads.reads import FIELDS, query_for
from weathertrigger.platforms.meta_ads.writes import calls_of
from weathertrigger.platforms.port import AdAccount, Write

Module = Any  # Any: a module that may not be installed has no types here
TOKEN, SECRET = "a-token-0123456789", "an-app-secret-0123456789"
ACCOUNT = AdAccount("meta-acme", META, "USD")
STATUS, BUDGET, BID = FieldName.STATUS, FieldName.DAILY_BUDGET, FieldName.BID


class Sdk:
    """The SDK, logged in at a Graph of ours."""

    def __init__(self, url: str, monkeypatch: pytest.MonkeyPatch, secret: str = SECRET) -> None:
        self.api_module = pytest.importorskip("facebook_business.api", reason="facebook-business is not installed")
        session = pytest.importorskip("facebook_business.session").FacebookSession
        monkeypatch.setattr(session, "GRAPH", url)
        self.api = self.api_module.FacebookAdsApi.init("an-app", secret, TOKEN, crash_log=False)
        self.refused = pytest.importorskip("facebook_business.exceptions").FacebookRequestError

    def node(self, resource: str) -> Module:
        """The SDK's object for one of our resources."""
        kind, _, node_id = resource.partition("/")
        name = {"campaign": "Campaign", "ad_set": "AdSet", "ad": "Ad", "account": "AdAccount"}[kind]
        module = pytest.importorskip(f"facebook_business.adobjects.{name.lower()}")
        return getattr(module, name)(node_id)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxClient]:
    with sandbox_thread(tmp_path) as client:
        yield client


@pytest.fixture
def sdk(sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch) -> Sdk:
    """At the sandbox."""
    return Sdk(sandbox.url, monkeypatch)


@pytest.fixture
def adapter(sandbox: SandboxClient) -> MetaAds:
    """Our adapter at the same sandbox, with the same token and secret."""
    return MetaAds(MetaCredentials(TOKEN, SECRET), base_url=sandbox.url)


# --- the SDK drives the sandbox


@pytest.mark.parametrize(
    ("resource", "asked", "shown"),
    [
        ("campaign/23802", ["status", "daily_budget", "effective_status"], {"daily_budget": "12000"}),
        ("ad_set/23847", ["status", "daily_budget", "campaign_id"], {"daily_budget": "5000", "campaign_id": "23801"}),
        ("ad_set/23867", ["lifetime_budget", "effective_status"], {"effective_status": "CAMPAIGN_PAUSED"}),
        ("ad_set/23849", ["bid_amount"], {"bid_amount": 150}),
        ("ad_set/33847", ["daily_budget"], {"daily_budget": "6000"}),
        ("ad/239491", ["bid_amount", "adset_id", "configured_status"], {"adset_id": "23849", "bid_amount": 120}),
        ("account/act_1002", ["currency"], {"currency": "JPY"}),
    ],
)
def test_the_sdk_reads(sdk: Sdk, resource: str, asked: list[str], shown: dict[str, object]) -> None:
    """Every level and field; budgets are text, bids are numbers."""
    node = sdk.node(resource).api_get(fields=asked).export_all_data()
    assert node.keys() == {*asked, "id"}
    assert shown.items() <= node.items()


@pytest.mark.parametrize(
    ("resource", "parameter", "value"),
    [
        ("campaign/23801", "status", "PAUSED"),
        ("campaign/23802", "daily_budget", 13000),
        ("ad_set/23847", "status", "ACTIVE"),
        ("ad_set/23847", "daily_budget", 7500),
        ("ad_set/23867", "lifetime_budget", 950000),
        ("ad_set/23849", "bid_amount", 175),
        ("ad/239471", "status", "PAUSED"),
        ("ad/239491", "bid_amount", 130),
    ],
)
def test_the_sdk_writes(sandbox: SandboxClient, sdk: Sdk, resource: str, parameter: str, value: object) -> None:
    """Every level and field; a rehearsal writes nothing."""
    before = sandbox.value(resource, parameter)
    sdk.node(resource).api_update(params={parameter: value, "execution_options": ["validate_only"]})
    assert sandbox.value(resource, parameter) == before
    sdk.node(resource).api_update(params={parameter: value})
    assert sandbox.value(resource, parameter) == str(value)


def test_the_sdk_walks_through_the_pages_of_a_list(sdk: Sdk) -> None:
    """Two a page, all seven once, their number in the summary; and by effective status."""
    found = sdk.node(f"account/{META}").get_ad_sets(fields=["name"], params={"limit": 2})
    assert found.total() == 7
    ids = [each["id"] for each in found]
    assert len(set(ids)) == len(ids) == 7
    paused = sdk.node(f"account/{META}").get_campaigns(params={"effective_status": ["PAUSED"]})
    assert [each["id"] for each in paused] == ["23803"]


def test_the_sdk_repeats_exactly_what_did_not_complete(sandbox: SandboxClient, sdk: Sdk) -> None:
    """Success, refusal and `null` in one batch: the SDK makes a batch of the `null` alone, and that succeeds."""
    sandbox.meta("troubles", node="23868", kind="incomplete", count=1)
    outcomes: list[object] = []
    batch = sdk.api.new_batch()
    for resource in ("ad_set/23847", "ad_set/23868", "ad_set/999"):
        sdk.node(resource).api_update(
            params={"status": "ACTIVE"},
            batch=batch,
            success=lambda answer: outcomes.append(answer.json()),
            failure=lambda answer: outcomes.append(answer.error().api_error_subcode()),
        )
    again = batch.execute()
    assert outcomes == [{"success": True}, 33]
    assert [call["relative_url"] for call in again._batch] == ["23868/"]
    assert sandbox.value("ad_set/23868", "status") == "PAUSED"
    assert again.execute() is None
    assert outcomes[2:] == [{"success": True}]
    assert sandbox.value("ad_set/23868", "status") == "ACTIVE"


def test_the_sdk_reads_the_sandboxs_errors(sandbox: SandboxClient, sdk: Sdk) -> None:
    """Code, subcode, the parameter to blame, whether it is transient."""
    with pytest.raises(sdk.refused) as caught:
        sdk.node("ad_set/23857").api_update(params={"daily_budget": 7500})
    assert (caught.value.api_error_code(), caught.value.http_status()) == (100, 400)
    assert caught.value.api_blame_field_specs() == [["daily_budget"]]
    assert not caught.value.api_transient_error()
    with pytest.raises(sdk.refused) as caught:
        sdk.node("ad_set/999").api_get()
    assert (caught.value.api_error_code(), caught.value.api_error_subcode()) == (100, 33)


@pytest.mark.parametrize("trouble", [{"kind": "error", "status": 200, "code": 2}, {"kind": "unsuccessful"}])
def test_an_error_under_200_is_one_to_the_sdk_too(sandbox: SandboxClient, sdk: Sdk, trouble: dict[str, object]) -> None:
    """An `error` object, and `success: false`."""
    sandbox.meta("troubles", node="23847", **trouble)
    with pytest.raises(sdk.refused):
        sdk.node("ad_set/23847").api_update(params={"status": "ACTIVE"})


def test_a_token_that_expired_is_refused_to_both(sandbox: SandboxClient, sdk: Sdk, adapter: MetaAds) -> None:
    """190/463."""
    sandbox.meta("tokens", token=TOKEN, state="expired")
    with pytest.raises(sdk.refused) as caught:
        sdk.node("ad_set/23847").api_get()
    assert (caught.value.api_error_code(), caught.value.api_error_subcode()) == (190, 463)
    with pytest.raises(Unauthorised, match="the token has expired"):
        adapter.read(ACCOUNT, [Carrier("ad_set/23847", STATUS)])


def test_a_blocked_account_is_refused_to_both(sandbox: SandboxClient, sdk: Sdk, adapter: MetaAds) -> None:
    """80004, with the minutes in the header."""
    sandbox.meta("limits", limit="ads_management", account=META, blocked=17 * 60)
    with pytest.raises(sdk.refused) as caught:
        sdk.node("ad_set/23847").api_get()
    assert (caught.value.api_error_code(), caught.value.api_error_subcode()) == (80004, 2446079)
    (case,) = json.loads(caught.value.http_headers()["X-Business-Use-Case-Usage"])["1001"]
    with pytest.raises(RateLimited) as limited:
        adapter.read(ACCOUNT, [Carrier("ad_set/23847", STATUS)])
    assert limited.value.retry_after is not None
    assert limited.value.retry_after.total_seconds() == 60 * case["estimated_time_to_regain_access"] == 17 * 60


def test_both_prove_that_they_know_the_secret(
    sandbox: SandboxClient, sdk: Sdk, adapter: MetaAds, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The app demands a proof: reads, writes and batches are taken, those with another secret are not."""
    sandbox.meta("app", secret=SECRET)
    assert sdk.node("ad_set/23847").api_get(fields=["status"])["status"] == "PAUSED"
    carrier = Carrier("ad_set/23847", STATUS)
    assert adapter.write(ACCOUNT, [Write(carrier, "enabled")]).results == {carrier: None}
    assert adapter.read(ACCOUNT, [carrier]).calls == 1
    stranger = Sdk(sandbox.url, monkeypatch, secret="another-secret")
    with pytest.raises(stranger.refused):
        stranger.node("ad_set/23847").api_get()
    for credentials in (MetaCredentials(TOKEN), MetaCredentials(TOKEN, "another-secret")):
        with pytest.raises(Unauthorised, match="the app's secret"):
            MetaAds(credentials, base_url=sandbox.url).read(ACCOUNT, [carrier])


# --- the SDK records what is to be sent

_VALUES = {STATUS: ["enabled", "paused"]}
_SDK_VALUES = {"enabled": "ACTIVE", "paused": "PAUSED"}
WRITES = [
    (Write(Carrier(f"{level}/23847{number}", field), value, f"9{number}"), validate_only)
    for number, (level, fields) in enumerate(LEVELS.items())
    for field in sorted(fields)
    for value in _VALUES.get(field, ["1", "7500", "12345678901"])
    for validate_only in (False, True)
]


def sdk_parameters(write: Write, *, validate_only: bool) -> dict[str, object]:
    """The change as a user of the SDK would say it."""
    value: object = _SDK_VALUES.get(write.value) or int(write.value)
    rehearsal = {"execution_options": ["validate_only"]} if validate_only else {}
    return {PARAMETERS[write.carrier.field]: value, **rehearsal}


@pytest.fixture
def recorder(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> Sdk:
    """The SDK in front of a server that takes down what it is sent."""
    return Sdk(wire.url, monkeypatch)


@pytest.mark.parametrize(("write", "validate_only"), WRITES)
def test_a_change_is_what_the_sdk_would_send(recorder: Sdk, write: Write, validate_only: bool) -> None:
    """Method, path and parameters of every field on every level, and the text of the batch's entry to the last byte."""
    parameters = sdk_parameters(write, validate_only=validate_only)
    request = recorder.node(write.carrier.resource).api_update(params=parameters, pending=True)
    (call,) = calls_of([write], validate_only=validate_only)
    assert (call["method"], call["relative_url"]) == (request._method, "/".join(request._path))
    sent = {
        name: str(value) if isinstance(value, int | str) else json.dumps(value)
        for name, value in request.get_params().items()
    }
    assert dict(parse_qsl(call["body"], strict_parsing=True)) == sent
    batch = recorder.api.new_batch()
    assert dict(call) == batch.add_request(request)


@pytest.mark.parametrize(("write", "validate_only"), WRITES)
def test_the_sdk_knows_the_type_of_everything_that_is_set(recorder: Sdk, write: Write, validate_only: bool) -> None:
    """A parameter or a value that is not in its tables would be a warning there, and money there is a whole number."""
    parameters = sdk_parameters(write, validate_only=validate_only)
    request = recorder.node(write.carrier.resource).api_update(params=parameters, pending=True)
    checker = request._param_checker
    for name, value in parameters.items():
        assert checker.is_valid_key(name)
        assert checker.is_valid_pair(name, value)
    expected = {"status": "status_enum", "bid_amount": "int"}
    name = PARAMETERS[write.carrier.field]
    assert checker.get_type(name) == expected.get(name, "unsigned int")


def test_a_whole_batch_is_what_the_sdk_would_send(recorder: Sdk, wire: Wire) -> None:
    """Path and content of the POST, call by call; only where the token travels differs."""
    wire.script(says([{"code": 200, "body": '{"success":true}'}] * 3))
    writes = [
        Write(Carrier("campaign/9", BUDGET), "12000"),
        Write(Carrier("ad_set/5", STATUS), "enabled", "8"),
        Write(Carrier("ad/3", BID), "130"),
    ]
    MetaAds(MetaCredentials(TOKEN, SECRET), base_url=wire.url).write(ACCOUNT, writes)
    batch = recorder.api.new_batch()
    for write in writes:
        recorder.node(write.carrier.resource).api_update(params=sdk_parameters(write, validate_only=False), batch=batch)
    batch.execute()
    ours, theirs = wire.seen
    assert (ours.method, ours.path) == (theirs.method, theirs.path)
    assert json.loads(ours.form["batch"]) == json.loads(theirs.form["batch"])
    assert ours.headers["content-type"] == theirs.headers["content-type"]
    assert ours.form["appsecret_proof"] == theirs.query["appsecret_proof"]
    assert ours.form["access_token"] == theirs.query["access_token"]
    assert not ours.query


@pytest.mark.parametrize("kind", FIELDS)
def test_a_read_in_a_batch_is_what_the_sdk_would_send(recorder: Sdk, kind: str) -> None:
    """Method, path and fields; and every field is one that the SDK knows of such a node."""
    resource = f"{kind}/23847"
    node = recorder.node(resource)
    fields = FIELDS[kind].split(",")
    assert set(fields) <= {value for name, value in vars(type(node).Field).items() if not name.startswith("__")}
    batch = recorder.api.new_batch()
    node.api_get(fields=fields, batch=batch)
    (theirs,), ours = batch._batch, graph_batch.get("23847", query_for(resource))
    assert ours["method"] == theirs["method"]
    our_url, their_url = urlsplit(ours["relative_url"]), urlsplit(theirs["relative_url"])
    assert our_url.path == their_url.path
    assert parse_qsl(our_url.query) == parse_qsl(their_url.query)


def test_the_sdk_is_of_the_same_version(recorder: Sdk, wire: Wire) -> None:
    """Both call v26.0."""
    wire.script(says({}))
    MetaAds(MetaCredentials(TOKEN), base_url=wire.url).read(ACCOUNT, [Carrier("ad/3", STATUS)])
    assert wire.seen[0].path == f"/{recorder.api_module.FacebookAdsApi.API_VERSION}/"


@pytest.mark.parametrize("level", LEVELS)
def test_the_sandboxs_statuses_are_metas(recorder: Sdk, level: Level) -> None:
    """Every effective status that the sandbox can show is one of that kind of node."""
    shown = {"ACTIVE", "PAUSED", "DELETED", "ARCHIVED", "IN_PROCESS"}
    shown |= {Level.AD_SET: {"CAMPAIGN_PAUSED"}, Level.AD: {"CAMPAIGN_PAUSED", "ADSET_PAUSED"}}.get(level, set())
    known = vars(type(recorder.node(f"{level}/1")).EffectiveStatus).values()
    assert shown <= set(known)


BLAMED = {"blame_field_specs": [["daily_budget"]]}


@pytest.mark.parametrize("data", [BLAMED, json.dumps(BLAMED)], ids=["object", "text"])
def test_both_find_the_parameter_to_blame(recorder: Sdk, data: object) -> None:
    """`error_data` as an object or as text."""
    body: Any = {"error": {"message": "No.", "code": 100, "error_data": data}}  # Any: JSON
    theirs = recorder.refused("", {}, 400, {}, json.dumps(body))
    assert theirs.api_blame_field_specs() == [["daily_budget"]]
    assert "about daily_budget" in str(failure(400, body, Origin("meta_ads")))
