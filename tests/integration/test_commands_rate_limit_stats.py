"""`automation-cli rate-limit-stats`: calls are counted once each, by the hour; never too few are shown."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.contract.sandbox_server import SandboxClient
from tests.integration.commands import Run
from tests.integration.engine import Engine
from tests.integration.rule_documents import GOOGLE, META, NEWARK, RAIN, budget, campaign_budget, rule


def shown(run: Run) -> dict[tuple[str, str | None], dict[str, Any]]:
    """The lines by service and account."""
    done = run("rate-limit-stats", "--output", "json")
    assert done.returncode == 0, done.stderr
    return {(row["service"], row["account"]): row for row in json.loads(done.stdout)}


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
    """0: every limit is there, unused; Meta's for each account, the others for all together."""
    lines = shown(run)
    assert {key: (line["used"], line["limit"], line["left"]) for key, line in lines.items()} == {
        ("meta_ads", META): (0, 200, 200),
        ("google_ads", None): (0, 10_000, 10_000),
        ("google_ads", GOOGLE): (0, None, None),
        ("openweather", None): (0, 1_000, 1_000),
    }
    assert {line["oldest_out_at"] for line in lines.values()} == {None}


def test_every_call_is_counted_once(engine: Engine, run: Run) -> None:
    """As many as the services' own journal says, whoever asked; a count that is moved to a check adds none."""
    engine.apply(rule("wet", budget("23848")), rule("spend", campaign_budget("111")))
    engine.make_due("wet", "spend")
    engine.fetcher()(engine.leased({NEWARK.id: engine.dues("wet", "spend")}))
    engine.evaluator()(engine.published[-1])
    engine.turn(RAIN, "wet", "spend")
    lines = shown(run)
    assert engine.calls_made() == {
        "meta_ads": lines["meta_ads", META]["used"],
        "google_ads": lines["google_ads", None]["used"],
        "openweather": lines["openweather", None]["used"],
    }
    assert lines["openweather", None]["left"] == 1_000 - 1
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
    called(engine, "google_ads", GOOGLE, 3, 5)
    lines = shown(run)
    meta = lines["meta_ads", META]
    assert (meta["used"], meta["left"], meta["window"]) == (220, 0, "1 h")
    assert datetime.fromisoformat(meta["oldest_out_at"]).astimezone(UTC) == oldest + timedelta(hours=2)
    assert lines["openweather", None]["used"] == 7
    assert lines["google_ads", None]["left"] == 10_000 - 5
    assert lines["google_ads", GOOGLE]["used"] == 5


@pytest.mark.parametrize("mode", ["live", "dry_run"])
def test_fields_that_wait_for_a_limit(engine: Engine, run: Run, sandbox: SandboxClient, mode: str) -> None:
    """A change that the platform put off is shown as waiting, until its time has come."""
    engine.apply(rule("wet", budget("23848"), mode=mode))
    engine.judge(RAIN, "wet")
    sandbox.fault("meta_ads", "rate_limit")
    engine.act(META)
    assert shown(run)["meta_ads", META]["waiting"] == 1
    engine.later(timedelta(hours=2))
    assert shown(run)["meta_ads", META]["waiting"] == 0
