"""The HTTP border against a real server that does everything wrong."""

import gzip
import socket
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.contract.secrecy import everything_said_by
from tests.contract.wire import (
    Handler,
    Reply,
    Wire,
    breaks_off,
    drips_body,
    drips_headers,
    floods,
    hangs,
    resets,
    says,
    sends,
)
from tests.processes import wait_until
from weathertrigger.errors import Transient
from weathertrigger.http.client import Bounds, HttpClient, Origin
from weathertrigger.http.deadline import deadline

SECRET = "key-0123456789abcdef"
ORIGIN = Origin("meta_ads", "meta-acme", (SECRET,))
SMALL = Bounds(body=1_000_000)
SHORT = Bounds(total=0.6)


def ask(wire: Wire, bounds: Bounds = SMALL) -> bytes:
    client = HttpClient(wire.url, bounds)
    return client.get("/path", ORIGIN, query={"appid": SECRET}, headers={"Authorization": f"Bearer {SECRET}"}).body


@pytest.mark.parametrize(
    ("reply", "words", "bounds"),
    [
        pytest.param(hangs, "in time", Bounds(read=0.3), id="hangs"),
        pytest.param(resets, "broke the connection", SMALL, id="resets"),
        pytest.param(breaks_off, "broke off", SMALL, id="breaks off"),
        pytest.param(drips_headers, "took longer than 0.6 s", SHORT, id="drips headers"),
        pytest.param(drips_body, "took longer than 0.6 s", SHORT, id="drips the body"),
        pytest.param(floods, "more than 1000000 bytes", SMALL, id="floods"),
        pytest.param(sends(b"not gzip", content_encoding="gzip"), "broke off", SMALL, id="wrong encoding"),
        pytest.param(sends(b"", 302, location="/elsewhere"), "redirect (302)", SMALL, id="redirects"),
        pytest.param(sends(b"", 304), "redirect (304)", SMALL, id="not modified"),
        pytest.param(lambda handler: handler.send(b"nonsense\r\n\r\n"), "broke the connection", SMALL, id="no HTTP"),
    ],
)
def test_whatever_breaks_on_the_wire_is_transient_soon_and_silent(
    wire: Wire, reply: Reply, words: str, bounds: Bounds
) -> None:
    """A call ends within its bound, once, as `Transient` with service and account and without URL, header or key."""
    wire.script(reply)
    started = time.monotonic()
    with pytest.raises(Transient, match="meta_ads") as caught:
        ask(wire, bounds)
    assert time.monotonic() - started < 8
    assert words in str(caught.value)
    assert (caught.value.service, caught.value.account) == ("meta_ads", "meta-acme")
    assert len(wire.seen) == 1
    said = everything_said_by(caught.value)
    assert SECRET not in said
    assert "/path" not in said
    assert caught.value.__context__ is None


def test_a_redirect_is_neither_followed_nor_read(wire: Wire) -> None:
    """The body of a redirect is not read to its end either, whatever its size."""
    wire.script(_redirect_with_a_flood)
    with pytest.raises(Transient):
        ask(wire)
    assert wire.bytes_sent < 20_000_000
    assert [seen.path for seen in wire.seen] == ["/path"]


def _redirect_with_a_flood(handler: Handler) -> None:
    handler.send(b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 52428800\r\n\r\n")
    for _ in range(800):
        handler.send(b" " * 65_536)


def test_a_body_of_50_MB_is_left_after_its_bound(wire: Wire) -> None:  # noqa: N802 - the unit
    """The rest of a body that is too large is not taken from the wire."""
    wire.script(floods)
    with pytest.raises(Transient):
        ask(wire)
    assert wire.bytes_sent < 20_000_000


def test_a_gzip_bomb_does_not_go_off(wire: Wire) -> None:
    """A body that unpacks to 100 MB is refused without 100 MB of memory."""
    wire.script(sends(gzip.compress(b" " * 100_000_000, 6), content_encoding="gzip"))
    tracemalloc.start()
    with pytest.raises(Transient, match="more than"):
        ask(wire)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 30_000_000


def test_an_honest_gzip_body_is_unpacked(wire: Wire) -> None:
    """Compression itself is welcome."""
    wire.script(sends(gzip.compress(b'{"a": 1}'), content_encoding="gzip"))
    assert ask(wire) == b'{"a": 1}'


def test_a_server_that_is_not_there_is_transient() -> None:
    """Nobody listens on port 1 of this machine."""
    with pytest.raises(Transient, match="could not be reached"):
        HttpClient("http://127.0.0.1:1").get("/", ORIGIN, query={})


@pytest.mark.parametrize("body", [b"<html>busy</html>", b'{"a": NaN}', b'{"a": 1e999}', b"[" * 100_000, b"\xff", b""])
def test_an_answer_that_is_not_json_is_transient(wire: Wire, body: bytes) -> None:
    """A gateway's page under 200, a number that is none, a half answer: nothing to work with."""
    wire.script(sends(body))
    answer = HttpClient(wire.url).get("/", ORIGIN, query={})
    with pytest.raises(Transient, match="not JSON") as caught:
        answer.json(ORIGIN)
    assert caught.value.__context__ is None
    assert answer.json_or_none() is None


def test_requests_travel_as_they_were_meant(wire: Wire) -> None:
    """Query, form and JSON arrive as such, over one kept connection, and a cookie is never sent back."""
    wire.script(says({}, set_cookie="session=1; Path=/"))
    client = HttpClient(wire.url + "/")
    client.get("/one", ORIGIN, query={"a": "1 & 2"})
    client.post_form("/two", ORIGIN, form={"b": "[1]"}, headers={"X-Own": "yes"})
    client.post_json("/three", ORIGIN, body={"c": ["ü"]})
    get, form, body = wire.seen
    assert (get.method, get.path, get.query) == ("GET", "/one", {"a": "1 & 2"})
    assert (form.method, form.form, form.headers["x-own"]) == ("POST", {"b": "[1]"}, "yes")
    assert form.headers["content-type"] == "application/x-www-form-urlencoded"
    assert (body.body, body.headers["content-type"]) == ('{"c": ["\\u00fc"]}', "application/json")
    assert all("cookie" not in seen.headers for seen in wire.seen)


def test_a_netrc_file_does_not_replace_our_authorisation(
    wire: Wire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`requests` prefers .netrc to a header of ours; the border does not."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("NO_PROXY", "*")
    wire.script(says({}))
    # Another spelling of 127.0.0.1, for which the environment is looked at as for any host out in the world.
    client = HttpClient(wire.url.replace("127.0.0.1", "127.1"))
    client.get("/", ORIGIN, query={}, headers={"Authorization": "Bearer ours"})
    assert wire.seen[0].headers["authorization"] == "Bearer ours"


def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sandbox on 127.0.0.1 is reached directly even where a proxy is set."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    wire.script(says({"direct": True}))
    assert ask(wire) == b'{"direct": true}'


def test_nothing_is_sent_after_the_time_is_over() -> None:
    """Where looking up the name took all the time, the connection that comes late is not used."""
    with deadline(0) as over, socket.socket() as late:
        wait_until(lambda: over.passed)
        with pytest.raises(TimeoutError):
            over.watch(late)


def test_many_threads_share_one_client(wire: Wire) -> None:
    """Each of 160 calls from 8 threads gets the answer to its own question."""
    wire.script(_echo)
    client = HttpClient(wire.url, Bounds())
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: client.get("/", ORIGIN, query={"n": str(n)}).json(ORIGIN), range(160)))
    assert answers == [{"n": str(n)} for n in range(160)]


def _echo(handler: Handler) -> None:
    says(dict(parse.split("=") for parse in [handler.path.partition("?")[2]]))(handler)


def test_a_call_that_ended_does_not_cut_the_next_one(wire: Wire) -> None:
    """The time of the first call would be over in the middle of the second, on the same kept connection."""
    wire.script(_slow_echo)
    client = HttpClient(wire.url, Bounds(total=1.2))
    for n in ("1", "2"):
        assert client.get("/", ORIGIN, query={"n": n}).json(ORIGIN) == {"n": n}


def _slow_echo(handler: Handler) -> None:
    handler.wire.closing.wait(0.7)
    _echo(handler)


@pytest.mark.parametrize(
    ("value", "seconds"), [("30", 30), ("0", 0), ("999999", None), ("99999", 86_400), ("-1", None), ("soon", None)]
)
def test_retry_after_is_taken_in_seconds(wire: Wire, value: str, seconds: float | None) -> None:
    """A wait of up to a day is believed, anything else is no hint."""
    wire.script(says({}, 429, retry_after=value))
    wait = HttpClient(wire.url).get("/", ORIGIN, query={}).retry_after()
    assert (wait.total_seconds() if wait is not None else None) == seconds
