"""`automation-cli` as people and scripts run it: exit codes, one sentence for each trouble, never a traceback."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from redis import Redis

from services.automation_cli.__main__ import COMMANDS
from services.automation_cli.up.preparation import Prepared
from services.automation_cli.up.run_everything import take_rules
from services.automation_cli.up.settings import UpSettings
from tests.contract.sandbox_server import SandboxClient
from tests.integration.commands import NOWHERE, Run, assert_refused
from tests.integration.engine import Engine
from tests.integration.rule_documents import OWNER, RAIN, budget, campaign_budget, rule, status
from weathertrigger.outside.ads import ad_platforms


def written(path: Path, *documents: object) -> str:
    """A rules file with these rules."""
    path.write_text(json.dumps({"owner": OWNER, "rules": list(documents)}))
    return str(path)


def test_migrating_a_fresh_database(run: Run, database_url: str) -> None:
    """0 twice; the second time there is nothing to do."""
    first, second = (run("migrate", DATABASE_URL=database_url) for _ in range(2))
    assert (first.returncode, second.returncode) == (0, 0)
    assert first.stdout.startswith("0001_")
    assert (second.stdout, second.stderr) == ("", "The database is up to date.\n")


def test_an_apply_and_an_apply_again(engine: Engine, run: Run, tmp_path: Path) -> None:
    """0, names what it did on standard output, and sets the bells; the second time it does nothing."""
    file = written(tmp_path / "rules.json", rule("wet", budget("23848")), rule("off"))
    done = run("apply", file)
    assert (done.returncode, done.stdout) == (0, "added wet\nadded off\n"), done.stderr
    need = "The rules need at most 96 calls of openweather a day; the limit is 1,000.\n"
    paused = "meta-acme ad set 23847 is paused now; rule off enables it when it fires.\n"
    assert done.stderr == "2 added, 0 changed, 0 unchanged.\n" + need + paused
    assert engine.redis.zscore(engine.bells.key, "wet") == engine.dues("wet")["wet"]
    again = run("apply", "-", text=Path(file).read_text())
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "0 added, 0 changed, 2 unchanged.\n" + need)


def test_a_day_that_cannot_be_planned(engine: Engine, run: Run, tmp_path: Path) -> None:
    """0: the rules are saved and their bells set; that is only said, since the scheduler plans the day too."""
    engine.execute("ALTER TABLE places RENAME starved TO away")
    done = run("apply", written(tmp_path / "rules.json", rule("wet")))
    engine.execute("ALTER TABLE places RENAME away TO starved")
    assert (done.returncode, done.stdout) == (0, "added wet\n"), done.stderr
    assert "The day's calls could not be planned now: PostgreSQL: " in done.stderr
    assert "Traceback" not in done.stderr
    assert engine.redis.zscore(engine.bells.key, "wet") == engine.dues("wet")["wet"]


def test_up_plans_the_day(engine: Engine) -> None:
    """Of the rules as they are, too, and without a word."""
    engine.apply(rule("wet"))
    limited = {
        "DATABASE_URL": "postgresql://127.0.0.1/nothing",
        "REDIS_NAMESPACE": "wt-test",
        "OPENWEATHER_API_KEY": "sandbox",
        "OPENWEATHER_CALLS_PER_DAY": "1",
    }
    settings = UpSettings.from_environment(limited)
    prepared = Prepared(settings=settings, world={}, platforms=ad_platforms(settings), file=None)
    assert take_rules(prepared, engine.database, "redis://127.0.0.1/nothing") == "rules: as they are"
    assert engine.value("SELECT starved FROM places") is True


def test_a_file_with_faults(engine: Engine, run: Run, tmp_path: Path) -> None:
    """2, every fault on a line of its own, and nothing changed."""
    file = written(
        tmp_path / "rules.json", rule("well"), rule("wet", campaign_budget("113")), rule("no", budget("23857"))
    )
    done = run("apply", file)
    assert_refused(done, 2, "Nothing was changed; 2 fault(s):", "rules[1].targets", "rules[2].targets", "23802")
    assert engine.rows("SELECT 1 FROM automation_rules") == []


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n\x00\x00", b"owner: [", b"[]"])
def test_a_file_that_is_none(engine: Engine, run: Run, tmp_path: Path, content: bytes) -> None:
    """2: empty, binary, broken or something else."""
    (tmp_path / "rules.yaml").write_bytes(content)
    assert_refused(run("apply", "rules.yaml"), 2, "Nothing was changed; ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("apply", "missing.yaml"), "missing.yaml"),
        (("frobnicate",), "frobnicate"),
        (("test-rule",), "RULE"),
        (("rules", "--fast"), "--fast"),
        (("rules", "extra"), "extra"),
        (("executions", "--limit", "many"), "'many' is not a valid whole number"),
        (("executions", "--limit", "0"), "1<=x<=10000"),
        (("run-now", "\udcff"), "not text in UTF-8"),
    ],
)
def test_wrong_usage(run: Run, arguments: tuple[str, ...], words: str) -> None:
    """2, and one sentence: what is not there, not known, missing, too much, out of its bounds, no text."""
    done = run(*arguments)
    assert_refused(done, 2, words)
    assert done.stderr.count("\n") == 1, done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_tells_how_it_is_used(run: Run, command: str) -> None:
    """0: `help` and `--help` say the same; no setting is needed for it."""
    told = run(command, "--help", DATABASE_URL="", REDIS_URL="")
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout == run("help", command, DATABASE_URL="").stdout


def test_the_help_as_a_whole(run: Run) -> None:
    """0: every command with its first sentence, and what the exit codes mean."""
    told = run("help").stdout
    words = " ".join(told.split())
    for command in COMMANDS:
        assert f"  {command} " in told
    assert "..." not in told.replace("[ARGS]...", "")
    assert "Exit codes: 0 ok, 1 failure, 2 usage, 3 not found, 5 conflict" in words


def test_a_preview(engine: Engine, run: Run, sandbox: SandboxClient) -> None:
    """Semantics 33: 0, the sentence, the tree and the sum for people, and when the rule is checked next; the same as
    JSON for scripts; nothing written."""
    sandbox.set_clock("2013-06-07T14:00")
    engine.apply(rule("wet", budget("23848"), status("23847")))
    done = run("test-rule", "wet")
    assert done.returncode == 0, done.stderr
    assert "Fired:" in done.stdout
    assert "80.00 USD -> 96.00 USD = baseline 80.00 USD + 20 %" in done.stdout
    assert "paused -> enabled" in done.stdout
    assert re.search(r"true +rain [0-9.]+ mm/h, wanted above 0.5 mm/h\n", done.stdout)
    assert re.search(r"Next check: [0-9 :-]+ UTC\nNext boundary: none\n$", done.stdout)
    told = json.loads(run("test-rule", "wet", "--output", "json").stdout)
    assert (told["conditions_met"], {one["then"] for one in told["changes"]}) == (True, {"9600", "enabled"})
    assert told["explanation"]["condition"]["result"] is True
    assert told["next_check_at"] == told["next_slot_at"] != told["next_boundary_at"]
    assert (engine.writes(), engine.executions()) == ([], [])


def test_brackets_in_a_name(engine: Engine, run: Run) -> None:
    """What a user calls a rule is shown as it is, and is never taken for a style."""
    engine.apply(rule("wet", name="Rain [/bold] [red]or[/] snow"))
    for command in (("test-rule", "wet"), ("rules",)):
        done = run(*command)
        assert done.returncode == 0, done.stderr
        assert "Rain [/bold] [red]or[/] snow" in done.stdout


def test_a_rule_that_is_not_there(engine: Engine, run: Run) -> None:
    """3, with what to do."""
    assert_refused(run("test-rule", "nobody"), 3, "There is no rule 'nobody'", "automation-cli rules")
    for command in (("run-now", "nobody"), ("executions", "--rule", "nobody"), ("changes", "--rule", "nobody")):
        assert_refused(run(*command), 3, "There is no rule 'nobody'")


def test_a_wish_rings(engine: Engine, run: Run) -> None:
    """Semantics 13: `run-now` rings, and leaves the grid alone; of a disabled rule it says that it cannot."""
    engine.apply(rule("wet"), rule("off", enabled=False))
    slot = engine.value("SELECT next_slot_at FROM automation_rules WHERE id = 'wet'")
    done = run("run-now", "wet")
    assert done.returncode == 0, done.stderr
    asked = engine.row("SELECT * FROM automation_rules WHERE id = 'wet'")
    assert asked.next_check_at == asked.run_requested_at < asked.next_slot_at == slot
    assert engine.redis.zscore(engine.bells.key, "wet") == engine.dues("wet")["wet"]
    assert_refused(run("run-now", "off"), 5, "'off' is disabled")


def test_lists_are_for_people_and_scripts(engine: Engine, run: Run) -> None:
    """0: rules with their intervals as files write them, checks and changes."""
    engine.apply(rule("wet", budget("23848")))
    engine.judge(RAIN, "wet")
    engine.act()
    (listed,) = json.loads(run("rules", "--output", "json").stdout)
    (check,) = json.loads(run("executions", "--rule", "wet", "--output", "json").stdout)
    (change,) = json.loads(run("changes", "--output", "json").stdout)
    assert (listed["id"], check["outcome"], change["to_value"]) == ("wet", "met", "9600")
    assert listed["every"] == "30 min"
    assert "wet" in run("executions").stdout
    listed_for_people = run("changes").stdout
    assert "80.00 USD" in listed_for_people
    assert "96.00 USD" in listed_for_people


def test_an_account_that_is_there_already(engine: Engine, run: Run) -> None:
    """0 for a new one; 5 for an id, or a platform's own id, that is taken."""
    options = ["--platform", "meta_ads", "--currency", "jpy", "--user", OWNER]
    done = run("accounts", "add", "kasa", "--external-id", "act_1002", *options)
    assert done.returncode == 0, done.stderr
    assert_refused(run("accounts", "add", "kasa", "--external-id", "act_9", *options), 5, "'kasa'")
    assert_refused(run("accounts", "add", "other", "--external-id", "act_1002", *options), 5, "act_1002")


@pytest.mark.parametrize("command", [("rules",), ("test-rule", "wet"), ("migrate",)])
def test_a_database_that_is_away(run: Run, command: tuple[str, ...]) -> None:
    """6, one sentence, and the password is not in it."""
    done = run(*command, DATABASE_URL=f"postgresql://postgres:topsecret@{NOWHERE}/weathertrigger")
    assert_refused(done, 6, "PostgreSQL: ")
    assert "topsecret" not in done.stderr
    assert done.stderr.count("\n") == 1


def test_settings_that_are_wrong(run: Run) -> None:
    """2, all of them at once, without their values where they are secret."""
    done = run("verify", DATABASE_URL="mysql://user:topsecret@host/db", MINIMUM_INTERVAL="soon")
    assert_refused(done, 2, "DATABASE_URL", "MINIMUM_INTERVAL")
    assert "topsecret" not in done.stderr


def test_no_database_is_named(run: Run) -> None:
    """2: nothing runs in this directory either."""
    assert_refused(run("rules", DATABASE_URL=""), 2, "DATABASE_URL is not set")


def test_a_database_without_tables(run: Run, database_url: str) -> None:
    """1, what PostgreSQL says, and what to do."""
    assert_refused(run("rules", DATABASE_URL=database_url), 1, "automation_rules", "automation-cli migrate")


def test_a_redis_that_is_away(engine: Engine, run: Run, tmp_path: Path) -> None:
    """6; the rules are saved all the same, for the sweep rings them, and that is said."""
    done = run("apply", written(tmp_path / "rules.json", rule("wet")), REDIS_URL=f"redis://:topsecret@{NOWHERE}/0")
    assert (done.returncode, done.stdout) == (6, "added wet\n")
    assert "What was asked for is saved" in done.stderr
    assert "Traceback" not in done.stderr
    assert "topsecret" not in done.stderr
    assert engine.value("SELECT count(*) FROM automation_rules") == 1


def test_a_platform_that_is_away(engine: Engine, run: Run, tmp_path: Path) -> None:
    """6, and nothing is saved."""
    done = run("apply", written(tmp_path / "rules.json", rule("wet")), META_URL=f"http://{NOWHERE}")
    assert_refused(done, 6)
    assert engine.rows("SELECT 1 FROM automation_rules") == []


def test_bells_of_commands_are_of_their_namespace(
    engine: Engine, run: Run, redis_client: Redis, tmp_path: Path
) -> None:
    """Another installation on the same Redis is left alone."""
    run("apply", written(tmp_path / "rules.json", rule("wet")), REDIS_NAMESPACE="another")
    assert redis_client.zscore("another:due", "wet") is not None
    assert redis_client.zscore(engine.bells.key, "wet") is None


def test_an_output_that_is_closed_or_full(engine: Engine, run: Run, environment: dict[str, str]) -> None:
    """Without a standard output a command does its work; on a full one it says so: never a traceback."""
    engine.apply(rule("wet"))
    shell = f"{sys.executable} -m services.automation_cli"
    for command, code in (("rules >&-", 0), ("rules 2>&-", 0), ("rules >/dev/full", 1), ("help >/dev/full", 1)):
        done = subprocess.run(
            ["/bin/sh", "-c", f"{shell} {command}"], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, (command, done)
        assert done.stderr == ("" if code == 0 else "Stopped: No space left on device.\n")


def test_the_installation_of_the_directory(
    engine: Engine, run: Run, environment: dict[str, str], tmp_path: Path
) -> None:
    """A DATABASE_URL that is the running installation's leaves the rest to it; another one is another installation."""
    engine.apply(rule("wet"))
    (tmp_path / ".weathertrigger").mkdir()
    running = {name: environment[name] for name in ("DATABASE_URL", "REDIS_URL")}
    (tmp_path / ".weathertrigger" / "environment.json").write_text(json.dumps(running))
    assert run("job-stats", REDIS_URL="").returncode == 0
    assert_refused(
        run("job-stats", REDIS_URL="", DATABASE_URL=f"postgresql://{NOWHERE}/other"), 2, "REDIS_URL is not set"
    )


def test_help_about_a_command_of_a_command(run: Run) -> None:
    """0: `help accounts add` is `accounts add --help`; 2 for what there is not."""
    assert run("help", "accounts", "add").stdout == run("accounts", "add", "--help").stdout
    assert_refused(run("help", "accounts", "sell"), 2, "There is no command 'accounts sell'.")


def test_a_database_is_set_up_for_containers(run: Run, database_url: str, tmp_path: Path) -> None:
    """Semantics 27: from an empty database to rules of the sandbox, again without any change; never the other world."""
    file = written(tmp_path / "rules.json", rule("wet"))
    for _ in range(2):
        done = run("setup", "--sandbox", "--rules", file, DATABASE_URL=database_url, MINIMUM_INTERVAL="1")
        assert (done.returncode, done.stdout) == (0, ""), done
        assert done.stderr == (
            "The rules need at most 48 calls of openweather a day; the limit is 1,000.\n"
            "Ready: the outside world is sandbox, the mode is live.\n"
        )
    (listed,) = json.loads(run("rules", "--output", "json", DATABASE_URL=database_url).stdout)
    assert (listed["id"], listed["version"]) == ("wet", 1)
    assert_refused(run("setup", DATABASE_URL=database_url), 5, "belongs to the sandbox")
