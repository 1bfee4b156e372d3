"""`automation-cli rate-limit-stats`: calls are counted once each; never too few are shown; gates as they decide."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.contract.sandbox_server import SandboxClient
from tests.integration.commands import NOWHERE, Run
from tests.integration.engine import NAMESPACE, Engine
from tests.integration.rule_documents import GOOGLE, META, NEWARK, RAIN, budget, campaign_budget, rule
from weathertrigger.call_limits import CallLimit
from weathertrigger.errors import RateLimited, Transient
from weathertrigger.limits.gate import Gate
from weathertrigger.limits.keys import GateKeys

Lines = dict[tuple[str, str | None, str], dict[str, Any]]


def shown(run: Run, says: str = "", **environment: str) -> Lines:
    """The lines by service, account and window."""
    done = run("rate-limit-stats", "--output", "json", **environment)
    assert done.returncode == 0, done.stderr
    assert says in done.stderr if says else not done.stderr, done.stderr
    return {(row["service"], row["account"], row["window"]): row for row in json.loads(done.stdout)}


def called(engine: Engine, service: str, account: str, hours_ago: int, calls: int) -> datetime:
    """Calls that were made so many hours ago; gives the hour."""
    hour: datetime = engine.value("SELECT date_trunc('hour', clock_ms()) - %(ago)s", ago=timedelta(hours=hours_ago))
    engine.execute(
        "INSERT INTO api_calls VALUES (%(service)s, %(account)s, %(hour)s, %(calls)s)",
        service=service,
        account=account,
        hour=hour,
        calls=calls,
    )
    return hour


def test_nothing_called_yet(engine: Engine, run: Run) -> None:
    """0: every limit is there, unused; Meta's for each account, the others for all together. No gate was used yet."""
    lines = shown(run)
    assert {key: (line["used"], line["limit"], line["left"]) for key, line in lines.items()} == {
        ("meta_ads", META, "1 h"): (0, 200, 200),
        ("google_ads", None, "24 h"): (0, 10_000, 10_000),
        ("google_ads", GOOGLE, "24 h"): (0, None, None),
        ("openweather", None, "1 min"): (0, 60, 60),
        ("openweather", None, "24 h"): (0, 1_000, 1_000),
        ("open_meteo", None, "1 min"): (0, 600, 600),
        ("open_meteo", None, "1 h"): (0, 5_000, 5_000),
        ("open_meteo", None, "24 h"): (0, 10_000, 10_000),
    }
    for column in ("oldest_out_at", "cool_down_until", "cool_down_why", "breaker", "breaker_since", "in_flight"):
        assert {line[column] for line in lines.values()} == {None}


def test_every_call_is_counted_once(engine: Engine, run: Run) -> None:
    """As many as the services' own journal says, whoever asked; a count that is moved to a check adds none."""
    engine.apply(rule("wet", budget("23848")), rule("spend", campaign_budget("111")))
    engine.make_due("wet", "spend")
    engine.fetcher()(engine.leased({NEWARK.id: engine.dues("wet", "spend")}))
    engine.evaluator()(engine.published[-1])
    engine.turn(RAIN, "wet", "spend")
    lines = shown(run)
    assert engine.calls_made() == {
        "meta_ads": lines["meta_ads", META, "1 h"]["used"],
        "google_ads": lines["google_ads", None, "24 h"]["used"],
        "openweather": lines["openweather", None, "24 h"]["used"],
    }
    assert lines["openweather", None, "24 h"]["left"] == 1_000 - 1
    assert engine.calls_counted() == engine.calls_made()


def test_an_hour_that_is_partly_in_the_window_counts_whole(engine: Engine, run: Run) -> None:
    """Never too few; the hour before it is out, and what is used up is not less than nothing."""
    engine.execute(
        "CREATE OR REPLACE FUNCTION clock_ms() RETURNS timestamptz LANGUAGE sql VOLATILE PARALLEL SAFE"
        " RETURN timestamptz '2026-07-01 10:20:00Z'"
    )
    called(engine, "meta_ads", META, 2, 1000)
    oldest = called(engine, "meta_ads", META, 1, 150)
    called(engine, "meta_ads", META, 0, 70)
    called(engine, "openweather", "", 25, 1000)
    called(engine, "openweather", "", 24, 7)
    called(engine, "openweather", "", 0, 4)
    called(engine, "google_ads", GOOGLE, 3, 5)
    lines = shown(run)
    meta = lines["meta_ads", META, "1 h"]
    assert (meta["used"], meta["left"]) == (220, 0)
    assert datetime.fromisoformat(meta["oldest_out_at"]).astimezone(UTC) == oldest + timedelta(hours=2)
    assert lines["openweather", None, "24 h"]["used"] == 7 + 4
    assert lines["openweather", None, "1 min"]["used"] == 4
    assert lines["google_ads", None, "24 h"]["left"] == 10_000 - 5
    assert lines["google_ads", GOOGLE, "24 h"]["used"] == 5


def test_a_gate_shows_what_it_decides_by(engine: Engine, run: Run) -> None:
    """To the call, in every window; the cool-down, the breaker and when they began or end."""
    gate = Gate(
        redis=engine.redis,
        namespace=NAMESPACE,
        database=engine.database,
        service="openweather",
        limits=[CallLimit(60, timedelta(minutes=1)), CallLimit(1_000, timedelta(hours=24))],
        failures=1,
    )
    called(engine, "openweather", "", 24, 7)
    with gate.admit(3):
        lines = shown(run)
    minute, day = (lines["openweather", None, window] for window in ("1 min", "24 h"))
    assert (minute["used"], minute["left"]) == (3, 57)
    assert (day["used"], day["left"]) in {(3 + 7, 1_000 - 3 - 7), (3, 1_000 - 3)}
    assert (day["breaker"], day["in_flight"], day["cool_down_until"]) == ("closed", 1, None)
    with pytest.raises(RateLimited), gate.admit():
        raise RateLimited("", service="openweather")
    engine.redis.delete(GateKeys(NAMESPACE, "openweather").cool_down)
    with pytest.raises(Transient), gate.admit():
        raise Transient("", service="openweather")
    gate.slow_down(timedelta(minutes=1), "it has had too many calls")
    after = shown(run)["openweather", None, "1 min"]
    assert (after["used"], after["breaker"], after["cool_down_why"]) == (5, "open", "it has had too many calls")
    now = datetime.now(UTC)
    assert now < datetime.fromisoformat(after["cool_down_until"]) < now + timedelta(seconds=61)
    assert now - timedelta(seconds=60) < datetime.fromisoformat(after["breaker_since"]) <= now
    assert datetime.fromisoformat(after["oldest_out_at"]) < now + timedelta(seconds=60)
    without = shown(run, "Redis cannot be used", REDIS_URL=f"redis://{NOWHERE}/0")["openweather", None, "1 min"]
    assert (without["used"], without["breaker"], without["cool_down_until"]) == (5, None, None)


def test_the_gates_of_accounts(engine: Engine, run: Run) -> None:
    """Of Meta each account has its own hits and cool-down; the breaker is the service's, on each of its lines, even of
    an account that was not called. What an account of Google was told is shown with it, the limit with all of them."""
    meta, google = (
        Gate(redis=engine.redis, namespace=NAMESPACE, database=engine.database, service=service, limits=[limit])
        for service, limit in (
            ("meta_ads", CallLimit(200, timedelta(hours=1), per_account=True)),
            ("google_ads", CallLimit(10_000, timedelta(hours=24))),
        )
    )
    engine.execute(
        "INSERT INTO ad_accounts (id, user_id, platform, external_id, currency, mode)"
        " SELECT 'meta-other', user_id, platform, 'act_2002', currency, mode FROM ad_accounts WHERE id = %(id)s",
        id=META,
    )
    meta.slow_down(timedelta(minutes=5), "90 % of its calls are used", account=META)
    for _ in range(5):
        with pytest.raises(Transient), meta.admit(account="meta-other"):
            raise Transient("", service="meta_ads")
    with pytest.raises(RateLimited), google.admit(account=GOOGLE):
        raise RateLimited("", service="google_ads")
    lines = shown(run)
    one, other = (lines["meta_ads", account, "1 h"] for account in (META, "meta-other"))
    assert [(line["used"], line["left"], line["cool_down_why"], line["breaker"]) for line in (one, other)] == [
        (0, 200, "90 % of its calls are used", "open"),
        (5, 195, None, "open"),
    ]
    together, account = (lines["google_ads", account, "24 h"] for account in (None, GOOGLE))
    assert [(line["used"], line["limit"], line["cool_down_why"]) for line in (together, account)] == [
        (1, 10_000, None),
        (1, None, "it has had too many calls"),
    ]


def test_the_limits_are_those_of_the_settings(engine: Engine, run: Run) -> None:
    """One that another keeps out of reach has no line."""
    lines = shown(run, OPENWEATHER_CALLS_PER_DAY="50", OPEN_METEO_CALLS_PER_DAY="7000", OPEN_METEO_API_KEY="key")
    limits = {key: line["limit"] for key, line in lines.items() if key[0].startswith("open")}
    assert limits == {("openweather", None, "24 h"): 50, ("open_meteo", None, "24 h"): 7000}


@pytest.mark.parametrize("mode", ["live", "dry_run"])
def test_fields_that_wait_for_a_limit(engine: Engine, run: Run, sandbox: SandboxClient, mode: str) -> None:
    """A change that the platform put off is shown as waiting, until its time has come."""
    engine.apply(rule("wet", budget("23848"), mode=mode))
    engine.judge(RAIN, "wet")
    sandbox.fault("meta_ads", "rate_limit")
    engine.act(META)
    assert shown(run)["meta_ads", META, "1 h"]["waiting"] == 1
    engine.later(timedelta(hours=2))
    assert shown(run)["meta_ads", META, "1 h"]["waiting"] == 0
