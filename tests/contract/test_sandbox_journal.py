"""The sandbox as a witness: its journal, its clock, its entities."""

import http.client
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests.contract.sandbox_server import META, META_TOKEN, TIMEOUT, SandboxClient, sandbox_thread


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxClient]:
    with sandbox_thread(tmp_path) as client:
        yield client


def test_every_request_is_taken_down(sandbox: SandboxClient, tmp_path: Path) -> None:
    """Good ones, refused ones, unknown paths; the file holds the same lines as the answer, at once."""
    sandbox.weather()
    sandbox.get("/v26.0/999")
    sandbox.get("/nowhere")
    sandbox.get("/_sandbox/clock")
    entries = sandbox.journal()
    assert [(entry["seq"], entry["service"], entry["status"]) for entry in entries] == [
        (1, "openweather", 200),
        (2, "meta_ads", 400),
        (3, "unknown", 404),
    ]
    lines = (tmp_path / "journal.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == entries
    assert abs(datetime.fromisoformat(entries[0]["time"]) - datetime.now(UTC)) < timedelta(seconds=10)
    assert entries[0]["replay_time"] == "2013-06-01T00:00:00Z"


def test_no_secret_is_written_down(sandbox: SandboxClient, tmp_path: Path) -> None:
    """Keys, tokens and proofs are left out of the path; the rest of the query stays."""
    sandbox.get("/data/2.5/weather", APPID="s3cret", lat="1", lon="2")
    sandbox.get("/v26.0/23847", access_token="s3cret", appsecret_proof="s3cret", fields="id,status")
    sandbox.form("/v26.0/23847", access_token="s3cret", status="ACTIVE")
    sandbox.form("/token", client_secret="s3cret", refresh_token="s3cret", grant_type="refresh_token", client_id="x")
    assert [entry["path"] for entry in sandbox.journal()] == [
        "/data/2.5/weather?lat=1&lon=2",
        "/v26.0/23847?fields=id,status",
        "/v26.0/23847",
        "/token",
    ]
    assert "s3cret" not in (tmp_path / "journal.jsonl").read_text()


def test_a_write_of_the_same_value_is_seen(sandbox: SandboxClient) -> None:
    """A witness of "no change repeated" has to see repetitions."""
    for _ in range(2):
        sandbox.form("/v26.0/23848", status="ACTIVE")
    changes = [change for entry in sandbox.journal() for change in entry["changes"]]
    assert changes == [{"resource": "ad_set/23848", "field": "status", "from": "ACTIVE", "to": "ACTIVE"}] * 2


def test_reading_on_from_a_number(sandbox: SandboxClient) -> None:
    """`since` gives what came after; past the end there is nothing; nonsense is 400."""
    for _ in range(3):
        sandbox.weather()
    answer = sandbox.get("/_sandbox/journal", since="2").json()
    assert (answer["last"], [entry["seq"] for entry in answer["entries"]]) == (3, [3])
    assert sandbox.journal(since=99) == []
    assert sandbox.get("/_sandbox/journal", since="x").status_code == 400


def test_the_journal_is_complete_and_ordered_under_eight_writers(sandbox: SandboxClient) -> None:
    """Every write is there once, each `from` is the `to` before it, and the last `to` is the value that stands."""
    writes = 25

    def write(writer: int) -> None:
        with requests.Session() as session:
            session.headers.update(META_TOKEN)
            for number in range(writes):
                budget = str(10_000 + 100 * writer + number)
                session.post(f"{sandbox.url}/v26.0/23802", data={"daily_budget": budget}, timeout=TIMEOUT)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    entries = sandbox.journal()
    changes = [change for entry in entries for change in entry["changes"]]
    assert [entry["seq"] for entry in entries] == list(range(1, 8 * writes + 1))
    assert {int(change["to"]) for change in changes} == {10_000 + 100 * w + n for w in range(8) for n in range(writes)}
    assert [change["from"] for change in changes] == ["12000", *(change["to"] for change in changes[:-1])]
    assert sandbox.value("campaign/23802", "daily_budget") == changes[-1]["to"]
    times = [entry["time"] for entry in entries]
    assert times == sorted(times)


def test_a_persons_hand_is_journalled_as_such(sandbox: SandboxClient) -> None:
    """An edit in the platform's own pages costs no call and shows who it was."""
    answer = sandbox.json(f"/_sandbox/entities/{META}/ad_set/23847", {"status": "ACTIVE", "daily_budget": "7000"})
    assert answer.status_code == 200
    assert sandbox.get("/v26.0/23847", fields="daily_budget").json()["daily_budget"] == "7000"
    entry = sandbox.journal()[0]
    assert (entry["service"], entry["account"], entry["calls"]) == ("person", META, 0)
    assert [change["to"] for change in entry["changes"]] == ["ACTIVE", "7000"]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (f"{META}/ad_set/1", {"status": "ACTIVE"}, 404),
        ("act_9/ad_set/23847", {"status": "ACTIVE"}, 404),
        (f"{META}/ad_set/23847", {"status": "ENABLED"}, 400),
        (f"{META}/ad_set/23847", {"daily_budget": "5.5"}, 400),
        (f"{META}/ad_set/23847", {"name": "x"}, 400),
        (f"{META}/ad_set/23847", {}, 400),
        (f"{META}/ad_set/23847", [], 400),
    ],
)
def test_an_edit_that_makes_no_sense(sandbox: SandboxClient, path: str, body: object, status: int) -> None:
    """A sentence, and nothing happens."""
    answer = sandbox.json(f"/_sandbox/entities/{path}", body)
    assert (answer.status_code, bool(answer.json()["error"])) == (status, True)
    assert sandbox.journal() == []


def test_entities_can_be_added_by_the_thousand(sandbox: SandboxClient) -> None:
    """A new account and new ad sets in one of old; what is there already keeps its values."""
    ad_sets = [
        {"resource": f"ad_set/8{n:04}", "parent": "campaign/23801", "status": "PAUSED", "daily_budget": "1000"}
        for n in range(3000)
    ]
    kept = {"resource": "ad_set/23847", "parent": "campaign/23801", "status": "ACTIVE"}
    new = {"platform": "meta_ads", "id": "act_7", "currency": "EUR"}
    accounts = [{"id": META, "entities": [kept, *ad_sets]}, new]
    assert sandbox.json("/_sandbox/entities", {"accounts": accounts}).json() == {"added": 3000}
    assert sandbox.form("/v26.0/82999", status="ACTIVE").json() == {"success": True}
    assert sandbox.value("ad_set/23847", "status") == "PAUSED"
    assert sandbox.get("/v26.0/act_7", fields="currency").json()["currency"] == "EUR"


@pytest.mark.parametrize(
    "account",
    [
        {"id": "act_7"},
        {"platform": "bing", "id": "7", "currency": "EUR"},
        {"id": META, "entities": [{"resource": "ad_group/1", "status": "PAUSED"}]},
        {"id": META, "entities": [{"resource": "campaign/1"}]},
        {"id": META, "entities": [{"resource": "campaign/1", "status": "ENABLED"}]},
        {"id": META, "entities": [{"resource": "campaign/1", "status": "PAUSED", "colour": "red"}]},
        {"id": META, "entities": [{"resource": "ad_set/1", "parent": "campaign/404", "status": "PAUSED"}]},
        {"id": META, "entities": [{"resource": "ad_set/1", "status": "PAUSED"}]},
        {"id": META, "entities": [{"resource": "campaign/33847", "status": "PAUSED"}]},
        {"id": "1234567890", "entities": [{"resource": "campaign/1", "status": "PAUSED"}]},
        {"id": META, "entities": 5},
        {"id": []},
        7,
    ],
)
def test_entities_that_cannot_be(sandbox: SandboxClient, account: object) -> None:
    """400 with a sentence, nothing is added, not even the good account before it."""
    before = sandbox.get("/_sandbox/entities").json()
    good = {"platform": "meta_ads", "id": "act_8", "currency": "EUR"}
    answer = sandbox.json("/_sandbox/entities", {"accounts": [good, account]})
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert sandbox.get("/_sandbox/entities").json() == before


def test_the_clock_is_set_held_and_let_go(sandbox: SandboxClient) -> None:
    """Speed 0 holds it still; a time alone keeps the speed; a speed alone keeps the time."""
    sandbox.set_clock("2013-03-01T12:00:00Z")
    assert sandbox.get("/_sandbox/clock").json()["replay"] == "2013-03-01T12:00:00Z"
    sandbox.json("/_sandbox/clock", {"speed": 3_600})
    first = datetime.fromisoformat(sandbox.get("/_sandbox/clock").json()["replay"])
    answer = sandbox.get("/_sandbox/clock").json()
    assert first < datetime.fromisoformat(answer["replay"])
    assert answer["speed"] == 3600
    answer = sandbox.json("/_sandbox/clock", {"at": "2013-05-01T00:00"}).json()
    assert (answer["speed"], answer["replay"][:13]) == (3600, "2013-05-01T00")


@pytest.mark.parametrize("body", [{"at": "2014-01-01T00:00"}, {"at": "noon"}, {"speed": -1}, {"speed": "x"}, {"a": 1}])
def test_a_clock_that_cannot_be(sandbox: SandboxClient, body: object) -> None:
    """400 with a sentence, and the clock is as it was."""
    before = sandbox.get("/_sandbox/clock").json()["replay"]
    answer = sandbox.json("/_sandbox/clock", body)
    assert (answer.status_code, bool(answer.json()["error"])) == (400, True)
    assert sandbox.get("/_sandbox/clock").json()["replay"] == before


def test_the_weather_told_is_that_of_the_journals_replay_time(sandbox: SandboxClient) -> None:
    """An oracle over the journal and the file needs no clock: at any speed the entry names the hour that was told."""
    sandbox.set_clock("2013-06-07T00:00", speed=1_000_000)
    told = [sandbox.weather(units="imperial")["main"]["temp"] for _ in range(40)]
    hours = [entry["replay_time"] for entry in sandbox.journal()]
    assert len({hour[:13] for hour in hours}) > 3
    for temperature, hour in zip(told, hours, strict=True):
        sandbox.set_clock(hour)
        assert sandbox.weather(units="imperial")["main"]["temp"] == temperature


def test_connections_are_kept(sandbox: SandboxClient) -> None:
    """Many requests travel over one connection (HTTP/1.1), bodies read or not."""
    with closing(http.client.HTTPConnection(urlsplit(sandbox.url).netloc, timeout=TIMEOUT)) as connection:
        connection.connect()
        begun_on = connection.sock
        for path in ["/_sandbox/health", "/nowhere", "/v26.0/999"] * 5:
            connection.request("POST", path, body=b"unread", headers={"Content-Type": "text/plain"})
            connection.getresponse().read()
            assert connection.sock is begun_on
