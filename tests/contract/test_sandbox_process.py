"""`python -m services.sandbox` as a process: start, stop, crash, restart."""

import json
import signal
import socket
import subprocess
from pathlib import Path

import pytest
import requests

from tests.contract.sandbox_server import SandboxClient, ready_url, sandbox_process, start_sandbox


def _fails(*options: str) -> str:
    """What a start that has to fail says, in one line, with exit code 1 and nothing on standard output."""
    with start_sandbox(*options) as process:
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err.count("\n")) == (1, "", 1), err
    return err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_one_line_and_stops_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    """Exit code 0, nothing more on either output, even with a request that hangs."""
    with sandbox_process(tmp_path) as (client, process):
        client.weather()
        client.fault("meta_ads", "hang")
        with pytest.raises(requests.ReadTimeout):
            client.session.get(f"{client.url}/v26.0/23847", timeout=0.1)
        process.send_signal(number)
        assert process.communicate(timeout=10) == ("", "")
        assert process.returncode == 0


def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    """Naming the address."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert f"127.0.0.1:{port}" in _fails("--data", str(tmp_path), "--port", str(port))


def test_a_directory_in_use_is_one_sentence(tmp_path: Path) -> None:
    """Two sandboxes never share a directory."""
    with sandbox_process(tmp_path):
        assert str(tmp_path) in _fails("--data", str(tmp_path))


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (("--start", "yesterday"), "--start"),
        (("--start", "2014-01-01T00:00"), "2013"),
        (("--speed", "-1"), "speed"),
        (("--accounts", "/nowhere.json"), "/nowhere.json"),
    ],
)
def test_a_start_that_cannot_be_is_one_sentence(tmp_path: Path, options: tuple[str, ...], word: str) -> None:
    """Each names what was wrong."""
    assert word in _fails("--data", str(tmp_path), *options)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"accounts": [{"id": "1"}]}', "\x00\xff"])
def test_a_bad_accounts_file_is_one_sentence(tmp_path: Path, text: str) -> None:
    """Whatever is in it."""
    accounts = tmp_path / "accounts.json"
    accounts.write_text(text, encoding="latin-1")
    _fails("--data", str(tmp_path), "--accounts", str(accounts))


def test_a_directory_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    """Below a file there is no directory."""
    (tmp_path / "file").touch()
    assert "file" in _fails("--data", str(tmp_path / "file" / "below"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_what_was_written_outlives_the_process(tmp_path: Path, number: signal.Signals) -> None:
    """Values, added entities, a person's edits and the journal's numbers go on after a stop and after a kill."""
    seed = {"resource": "campaign/7", "status": "PAUSED"}
    with sandbox_process(tmp_path) as (client, process):
        client.form("/v26.0/23847", status="ACTIVE", daily_budget="6000")
        client.form("/v26.0/23847", daily_budget="6500")
        client.json("/_sandbox/entities", {"accounts": [{"id": "act_1001", "entities": [seed]}]})
        client.form("/v26.0/7", status="ACTIVE")
        client.json("/_sandbox/entities/1234567890/campaign/111", {"status": "PAUSED"})
        before = client.get("/_sandbox/entities").json()
        process.send_signal(number)
        process.wait(timeout=10)
    with sandbox_process(tmp_path) as (client, _):
        assert client.get("/_sandbox/entities").json() == before
        assert client.value("ad_set/23847", "daily_budget") == "6500"
        client.weather()
        assert [entry["seq"] for entry in client.journal()] == [1, 2, 3, 4, 5]


def test_a_seed_fills_in_only_what_is_missing(tmp_path: Path) -> None:
    """A changed seed brings its new entities, and loses against what was written."""
    seed = tmp_path / "accounts.json"
    first = {"resource": "campaign/1", "status": "PAUSED", "daily_budget": "100"}
    account = {"platform": "meta_ads", "id": "act_1", "currency": "EUR", "entities": [first]}
    seed.write_text(json.dumps({"accounts": [account]}))
    options = ("--accounts", str(seed))
    with sandbox_process(tmp_path, *options) as (client, _):
        client.form("/v26.0/1", status="ACTIVE")
    second = first | {"resource": "campaign/2"}
    seed.write_text(json.dumps({"accounts": [account | {"entities": [first | {"daily_budget": "200"}, second]}]}))
    with sandbox_process(tmp_path, *options) as (client, _):
        assert client.value("campaign/1", "status", "act_1") == "ACTIVE"
        assert client.value("campaign/1", "daily_budget", "act_1") == "200"
        assert client.value("campaign/2", "status", "act_1") == "PAUSED"


def test_a_torn_line_was_never_answered(tmp_path: Path) -> None:
    """Half a journal line and half an added account, as a crash in mid-write leaves them, are cut off."""
    with sandbox_process(tmp_path) as (client, _):
        client.form("/v26.0/23847", status="ACTIVE")
    for name in ("journal.jsonl", "entities.jsonl"):
        with (tmp_path / name).open("a") as file:
            file.write('{"seq":2,"changes":[{"resource":"ad_set/23847","field":"status","from":"ACTIVE","to":"PA')
    with sandbox_process(tmp_path) as (client, _):
        assert client.value("ad_set/23847", "status") == "ACTIVE"
        client.form("/v26.0/23847", status="PAUSED")
        assert [entry["seq"] for entry in client.journal()] == [1, 2]


def test_the_clock_runs_at_the_speed_asked(tmp_path: Path) -> None:
    """`--speed` and `--start` set the replay clock."""
    with sandbox_process(tmp_path, "--speed", "1440", "--start", "2013-02-01T06:00") as (client, _):
        answer = client.get("/_sandbox/clock").json()
        assert answer["speed"] == 1440
        assert "2013-02-01T06:00" < answer["replay"] < "2013-02-02T06:00"


def test_help_names_every_option() -> None:
    """`--help` answers at once."""
    with start_sandbox("--help") as process:
        out, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    assert {"--host", "--port", "--data", "--speed", "--start", "--accounts"} <= set(out.split())


def test_a_sandbox_serves_many_clients_at_once(tmp_path: Path) -> None:
    """Forty idle connections do not keep the next one out."""
    with start_sandbox("--data", str(tmp_path)) as process:
        try:
            url = ready_url(process)
            port = int(url.rpartition(":")[2])
            idle = [socket.create_connection(("127.0.0.1", port)) for _ in range(40)]
            with requests.Session() as session:
                assert SandboxClient(url, session).weather()["cod"] == 200
            for connection in idle:
                connection.close()
            process.terminate()
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
