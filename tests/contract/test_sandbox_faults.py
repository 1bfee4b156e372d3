"""Faults ordered at the sandbox, as a client on the wire sees them."""

import json
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.contract.sandbox_server import CUSTOMER, SandboxClient, sandbox_thread

_SEARCH = {"query": "SELECT customer.id FROM customer"}


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxClient]:
    with sandbox_thread(tmp_path) as client:
        yield client


def _ask(sandbox: SandboxClient, service: str) -> requests.Response:
    match service:
        case "openweather":
            return sandbox.get("/data/2.5/weather", appid="k", lat="40.7", lon="-74")
        case "open_meteo":
            return sandbox.get("/v1/forecast", latitude="40.7", longitude="-74", current="rain")
        case "meta_ads":
            return sandbox.get("/v26.0/23847", fields="status")
        case "google_ads":
            return sandbox.json(f"{CUSTOMER}/googleAds:search", _SEARCH)
        case _:
            form = {"grant_type": "refresh_token", "client_id": "i", "client_secret": "s", "refresh_token": "r"}
            return sandbox.form("/token", **form)


_SERVICES = ["openweather", "open_meteo", "meta_ads", "google_ads", "oauth"]


@pytest.mark.parametrize("service", _SERVICES)
def test_a_status_strikes_as_often_as_ordered(sandbox: SandboxClient, service: str) -> None:
    """Twice 503 in that API's own envelope, then all is well; only that service is struck; the journal names it."""
    sandbox.fault(service, "status", status=503, count=2)
    answers = [_ask(sandbox, service) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 503, 200]
    assert isinstance(answers[0].json(), dict)
    assert [entry["fault"] for entry in sandbox.journal()] == ["status", "status", None]
    sandbox.fault(service, "status")
    others = [name for name in _SERVICES if name != service]
    assert {_ask(sandbox, name).status_code for name in others} == {200}


@pytest.mark.parametrize("service", _SERVICES)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 429, 500, 502, 503, 504])
def test_every_status_has_a_body_of_the_api(sandbox: SandboxClient, service: str, status: int) -> None:
    """JSON with an error in it, whatever the status."""
    sandbox.fault(service, "status", status=status)
    answer = _ask(sandbox, service)
    assert answer.json().keys() & {"error", "cod"}
    assert answer.status_code == status or (service, status) == ("meta_ads", 401)


def test_each_api_has_its_own_way_to_say_too_many(sandbox: SandboxClient) -> None:
    """OpenWeather 429 without a hint, Open-Meteo in words, Meta code 80004 under 400, Google 429 with a retryDelay."""
    for service in _SERVICES:
        sandbox.fault(service, "rate_limit")
    weather, fallback, meta, google_ads, oauth = (_ask(sandbox, service) for service in _SERVICES)
    assert (weather.status_code, weather.json()["cod"]) == (429, 429)
    assert (fallback.status_code, fallback.json()["reason"].split()[0]) == (429, "Minutely")
    assert all("Retry-After" not in answer.headers for answer in (weather, fallback, meta, google_ads, oauth))
    error = meta.json()["error"]
    assert (meta.status_code, error["code"], error["error_subcode"]) == (400, 80004, 2446079)
    details = google_ads.json()["error"]["details"][0]["errors"][0]
    assert (google_ads.status_code, details["errorCode"]) == (429, {"quotaError": "RESOURCE_EXHAUSTED"})
    assert details["details"]["quotaErrorDetails"]["retryDelay"] == "30s"
    assert oauth.status_code == 429


@pytest.mark.parametrize("service", _SERVICES)
def test_a_limit_may_say_when_to_come_back(sandbox: SandboxClient, service: str) -> None:
    """In the header, whatever the API."""
    sandbox.fault(service, "rate_limit", retry_after=17)
    assert _ask(sandbox, service).headers["Retry-After"] == "17"


@pytest.mark.parametrize(
    ("limit", "reason"),
    [
        ("minutely", "Minutely API request limit exceeded. Please try again in one minute."),
        ("hourly", "Hourly API request limit exceeded. Please try again in the next hour."),
        ("daily", "Daily API request limit exceeded. Please try again tomorrow."),
        ("concurrent", "Too many concurrent requests"),
    ],
)
def test_open_meteo_tells_four_limits_apart(sandbox: SandboxClient, limit: str, reason: str) -> None:
    """By the reason only."""
    sandbox.fault("open_meteo", "rate_limit", limit=limit)
    answer = _ask(sandbox, "open_meteo")
    assert (answer.status_code, answer.json()) == (429, {"error": True, "reason": reason})


@pytest.mark.parametrize("service", _SERVICES)
def test_a_gateway_may_answer_instead(sandbox: SandboxClient, service: str) -> None:
    """A page of HTML, a redirect, a portal's greeting called JSON: the API is not asked, the journal names the kind."""
    sandbox.fault(service, "html", status=502, count=1)
    sandbox.fault(service, "redirect", count=1)
    sandbox.fault(service, "garbage", count=1)
    page = _ask(sandbox, service)
    assert (page.status_code, page.headers["Content-Type"], page.text[:6]) == (502, "text/html", "<html>")
    redirected = _ask(sandbox, service)  # `requests` follows it
    assert [each.status_code for each in redirected.history] == [302]
    assert redirected.url == f"{sandbox.url}/_sandbox/health"
    greeting = _ask(sandbox, service)
    assert (greeting.status_code, greeting.headers["Content-Type"][:16]) == (200, "application/json")
    with pytest.raises(requests.JSONDecodeError):
        greeting.json()
    entries = [(entry["fault"], entry["status"]) for entry in sandbox.journal()]
    assert entries == [("html", 502), ("redirect", 302), ("garbage", 200)]
    assert _ask(sandbox, service).status_code == 200


def test_50_MB_come_piece_by_piece(sandbox: SandboxClient) -> None:  # noqa: N802 - the unit
    """The sandbox never holds them all, and a client that leaves early does it no harm."""
    sandbox.fault("openweather", "huge", count=2)
    url = f"{sandbox.url}/data/2.5/weather"
    tracemalloc.start()
    try:
        with requests.get(url, stream=True, timeout=20) as left:
            assert next(left.iter_content(65_536))
        with requests.get(url, stream=True, timeout=20) as answer:
            taken = sum(len(piece) for piece in answer.iter_content(65_536))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert taken == int(answer.headers["Content-Length"]) > 50_000_000
    assert peak < 10_000_000
    assert _ask(sandbox, "openweather").status_code == 200


def test_a_small_body_unpacks_to_50_MB(sandbox: SandboxClient) -> None:  # noqa: N802 - the unit
    """As gzip, which every client has asked for."""
    sandbox.fault("openweather", "gzip_bomb")
    answer = _ask(sandbox, "openweather")
    assert int(answer.headers["Content-Length"]) < 100_000
    assert len(answer.content) > 50_000_000


def test_a_stream_that_breaks_ends_in_words(sandbox: SandboxClient) -> None:
    """Half of the JSON under 200, then the sentence of Open-Meteo's server; what was done is done."""
    sandbox.fault("meta_ads", "broken_stream", count=1)
    answer = sandbox.form("/v26.0/23847", status="ACTIVE")
    assert (answer.status_code, answer.text[:2]) == (200, '{"')
    assert answer.text.endswith("Unexpected error while streaming data: timeoutReached")
    assert sandbox.value("ad_set/23847", "status") == "ACTIVE"


@pytest.mark.parametrize("service", ["openweather", "open_meteo", "meta_ads", "google_ads"])
def test_numbers_may_be_none(sandbox: SandboxClient, service: str) -> None:
    """Every number is NaN, which Python's own json reads; all else is as it was, also digits in a text."""
    honest = _ask(sandbox, service).json()
    sandbox.fault(service, "nan")
    spoiled = _ask(sandbox, service)
    assert spoiled.status_code == 200
    assert json.dumps(spoiled.json()) == json.dumps(_with_nan(honest))
    assert ("NaN" in spoiled.text) == service.startswith("open")  # the ad platforms write their numbers as text


def _with_nan(value: Any) -> Any:  # Any: JSON
    if isinstance(value, dict):
        return {key: _with_nan(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_with_nan(each) for each in value]
    return float("nan") if isinstance(value, int | float) and not isinstance(value, bool) else value


def test_a_reset_breaks_the_connection_before_anything_is_done(sandbox: SandboxClient) -> None:
    """The client sees ECONNRESET, not an orderly end; the write was not applied."""
    sandbox.fault("meta_ads", "reset", count=1)
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        sandbox.form("/v26.0/23847", status="ACTIVE")
    assert sandbox.value("ad_set/23847", "status") == "PAUSED"
    (entry,) = sandbox.journal()
    assert (entry["fault"], entry["status"], entry["changes"]) == ("reset", None, [])


def test_a_reset_after_applying_leaves_the_effect(sandbox: SandboxClient) -> None:
    """The client sees ECONNRESET, and the write is there and journalled (semantics 26)."""
    sandbox.fault("meta_ads", "reset_after_applying", method="POST", count=1)
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        sandbox.form("/v26.0/23847", status="ACTIVE")
    assert sandbox.get("/v26.0/23847", fields="status").json()["status"] == "ACTIVE"
    entry = sandbox.journal()[0]
    assert (entry["fault"], entry["status"]) == ("reset_after_applying", None)
    assert entry["changes"] == [{"resource": "ad_set/23847", "field": "status", "from": "PAUSED", "to": "ACTIVE"}]


def test_a_late_request_arrives_when_a_test_says_so(sandbox: SandboxClient) -> None:
    """Reset first, with no effect; then it arrives over what was written meanwhile, and is journalled (semantics
    25)."""
    sandbox.fault("meta_ads", "late", method="POST", count=1)
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        sandbox.form("/v26.0/23847", daily_budget="6000")
    sandbox.form("/v26.0/23847", daily_budget="7000")
    assert [entry["fault"] for entry in sandbox.journal()] == ["late", None]
    (waiting,) = sandbox.get("/_sandbox/late").json()["late"]
    assert (waiting["service"], waiting["path"]) == ("meta_ads", "/v26.0/23847")
    change = {"resource": "ad_set/23847", "field": "daily_budget", "from": "7000", "to": "6000"}
    assert sandbox.json("/_sandbox/late/0", {}).json() == {"changes": [change]}
    assert sandbox.value("ad_set/23847", "daily_budget") == "6000"
    entry = sandbox.journal()[-1]
    assert (entry["service"], entry["fault"], entry["status"], entry["changes"]) == ("meta_ads", "late", None, [change])
    assert sandbox.json("/_sandbox/late/0", {}).status_code == 404


def test_a_late_request_may_be_lost_for_good(sandbox: SandboxClient) -> None:
    """Then it is not under way any more."""
    sandbox.fault("google_ads", "late", path=":mutate$")
    update = {"resourceName": "customers/1234567890/campaigns/111", "status": "PAUSED"}
    for _ in range(2):
        with pytest.raises(requests.ConnectionError):
            sandbox.json(f"{CUSTOMER}/campaigns:mutate", {"operations": [{"update": update, "updateMask": "status"}]})
    assert len(sandbox.json("/_sandbox/late/1", {}).json()["changes"]) == 1
    assert sandbox.session.delete(f"{sandbox.url}/_sandbox/late").json() == {"lost": 1}
    assert sandbox.get("/_sandbox/late").json() == {"late": []}


def test_a_malformed_answer_is_cut_after_the_effect(sandbox: SandboxClient) -> None:
    """Status 200, half a body, the write applied."""
    sandbox.fault("google_ads", "malformed", path=":mutate$")
    update = {"resourceName": "customers/1234567890/campaigns/111", "status": "PAUSED"}
    answer = sandbox.json(f"{CUSTOMER}/campaigns:mutate", {"operations": [{"update": update, "updateMask": "status"}]})
    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()
    assert sandbox.value("campaign/111", "status", "1234567890") == "PAUSED"
    assert _ask(sandbox, "google_ads").status_code == 200


def test_latency_delays_the_effect_too(sandbox: SandboxClient) -> None:
    """A client that gave up meets a late write: it is applied although nobody waits for the answer."""
    sandbox.fault("meta_ads", "latency", seconds=1.5, count=1)
    with pytest.raises(requests.ReadTimeout):
        sandbox.session.post(f"{sandbox.url}/v26.0/23847", data={"status": "ACTIVE"}, timeout=0.1)
    assert sandbox.value("ad_set/23847", "status") == "PAUSED"
    deadline = time.monotonic() + 10
    while sandbox.value("ad_set/23847", "status") != "ACTIVE":
        assert time.monotonic() < deadline
    assert sandbox.journal()[-1]["fault"] == "latency"


def test_latency_holds_up_nobody_else(sandbox: SandboxClient) -> None:
    """A request that waits does not keep the others from their turn."""
    sandbox.fault("openweather", "latency", seconds=5)
    with pytest.raises(requests.ReadTimeout):
        sandbox.session.get(f"{sandbox.url}/data/2.5/weather", timeout=0.05)
    begun = time.monotonic()
    assert _ask(sandbox, "meta_ads").status_code == 200
    assert time.monotonic() - begun < 2


def test_a_hang_never_answers(sandbox: SandboxClient) -> None:
    """The client's own time-out ends it; without one the connection breaks in the end. Nothing is done."""
    sandbox.fault("meta_ads", "hang", seconds=0.3)
    with pytest.raises(requests.ReadTimeout):
        sandbox.session.post(f"{sandbox.url}/v26.0/23847", data={"status": "ACTIVE"}, timeout=0.1)
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        sandbox.form("/v26.0/23847", status="ACTIVE")
    assert sandbox.value("ad_set/23847", "status") == "PAUSED"


def test_chance_can_be_repeated(sandbox: SandboxClient) -> None:
    """The same seed strikes the same requests; half of them, roughly."""
    struck = []
    for _ in range(2):
        sandbox.fault("meta_ads", "status", probability=0.5, seed=7)
        struck.append([_ask(sandbox, "meta_ads").status_code for _ in range(40)])
        assert sandbox.session.delete(f"{sandbox.url}/_sandbox/faults", timeout=5).json() == {"ended": 1}
    assert struck[0] == struck[1]
    assert 8 < struck[0].count(503) < 32


def test_faults_are_shown_and_taken_back(sandbox: SandboxClient) -> None:
    """Each says how often it struck; one is ended by its number, the others go on."""
    sandbox.fault("meta_ads", "status", status=500, count=5)
    sandbox.fault("meta_ads", "rate_limit")
    _ask(sandbox, "meta_ads")
    first, second = sandbox.get("/_sandbox/faults").json()["faults"]
    assert (first["struck"], first["remaining"], second["struck"]) == (1, 4, 0)
    sandbox.session.delete(f"{sandbox.url}/_sandbox/faults/{first['id']}", timeout=5)
    assert _ask(sandbox, "meta_ads").json()["error"]["code"] == 80004


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"service": "meta_ads"},
        {"service": "bing", "kind": "reset"},
        {"service": "meta_ads", "kind": "explode"},
        {"service": "meta_ads", "kind": "status", "status": 200},
        {"service": "meta_ads", "kind": "status", "status": 599},
        {"service": "meta_ads", "kind": "reset", "path": "("},
        {"service": "meta_ads", "kind": "reset", "probability": 2},
        {"service": "meta_ads", "kind": "reset", "colour": "red"},
        {"service": "meta_ads", "kind": "rate_limit", "retry_after": -1},
        {"service": "meta_ads", "kind": "rate_limit", "retry_after": "soon"},
        {"service": "meta_ads", "kind": "rate_limit", "limit": "daily"},
        {"service": "open_meteo", "kind": "rate_limit", "limit": "weekly"},
        [],
        "x",
    ],
)
def test_an_order_that_cannot_be_taken(sandbox: SandboxClient, body: object) -> None:
    """400 with a sentence, and nothing is in force."""
    answer = sandbox.json("/_sandbox/faults", body)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert sandbox.get("/_sandbox/faults").json() == {"faults": []}
