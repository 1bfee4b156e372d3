"""A sandbox on a real port, in a thread or as a process of its own, for the tests that look at it over HTTP."""

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

from services.sandbox.app import create_app
from services.sandbox.server import Server
from services.sandbox.world import open_world
from weathertrigger.clock import Clock, utc_now
from weathertrigger.parent_death import tied_to_parent

START = datetime(2013, 6, 1, tzinfo=UTC)
TIMEOUT = 20
META_TOKEN = {"Authorization": "Bearer a-token"}
META, GOOGLE = "act_1001", "1234567890"
CUSTOMER = f"/v26/customers/{GOOGLE}"


class SandboxClient:
    """A caller of one sandbox, with a token for both ad platforms."""

    def __init__(self, url: str, session: requests.Session) -> None:
        self.url = url
        self.session = session
        session.headers.update(META_TOKEN)

    def get(self, path: str, **parameters: str) -> requests.Response:
        return self.session.get(self.url + path, params=parameters, timeout=TIMEOUT)

    def form(self, path: str, **form: str) -> requests.Response:
        return self.session.post(self.url + path, data=form, timeout=TIMEOUT)

    def json(self, path: str, document: object, **headers: str) -> requests.Response:
        return self.session.post(self.url + path, json=document, headers=headers, timeout=TIMEOUT)

    def weather(self, **parameters: str) -> Any:  # Any: JSON
        return self.get("/data/2.5/weather", **{"lat": "40.69", "lon": "-74.17", "appid": "k", **parameters}).json()

    def journal(self, since: int = 0) -> list[Any]:  # Any: JSON
        entries: list[Any] = self.get("/_sandbox/journal", since=str(since)).json()["entries"]
        return entries

    def set_clock(self, at: str, speed: float = 0) -> None:
        assert self.json("/_sandbox/clock", {"at": at, "speed": speed}).status_code == 200

    def fault(self, service: str, kind: str, **more: object) -> None:
        assert self.json("/_sandbox/faults", {"service": service, "kind": kind, **more}).status_code == 201

    def meta(self, what: str, **wanted: object) -> None:
        """Sets what holds at Meta: `limits`, `budget_changes`, `delivery`, `tokens`, `app`, `troubles`."""
        answer = self.json(f"/_sandbox/meta_ads/{what}", wanted)
        assert answer.status_code == 200, answer.text

    def heal(self) -> None:
        """Takes every fault back."""
        assert self.session.delete(f"{self.url}/_sandbox/faults", timeout=TIMEOUT).status_code == 200

    def search(self, query: str) -> Any:  # Any: JSON
        return self.json(f"{CUSTOMER}/googleAds:search", {"query": query}).json()

    def value(self, resource: str, field: str, account: str = META) -> str:
        """What the sandbox itself holds."""
        accounts = self.get("/_sandbox/entities").json()["accounts"]
        entities = next(entry["entities"] for entry in accounts if entry["id"] == account)
        value: str = next(entity[field] for entity in entities if entity["resource"] == resource)
        return value


@contextmanager
def sandbox_thread(directory: Path, now: Clock = utc_now) -> Iterator[SandboxClient]:
    """A sandbox in a thread of this process, its replay standing still; `now` is its real clock."""
    with closing(open_world(directory, start=START, speed=0, now=now)) as world:
        server = Server("127.0.0.1", 0, create_app(world))
        serving = threading.Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        try:
            with requests.Session() as session:
                yield SandboxClient(f"http://127.0.0.1:{server.port}", session)
        finally:
            server.shutdown()
            serving.join()


def start_sandbox(*options: str) -> subprocess.Popen[str]:
    """A sandbox as a process of its own, its output in pipes. It does not outlive the run of the tests."""
    command = tied_to_parent([sys.executable, "-m", "services.sandbox", *options])
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ready_url(process: subprocess.Popen[str]) -> str:
    """Waits for the line that says where it listens."""
    line = process.stdout.readline() if process.stdout else ""
    match = re.fullmatch(r"sandbox ready on (http://127\.0\.0\.1:\d+)\n", line)
    assert match, (line, process.stderr.read() if process.stderr else "")
    return match[1]


@contextmanager
def sandbox_process(directory: Path, *options: str) -> Iterator[tuple[SandboxClient, subprocess.Popen[str]]]:
    """A sandbox as a process on a free port; it is killed at the end if it still runs."""
    with start_sandbox("--data", str(directory), *options) as process:
        try:
            with requests.Session() as session:
                yield SandboxClient(ready_url(process), session), process
        finally:
            process.kill()
