"""The whole engine as `automation-cli up` starts it, against its sandbox, whose clock the test holds."""

import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from tests.contract.sandbox_server import SandboxClient
from tests.processes import wait_until
from weathertrigger.errors import StorageError
from weathertrigger.parent_death import tied_to_parent
from weathertrigger.storage.database import Database, Row

REFRESH = timedelta(seconds=1)
SERVICES = ("openweather", "meta_ads", "google_ads")
_PATIENCE_S = 30.0
_REAL_KEYS = ("OPENWEATHER_API_KEY", "META_ACCESS_TOKEN", "GOOGLE_ADS_REFRESH_TOKEN")

_NOT_SEEN = """
WITH numbered AS (
    SELECT id, place_id, row_number() OVER (PARTITION BY place_id ORDER BY id) AS number FROM weather_readings
)
SELECT r.id FROM automation_rules r LEFT JOIN unnest(%(places)s::text[], %(asked)s::int[]) AS a (place_id, asked)
    ON a.place_id = r.place_id
WHERE NOT EXISTS (
    SELECT FROM automation_executions e JOIN numbered n ON n.id = (e.explanation ->> 'reading')::bigint
    WHERE e.rule_id = r.id AND n.number > coalesce(a.asked, 0))
"""
_UNSETTLED = """
SELECT id FROM ad_changes WHERE finished_at IS NULL UNION ALL SELECT id FROM ad_fields WHERE applied < generation
"""
_COUNTED = """
SELECT 'openweather' AS service, sum((execution_metrics ->> 'weatherApiCalls')::int) AS calls FROM automation_executions
UNION ALL SELECT 'meta_ads', sum((execution_metrics ->> 'metaApiCalls')::int) FROM automation_executions
UNION ALL SELECT 'google_ads', sum((execution_metrics ->> 'googleApiCalls')::int) FROM automation_executions
UNION ALL SELECT service, calls FROM calls_apart
"""

Entry = Mapping[str, Any]  # Any: an entry of the journal is a JSON object


@dataclass(frozen=True, slots=True)
class Books:
    """One look at the calls by service: as the outside world answered them, and as the engine counts them."""

    made: Mapping[str, int]
    counted: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Engine:
    """What a test may do with the running engine, and ask about it."""

    sandbox: SandboxClient
    database: Database

    def live_through(self, hour: datetime) -> None:
        """Sets the weather to an hour, and waits until every rule was held against it and its changes are made."""
        self.sandbox.set_clock(hour.isoformat())
        asked = calls_by_place(self.sandbox.journal())  # readings are stored in the order in which they were asked for
        seen = {"places": list(asked), "asked": list(asked.values())}
        wait_until(lambda: not self.rows(_NOT_SEEN, seen) and not self.rows(_UNSETTLED), patience_s=_PATIENCE_S)

    def books(self) -> Books:
        """The calls in a quiet moment, when both agree; after a while without one, as they are then."""
        deadline = time.monotonic() + _PATIENCE_S / 3
        while True:
            before, counted, after = self._calls_made(), self._calls_counted(), self._calls_made()
            if before == counted == after or time.monotonic() > deadline:
                return Books(after, counted)
            time.sleep(0.02)

    def rows(self, statement: str, parameters: Mapping[str, object] | None = None) -> list[Row]:
        """What PostgreSQL says."""
        with self.database.transaction() as tx:
            return tx.rows(statement, parameters)

    def _calls_made(self) -> Mapping[str, int]:
        made = Counter(dict.fromkeys(SERVICES, 0))
        for entry in self.sandbox.journal():
            if entry["service"] in SERVICES:
                made[entry["service"]] += entry["calls"]
        return made

    def _calls_counted(self) -> Mapping[str, int]:
        counted = Counter(dict.fromkeys(SERVICES, 0))
        for row in self.rows(_COUNTED):
            counted[row.service] += row.calls or 0
        return counted


@contextmanager
def running_engine(
    directory: Path, *, postgres_url: str, redis_url: str, rules_file: str, start: datetime
) -> Iterator[Engine]:
    """`automation-cli up` with these rules; the sandbox's clock stands still at `start`. Ended by Ctrl-C."""
    rules, data = directory / "rules.yaml", directory / "data"
    rules.write_text(rules_file)
    options = ["--data", str(data), "--rules", str(rules), "--speed", "0", "--start", f"{start:%Y-%m-%dT%H:%M}"]
    environment = {
        **os.environ,
        **dict.fromkeys(_REAL_KEYS, ""),
        "DATABASE_URL": postgres_url,
        "REDIS_URL": redis_url,
        "REDIS_NAMESPACE": "acceptance",
        "WEATHER_REFRESH": f"{REFRESH.total_seconds():.0f}",
    }
    command = [sys.executable, "-P", "-m", "services.automation_cli", "up", *options]
    with (
        (directory / "up.log").open("wb") as log,
        subprocess.Popen(
            tied_to_parent(command, signal.SIGTERM), env=environment, stdout=log, stderr=subprocess.STDOUT
        ) as up,
    ):
        try:
            yield from _when_ready(up, data / "sandbox.port", postgres_url)
            up.send_signal(signal.SIGINT)
            assert up.wait(_PATIENCE_S) == 0
        finally:
            up.kill()


def _when_ready(up: subprocess.Popen[bytes], port: Path, postgres_url: str) -> Iterator[Engine]:
    with (
        requests.Session() as session,
        closing(Database(postgres_url, application_name="acceptance test")) as database,
    ):
        wait_until(lambda: (port.exists() and port.read_text()) or up.poll() is not None, patience_s=_PATIENCE_S)
        sandbox = SandboxClient(f"http://127.0.0.1:{port.read_text()}", session)
        engine = Engine(sandbox, database)
        wait_until(lambda: up.poll() is not None or _has_begun(engine), patience_s=_PATIENCE_S)
        assert up.poll() is None, "up has ended"
        yield engine


def _has_begun(engine: Engine) -> bool:
    """The first check is recorded, so everything is there; until then not even the tables may be."""
    try:
        return bool(engine.rows("SELECT id FROM automation_executions LIMIT 1"))
    except StorageError:
        return False


def calls_by_place(journal: Sequence[Entry]) -> Counter[str]:
    """How often OpenWeather was asked for each place, by the place's id."""
    asked = (re.search(r"lat=([-.\d]+)&lon=([-.\d]+)", entry["path"]) for entry in journal)
    return Counter(f"{match[1]},{match[2]}" for match in asked if match)
