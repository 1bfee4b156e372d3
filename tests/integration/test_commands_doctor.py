"""`automation-cli doctor`: what is well, what is not, and what to do; a server that is away is a row."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import cast

import pytest
from redis import Redis

from tests.integration.commands import NOWHERE, Run, assert_refused
from tests.integration.engine import Engine
from tests.integration.lives import name_taken
from tests.integration.rule_documents import rule
from tests.processes import wait_until
from weathertrigger.storage import incidents
from weathertrigger.storage.incidents import IncidentKind

_SERVICES = ("scheduler", "weather-fetcher", "rule-evaluator", "ad-action")
_SECRET = "topsecret"


@pytest.fixture
def settled(redis_client: Redis) -> Iterator[Redis]:
    """The run's Redis; its settings are put back afterwards."""
    names = ("maxmemory-policy", "maxmemory", "appendonly", "save")
    before = {name: cast("dict[str, str]", redis_client.config_get(name))[name] for name in names}
    yield redis_client
    for name, value in before.items():
        redis_client.config_set(name, value)


def examined(run: Run, code: int = 0, **changed: str) -> dict[str, dict[str, str]]:
    """What is found, by what it is about."""
    done = run("doctor", "--output", "json", **changed)
    assert done.returncode == code, done
    assert "Traceback" not in done.stderr
    assert _SECRET not in done.stdout + done.stderr
    return {row["about"]: row for row in json.loads(done.stdout)}


def verdicts(found: dict[str, dict[str, str]], verdict: str) -> set[str]:
    return {about for about, row in found.items() if row["verdict"] == verdict}


def enlist(engine: Engine, service: str, *, last_heartbeat: str = "clock_ms()", status: str = "running") -> None:
    """A worker as the registry keeps it."""
    engine.execute(
        "INSERT INTO worker_registry (worker_id, service, host, process_id, status, heartbeat_ms, last_heartbeat)"
        f" VALUES (%(service)s, %(service)s, 'here', 1, %(status)s, 30000, {last_heartbeat})",
        service=service,
        status=status,
    )


def test_all_is_well(engine: Engine, run: Run) -> None:
    """0, no advice, the versions, the kind of installation, and the names of the keys."""
    engine.apply(rule("wet"))
    with ExitStack() as alive:
        for service in _SERVICES:
            enlist(engine, service)
            alive.enter_context(name_taken(engine.database, service))
        found = examined(run, META_APP_SECRET=_SECRET)
        assert run("doctor").stdout.count(" ok ") == len(found)
    assert verdicts(found, "ok") == set(found)
    assert {row["advice"] for row in found.values()} == {""}
    assert found["PostgreSQL"]["found"].startswith("version 1")
    assert "Valkey" in found["Redis"]["found"]
    assert found["Redis eviction"]["found"] == "noeviction"
    assert found["installation"]["found"] == "outside world sandbox, mode live"
    assert found["alerts"]["found"] == "go nowhere but into the logs: SENTRY_DSN is not set"
    assert "set: META_ACCESS_TOKEN, META_APP_SECRET, GOOGLE_ADS_CLIENT_ID, " in found["API keys"]["found"]


def test_a_database_that_is_away(run: Run, redis_client: Redis) -> None:
    """6: one fault; what needs the database is not looked at, and Redis is."""
    found = examined(run, 6, DATABASE_URL=f"postgresql://postgres:{_SECRET}@{NOWHERE}/weathertrigger")
    assert verdicts(found, "fault") == {"PostgreSQL"}
    assert found["migrations"]["found"] == found["clocks"]["found"] == "not looked at"
    assert found["Redis eviction"]["verdict"] == "ok"


def test_a_redis_that_is_away(engine: Engine, run: Run) -> None:
    """6: one fault; the database is looked at all the same."""
    found = examined(run, 6, REDIS_URL=f"redis://:{_SECRET}@{NOWHERE}/0")
    assert verdicts(found, "fault") == {"Redis"}
    assert found["clocks"]["advice"] == "See Redis."
    assert found["migrations"]["found"] == "all applied"
    assert_refused(run("doctor", DATABASE_URL=""), 2, "DATABASE_URL is not set")


def test_both_are_away(run: Run) -> None:
    """6, and for people each row stands in a table."""
    done = run("doctor", DATABASE_URL=f"postgresql://{NOWHERE}/x", REDIS_URL=f"redis://{NOWHERE}/0")
    assert (done.returncode, done.stderr) == (6, "Error: 2 fault(s): PostgreSQL, Redis.\n")
    assert "put REDIS_URL right" in done.stdout


def test_an_empty_database(run: Run, database_url: str, redis_client: Redis) -> None:
    """6: it says what to run."""
    found = examined(run, 6, DATABASE_URL=database_url)
    assert "0001_" in found["migrations"]["found"]
    assert found["migrations"]["advice"] == "Run `automation-cli migrate`."


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        ("UPDATE schema_migrations SET checksum = 'x' WHERE name LIKE '0002%'", "changed after they had been applied"),
        ("DELETE FROM schema_migrations WHERE name LIKE '0003%'", "not applied: 0003_"),
        ("INSERT INTO schema_migrations (name, checksum) VALUES ('9999_future', 'x')", "newer version: 9999_future"),
    ],
)
def test_migrations_that_are_not_ours(engine: Engine, run: Run, damage: str, found: str) -> None:
    """A fault, with the names."""
    engine.execute(damage.replace("%", "%%"))
    row = examined(run, 6)["migrations"]
    assert (row["verdict"], found in row["found"]) == ("fault", True), row


def test_a_redis_that_evicts_and_forgets(engine: Engine, run: Run, settled: Redis) -> None:
    """Eviction is a fault; nearly full, and nothing kept over a restart, are warnings."""
    settled.config_set("maxmemory-policy", "allkeys-lru")
    settled.config_set("appendonly", "no")
    settled.config_set("save", "")
    used = cast("dict[str, int]", settled.info("memory"))["used_memory"]
    settled.config_set("maxmemory", int(used * 1.3))
    found = examined(run, 6)
    assert verdicts(found, "fault") == {"Redis eviction"}
    assert {"Redis memory", "Redis persistence"} <= verdicts(found, "warning")
    settled.config_set("save", "3600 1")
    settled.config_set("maxmemory", used * 10)
    assert {"Redis memory", "Redis persistence"} <= verdicts(examined(run, 6), "ok")


def test_a_redis_full_of_others(engine: Engine, run: Run, redis_client: Redis) -> None:
    """A warning, by the number of keys alone."""
    redis_client.mset({f"other:{number}": 1 for number in range(10_001)})
    assert examined(run)["Redis keys"]["verdict"] == "warning"


def test_clocks_that_are_apart(engine: Engine, run: Run) -> None:
    """A warning that says whose clock decides."""
    engine.execute(
        "CREATE OR REPLACE FUNCTION clock_ms() RETURNS timestamptz LANGUAGE sql VOLATILE PARALLEL SAFE"
        " RETURN date_trunc('milliseconds', clock_timestamp() - interval '90 s')"
    )
    row = examined(run)["clocks"]
    assert row["verdict"] == "warning"
    assert "PostgreSQL -90.0" in row["found"] or "PostgreSQL -89.9" in row["found"]
    assert "goes by PostgreSQL's clock" in row["advice"]


def test_accounts_without_a_key(engine: Engine, run: Run) -> None:
    """A fault for each platform that has accounts, and for the weather."""
    row = examined(run, 6, META_ACCESS_TOKEN="", OPENWEATHER_API_KEY="")["API keys"]
    assert row["verdict"] == "fault"
    assert "OPENWEATHER_API_KEY is not set, nor is OPEN_METEO_URL" in row["advice"]
    assert "Set the keys of meta_ads, here" in row["advice"]
    row = examined(run, 6, GOOGLE_ADS_CLIENT_SECRET="")["API keys"]
    assert row["verdict"] == "fault"
    assert "client_secret" in row["found"]


@pytest.mark.parametrize("name", ["OPEN_METEO_URL", "OPEN_METEO_API_KEY"])
def test_open_meteo_alone(engine: Engine, run: Run, name: str) -> None:
    """One provider of weather is enough, whichever it is."""
    value = engine.sandbox.url if name == "OPEN_METEO_URL" else _SECRET
    row = examined(run, 0, **{"OPENWEATHER_API_KEY": "", name: value})["API keys"]
    assert (row["verdict"], name in row["found"]) == ("ok", True)


def test_what_is_wrong_outside(engine: Engine, run: Run) -> None:
    """A warning for each trouble that has begun and not ended, with its message and since when."""
    with engine.database.transaction() as tx:
        incidents.begin(tx, IncidentKind.UNAUTHORISED, "openweather", "openweather does not accept the credentials")
        incidents.begin(tx, IncidentKind.BREAKER_OPEN, "open_meteo", "open_meteo has failed 5 times in a row")
        incidents.begin(tx, IncidentKind.QUOTA_EXHAUSTED, "open_meteo", "over")
        incidents.end(tx, IncidentKind.QUOTA_EXHAUSTED, "open_meteo", "has calls left again")
    found = examined(run)
    wrong = {"unauthorised: openweather", "breaker open: open_meteo"}
    assert wrong <= verdicts(found, "warning")
    assert "incidents" not in found
    assert "quota exhausted: open_meteo" not in found
    row = found["unauthorised: openweather"]
    assert row["found"].startswith("since 20")
    assert row["found"].endswith("UTC: openweather does not accept the credentials")
    assert "Put its key right" in row["advice"]


def test_rules_that_nobody_works_on(engine: Engine, run: Run) -> None:
    """A warning that names the services without a living worker; without a rule it is none."""
    assert examined(run)["workers"]["verdict"] == "ok"
    engine.apply(rule("wet"))
    enlist(engine, "scheduler")
    enlist(engine, "weather-fetcher", last_heartbeat="clock_ms() - interval '60 s'")
    enlist(engine, "rule-evaluator", last_heartbeat="clock_ms() - interval '100 s'")
    enlist(engine, "ad-action", status="stopped")
    with name_taken(engine.database, "scheduler"), name_taken(engine.database, "weather-fetcher"):
        # in PostgreSQL's first seconds nobody is given up yet
        wait_until(lambda: "nobody runs: rule-evaluator, ad-action." in examined(run)["workers"]["advice"])
        assert examined(run)["workers"]["verdict"] == "warning"


def test_what_is_paused(engine: Engine, run: Run) -> None:
    """0: a row for each pause, with who made it, why, and how it ends."""
    assert run("pause", "--all", "--reason", "budgets run away").returncode == 0
    found = {row["about"]: row for row in json.loads(run("doctor", "--output", "json").stdout)}
    assert "by " in found["paused: everything"]["found"]
    assert found["paused: everything"]["found"].endswith(": budgets run away")
    assert found["paused: everything"]["advice"] == "`automation-cli resume --all`."
    assert engine.writes() == []


def test_whether_anybody_is_told(engine: Engine, run: Run) -> None:
    """A warning where money is spent and nobody is; of a DSN the host, never the key; one that is none is a fault."""
    engine.execute("UPDATE installation SET outside_world = 'real'")
    nobody = examined(run)["alerts"]
    assert (nobody["verdict"], nobody["found"]) == ("warning", "go nowhere but into the logs: SENTRY_DSN is not set")
    assert (
        "SENTRY_DSN"
        not in (told := examined(run, SENTRY_DSN=f"https://{_SECRET}@sentry.example/5"))["API keys"]["found"]
    )
    assert (told["alerts"]["verdict"], told["alerts"]["found"]) == ("ok", "go to Sentry at sentry.example")
    assert verdicts(examined(run, 6, SENTRY_DSN=f"https://{_SECRET}@sentry.example"), "fault") == {"alerts"}
