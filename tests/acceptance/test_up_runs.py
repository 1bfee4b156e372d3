"""`up` on an empty directory, and again: everything starts, checks are recorded, everything ends, the data stay."""

import json
import socket
from pathlib import Path
from signal import SIGTERM

from tests.acceptance.up_process import SERVICES, up

RULES = ("cold-shovels", "fog-manhattan", "heat-lemonade", "rain-budget", "rain-umbrellas", "wind-jackets")


def test_it_runs_until_it_is_interrupted_and_goes_on_where_it_was(tmp_path: Path) -> None:
    """The first start ends with Ctrl-C, exit code 0, a summary, no process left; the second finds the rules and the
    accounts there, also when somebody has taken the sandbox's port."""
    data, summary = tmp_path / "a directory", tmp_path / "out.json"
    with up(data, "--summary-json", str(summary)) as first:
        first.wait_for(r"^rules: 6 new")
        for rule_id in RULES:
            first.wait_for(rf"check .* {rule_id} (not )?met, \d.* late: ")
        first.wait_for(r"change .* meta-acme ad_set 23847 status .*, rain-umbrellas, ")
        assert len(first.look_at_family()) >= len(SERVICES) + 2, "the services and two servers"
        assert first.interrupt() == 0, first.output
        first.leaves_nothing()
    told = json.loads(summary.read_text())
    assert told["checks"] == sum(told["outcomes"].values()) >= len(RULES)
    assert told["outcomes"].keys() <= {"met", "not_met"}
    assert told["api_calls"]["openweather"] >= 1
    assert sum(told["changes"].values()) >= 1
    assert told["restarts"] == {}
    assert not (data / "environment.json").exists(), "nobody is told of an installation that has ended"

    with socket.create_server(("127.0.0.1", int((data / "sandbox.port").read_text()))):
        options = ("--exit-after-checks", "12", "--summary-json", str(summary))
        with up(data, *options) as second:
            second.wait_for(r"^rules: 0 new, 0 changed, 6 as before")
            with up(data) as third:
                assert third.wait() == 5
            assert f"(process {second.pid})" in third.output
            second.look_at_family()
            assert second.wait() == 0, second.output
            second.leaves_nothing()
    told = json.loads(summary.read_text())
    assert told["checks"] >= 12
    assert 0 < told["lateness_ms"]["p50"] <= told["lateness_ms"]["p99"]


def test_a_sigterm_ends_it_as_ctrl_c_does(tmp_path: Path, database_url: str, redis_url: str) -> None:
    """On servers that the settings name: they are used, nothing is embedded, and they go on when it ends. The logs are
    JSON, a file for each service."""
    with up(tmp_path, DATABASE_URL=database_url, REDIS_URL=redis_url, REDIS_NAMESPACE="sigterm") as running:
        running.wait_for(r"check .* met, ")
        assert not (tmp_path / "postgresql").exists()
        running.send(SIGTERM)
        assert running.wait() == 0, running.output
        running.leaves_nothing()
    for service in ("weather-fetcher", "rule-evaluator", "ad-action"):
        lines = [json.loads(line) for line in (tmp_path / "logs" / f"{service}.log").read_text().splitlines()]
        assert {line["service"] for line in lines} == {service}
