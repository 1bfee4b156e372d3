"""The page of metrics: what Prometheus reads there is what is so; a server that is away costs what it alone knows."""

import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from services.scheduler.metrics.serve import serve_metrics
from services.scheduler.settings import Settings
from tests.contract.sandbox_server import SandboxClient
from tests.integration.commands import NOWHERE, ROOT
from tests.integration.engine import Engine
from tests.integration.rule_documents import GOOGLE, META, RAIN, budget, campaign_budget, rule
from tests.integration.workers import doorbell
from tests.processes import wait_until
from weathertrigger.broker import enqueue_all
from weathertrigger.embedded.ports import choose_port
from weathertrigger.errors import SettingsError
from weathertrigger.queues import actions_of
from weathertrigger.schedule.lateness import Way
from weathertrigger.storage import checks, dead_letters

SERVICES = ("meta_ads", "google_ads", "openweather", "open_meteo")
NEEDS_POSTGRESQL = {"workers_alive", "changes_open", "incidents_open", "dead_letters", "calls_used", "calls_limit"}
NEEDS_REDIS = {"breaker_state", "cool_down_seconds", "calls_in_flight", "checks_due", "messages_waiting"}

LABELS = ("part", "service", "account", "window_seconds", "way", "percentile", "queue", "state", "kind")
Samples = dict[tuple[str, ...], float]
"""By the name without its prefix and the values of the labels, in the order of LABELS."""


def scraped(port: int) -> Samples:
    """What the page says, read by Prometheus's own parser."""
    answer = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=30)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("text/plain")
    return {
        (
            sample.name.removeprefix("weathertrigger_"),
            *(sample.labels[label] for label in LABELS if label in sample.labels),
        ): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def names(samples: Samples) -> set[str]:
    return {key[0] for key in samples}


@pytest.fixture
def port(tmp_path: Path) -> int:
    return choose_port(tmp_path / "no port was noted")


@contextmanager
def page(environment: Mapping[str, str], port: int, **changed: str) -> Iterator[int]:
    """The page alone, without the rest of the scheduler; gives its port."""
    server = serve_metrics(Settings.from_environment({**environment, "METRICS_PORT": str(port), **changed}))
    assert server is not None
    try:
        yield port
    finally:
        server.shutdown()
        server.server_close()


def test_a_scheduler_serves_them_until_it_ends(engine: Engine, environment: dict[str, str], port: int) -> None:
    """The page is there as long as the process, which it does not keep from ending well."""
    command = [sys.executable, "-m", "services.scheduler"]
    with subprocess.Popen(command, cwd=ROOT, env={**environment, "METRICS_PORT": str(port)}) as process:
        try:
            wait_until(lambda: _answers(port) and scraped(port)["workers_alive", "scheduler"] == 1, patience_s=60)
            samples = scraped(port)
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=60) == 0
        finally:
            process.kill()
    assert {samples["up", part] for part in ("postgresql", "redis")} == {1}
    assert names(samples) >= NEEDS_POSTGRESQL | NEEDS_REDIS
    assert {service: samples["breaker_state", service, "closed"] for service in SERVICES} == dict.fromkeys(SERVICES, 1)
    assert samples["calls_limit", "meta_ads", META, "3600"] == 200
    assert ("calls_limit", "google_ads", GOOGLE, "86400") not in samples
    assert samples["workers_alive", "ad-action"] == samples["dead_letters",] == samples["checks_due",] == 0


def test_a_port_that_is_taken_is_refused(environment: dict[str, str], port: int) -> None:
    """In one sentence, as with every setting that is wrong."""
    sentence = f"METRICS_PORT {port} of METRICS_HOST 127.0.0.1 cannot be listened on: Address already in use"
    with page(environment, port), pytest.raises(SettingsError, match=sentence), page(environment, port):
        pass


def test_a_platform_that_fails(engine: Engine, environment: dict[str, str], port: int, sandbox: SandboxClient) -> None:
    """Issue 5: the state of a circuit breaker is in the metrics; so are the calls that the sandbox has seen, the
    changes that wait and the trouble."""
    engine.apply(rule("wet", budget("23848"), campaign_budget("111")))
    engine.judge(RAIN, "wet")
    sandbox.fault("meta_ads", "status", status=503)
    for _ in range(8):
        engine.act(META)
        engine.later(timedelta(minutes=20))
    with page(environment, port):
        samples = scraped(port)
    states = {key[1:]: value for key, value in samples.items() if key[0] == "breaker_state"}
    assert {key for key, value in states.items() if value} == {
        ("meta_ads", "open"),
        ("google_ads", "closed"),
        ("openweather", "closed"),
        ("open_meteo", "closed"),
    }
    assert len(states) == 3 * len(SERVICES)
    made = engine.calls_made()
    assert made["meta_ads"] >= 5
    assert samples["calls_used", "meta_ads", META, "3600"] == made["meta_ads"]
    assert samples["calls_used", "google_ads", "", "86400"] == made["google_ads"]
    assert samples["incidents_open", "breaker_open"] == 1
    assert samples["changes_open", "planned"] == 2


def test_a_platform_that_asks_for_a_pause(
    engine: Engine, environment: dict[str, str], port: int, sandbox: SandboxClient
) -> None:
    """The account cools down, the service as a whole does not; its change waits."""
    engine.apply(rule("wet", budget("23848")))
    engine.judge(RAIN, "wet")
    sandbox.fault("meta_ads", "rate_limit")
    engine.act(META)
    with page(environment, port):
        samples = scraped(port)
    assert 0 < samples["cool_down_seconds", "meta_ads", META] <= 3600
    assert samples["cool_down_seconds", "meta_ads", ""] == 0
    assert samples["fields_waiting", "meta_ads", META] == 1


def test_the_schedule(engine: Engine, environment: dict[str, str], port: int) -> None:
    """What is due, what waits and how late it was, in seconds; a percentile of nothing is missing."""
    engine.apply(rule("wet"), rule("dry"))
    engine.bells.set({"wet": engine.value("SELECT clock_ms() - interval '1 minute'")})
    with engine.database.transaction() as tx:
        dead_letters.add(tx, queue="weather", actor="fetch_weather", body="{}", reason="nobody knows")
        clock = checks.clock(tx)
    engine.bells.lateness(Way.STARTED).add([timedelta(seconds=2)] * 99 + [timedelta(seconds=60)] * 2, clock)
    enqueue_all(engine.broker, [doorbell(META)])
    with page(environment, port):
        samples = scraped(port)
    assert (samples["checks_scheduled",], samples["checks_due",], samples["dead_letters",]) == (2, 1, 1)
    assert 60 <= samples["checks_due_seconds",] < 600
    assert samples["recent_checks", "started"] == 101
    assert samples["check_lateness_seconds", "started", "50"] == pytest.approx(2, rel=0.06)
    assert samples["check_lateness_seconds", "started", "99"] == pytest.approx(60, rel=0.06)
    assert samples["recent_checks", "recorded"] == 0
    assert ("check_lateness_seconds", "recorded", "50") not in samples
    assert samples["messages_waiting", actions_of("meta_ads")] == 1
    assert samples["messages_waiting", "evaluation"] == 0


def test_there_are_no_more_of_them_the_more_rules_there_are(
    engine: Engine, environment: dict[str, str], port: int
) -> None:
    """A time series for each rule would be too many for Prometheus; names of rules are nobody's business either."""
    with page(environment, port):
        before = scraped(port)
        engine.apply(*(rule(f"wet-{number}") for number in range(20)))
        after = scraped(port)
    assert set(before) == set(after)
    assert (before["checks_scheduled",], after["checks_scheduled",]) == (0, 20)


@pytest.mark.parametrize("away", [("redis",), ("postgresql",), ("redis", "postgresql")], ids=" and ".join)
def test_a_server_that_is_away(engine: Engine, environment: dict[str, str], port: int, away: tuple[str, ...]) -> None:
    """It is told as 0, and what the other one knows is told all the same."""
    urls = {
        "redis": {"REDIS_URL": f"redis://{NOWHERE}/0"},
        "postgresql": {"DATABASE_URL": f"postgresql://{NOWHERE}/db"},
    }
    changed = {name: url for part in away for name, url in urls[part].items()}
    with page(environment, port, **changed):
        samples = scraped(port)
    assert {part: samples["up", part] for part in urls} == {part: int(part not in away) for part in urls}
    expected = {
        name
        for part, those in (("redis", NEEDS_REDIS), ("postgresql", NEEDS_POSTGRESQL))
        for name in those
        if part not in away
    }
    assert names(samples) & (NEEDS_REDIS | NEEDS_POSTGRESQL) == expected


def test_a_server_that_does_not_answer(engine: Engine, environment: dict[str, str], port: int) -> None:
    """A statement that waits for a lock is given up; the next scrape is whole again."""
    with page(environment, port):
        with engine.database.transaction() as tx:
            tx.execute("LOCK TABLE dead_letters")
            samples = scraped(port)
            assert (samples["up", "postgresql"], samples["up", "redis"]) == (0, 1)
        assert scraped(port)["up", "postgresql"] == 1


def test_off_by_default(environment: dict[str, str]) -> None:
    """Nobody listens where nobody asked for it."""
    assert serve_metrics(Settings.from_environment(environment)) is None


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("METRICS_PORT", "65536", "METRICS_PORT must be a whole number from 0 to 65535, and it is '65536'"),
        ("METRICS_HOST", "localhost", "METRICS_HOST must be an IP address, such as 127.0.0.1"),
    ],
)
def test_settings_that_are_wrong(environment: dict[str, str], name: str, text: str, sentence: str) -> None:
    """Each says what it must be."""
    with pytest.raises(SettingsError, match=sentence):
        Settings.from_environment({**environment, name: text})


def _answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/metrics", timeout=30).ok
    except requests.ConnectionError:
        return False
