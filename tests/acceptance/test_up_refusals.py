"""What `up` refuses: one clear sentence, the right exit code, nothing left running, nothing half done."""

from pathlib import Path

import pytest

from tests.acceptance.up_process import up
from tests.processes import wait_until
from weathertrigger.domain.rule import Mode
from weathertrigger.storage import installation
from weathertrigger.storage.database import Database
from weathertrigger.storage.installation import Installation, OutsideWorld
from weathertrigger.storage.migrate import migrate

_NOBODY = "127.0.0.1:9"  # the discard port


@pytest.mark.parametrize(
    ("environment", "code", "sentence"),
    [
        ({"DATABASE_URL": f"postgresql://me:s3cret@{_NOBODY}/x"}, 6, "DATABASE_URL names cannot be used"),
        ({"REDIS_URL": f"redis://:s3cret@{_NOBODY}/0"}, 6, "REDIS_URL names cannot be used"),
        ({"DATABASE_URL": "mysql://s3cret"}, 2, "DATABASE_URL must"),
        ({"MINIMUM_INTERVAL": "soon", "LOG_LEVEL": "loud"}, 2, "MINIMUM_INTERVAL must"),
        ({"SENTRY_DSN": "s3cret"}, 2, "SENTRY_DSN must start with https:// or http://"),
        ({"META_ACCESS_TOKEN": "a-real-one"}, 2, "OPENWEATHER_API_KEY is not set"),
    ],
)
def test_settings_that_do_not_work(tmp_path: Path, environment: dict[str, str], code: int, sentence: str) -> None:
    """A server that nobody runs, an impossible value, a missing key: said before any service starts, without the
    secrets."""
    with up(tmp_path, **environment) as refused:
        assert refused.wait() == code, refused.output
    assert sentence in refused.output
    assert "Traceback" not in refused.output
    assert "s3cret" not in refused.output
    assert "scheduler runs" not in refused.output


def test_a_rules_file_with_faults(tmp_path: Path) -> None:
    """All its faults are said, with their lines, and no service starts."""
    rules = tmp_path / "rules.yaml"
    rules.write_text("owner: user-456\nrules:\n  - {id: a, every: 1 parsec}\n  - {id: b, when: {metric: mood}}\n")
    with up(tmp_path / "data", "--rules", str(rules)) as refused:
        refused.look_at_family()
        assert refused.wait() == 2
        refused.leaves_nothing()
    for fault in ("rules[0].every", "rules[1].when", "line 3", "line 4"):
        assert fault in refused.output
    assert "scheduler runs" not in refused.output


def test_a_target_that_cannot_be(tmp_path: Path) -> None:
    """Only the platform knows that an ad set does not exist: then the services run already, and end again."""
    rules = tmp_path / "rules.yaml"
    rules.write_text(
        "owner: user-456\nrules:\n  - id: a\n    place: {latitude: 40.69, longitude: -74.17}\n    every: 2 s\n"
        "    when: {metric: rain, above: 0, unit: mm/h}\n"
        '    targets: [{account: meta-acme, ad_set: "1", set: {status: enabled}}]\n'
    )
    with up(tmp_path / "data", "--rules", str(rules)) as refused:
        wait_until(lambda: len(refused.look_at_family()) > 8)
        assert refused.wait() == 2, refused.output
        refused.leaves_nothing()
    assert "rules[0].targets" in refused.output
    assert "Traceback" not in refused.output


@pytest.mark.parametrize("file", ["no/such/directory/out.json", "."])
def test_a_summary_that_cannot_be_written(tmp_path: Path, file: str) -> None:
    """It is refused at once: not even the data directory is made."""
    with up(tmp_path / "data", "--summary-json", str(tmp_path / file)) as refused:
        assert refused.wait() == 2
    assert "--summary-json" in refused.output
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("there", "environment"),
    [
        (Installation(OutsideWorld.SANDBOX, Mode.LIVE), {"OPENWEATHER_API_KEY": "a-real-one"}),
        (Installation(OutsideWorld.REAL, Mode.DRY_RUN), {}),
    ],
)
def test_a_database_of_the_other_world(
    tmp_path: Path, database_url: str, redis_url: str, there: Installation, environment: dict[str, str]
) -> None:
    """Semantics 27: real and sandbox services are never mixed in one installation."""
    database = Database(database_url, application_name="test")
    migrate(database)
    assert database.run(lambda tx: installation.found(tx, there)) == there
    database.close()
    with up(tmp_path, DATABASE_URL=database_url, REDIS_URL=redis_url, **environment) as refused:
        assert refused.wait() == 5, refused.output
    assert "This database belongs to" in refused.output
    assert "scheduler runs" not in refused.output


def test_too_few_checks_in_time(tmp_path: Path, database_url: str, redis_url: str) -> None:
    """With real keys there is no sandbox, no rule and no account of the demo, and everything is in dry run. No rule: no
    check, so the time passes first."""
    keys = {"OPENWEATHER_API_KEY": "a-real-one", "DATABASE_URL": database_url, "REDIS_URL": redis_url}
    options = ("--exit-after", "0.5", "--exit-after-checks", "1")
    with up(tmp_path, *options, REDIS_NAMESPACE="real", **keys) as ended:
        assert ended.wait() == 1, ended.output
        ended.leaves_nothing()
    assert "Only 0 of 1 checks were recorded within 0.5 s." in ended.output
    assert "in dry run" in ended.output
    assert "sandbox runs" not in ended.output


def test_ctrl_c_while_it_starts(tmp_path: Path) -> None:
    """As soon as it has children, in the middle of making the database: it ends in order, and so do they. The next
    start finds nothing broken."""
    with up(tmp_path) as interrupted:
        wait_until(interrupted.look_at_family)
        assert interrupted.interrupt() == 0, interrupted.output
        interrupted.leaves_nothing()
    assert "Traceback" not in interrupted.output
    with up(tmp_path) as again:
        again.wait_for(r"check .* met, ")
        assert again.interrupt_twice() == 0, again.output
        again.leaves_nothing()
