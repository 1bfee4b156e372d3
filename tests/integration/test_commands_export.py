"""`automation-cli export`: rules as a file that `apply` takes."""

import json
from pathlib import Path

import pytest

from tests.integration.commands import Run, assert_refused
from tests.integration.engine import Engine
from tests.integration.rule_documents import RAIN, budget, campaign_budget, rule, status
from weathertrigger.domain.rule import Mode
from weathertrigger.storage import accounts, rules
from weathertrigger.storage.accounts import Account


@pytest.mark.parametrize("language", ["yaml", "json"])
def test_what_is_exported_is_what_is_there(engine: Engine, run: Run, tmp_path: Path, language: str) -> None:
    """0: applying it changes nothing, in either language; to another database it brings the same rules."""
    condition = {"all": [{"metric": "rain", "above": 0.5, "unit": "mm/h"}, {"not": {"metric": "is_day", "is": True}}]}
    engine.apply(
        rule("wet", budget("23848"), campaign_budget("111"), when=condition, priority=-3, catch_up="10 min"),
        rule("off", status("23847", otherwise={"status": "paused"}), name="Regen: \u00fcberall", enabled=False),
    )
    engine.turn(RAIN, "wet")
    done = run("export", "--output", language)
    assert (done.returncode, done.stderr) == (0, "")
    (tmp_path / "back").write_text(done.stdout)
    again = run("apply", "back", "--prune", "--output", "json")
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["unchanged"] == ["off", "wet"]
    assert run("export", "--output", language).stdout == done.stdout


def test_some_of_the_rules(engine: Engine, run: Run) -> None:
    """0: those that are named, in that order, each once."""
    engine.apply(rule("a"), rule("b"), rule("c"))
    done = run("export", "c", "a", "c", "--output", "json")
    assert [one["id"] for one in json.loads(done.stdout)["rules"]] == ["c", "a"]


def test_what_cannot_be_exported(engine: Engine, run: Run) -> None:
    """3 for what is not there, 2 for rules of several owners; each says what to do."""
    assert_refused(run("export"), 3, "There are no rules.")
    with engine.database.transaction() as tx:
        rules.ensure_owners(tx, ["user-789"])
        accounts.add(tx, Account("kasa", "user-789", "meta_ads", "act_1002", "JPY", Mode.LIVE))
    engine.apply(rule("theirs", {**status("33847"), "account": "kasa"}), owner="user-789")
    engine.apply(rule("ours"))
    assert_refused(run("export"), 2, "several owners (user-456, user-789); choose one with --owner")
    assert_refused(run("export", "ours", "gone"), 3, "There is no rule 'gone'")
    assert_refused(run("export", "theirs", "--owner", "user-456"), 3, "There is no rule 'theirs' of user-456")
    assert_refused(run("export", "--owner", "nobody"), 3, "nobody has no rules.")
    assert json.loads(run("export", "--owner", "user-789", "--output", "json").stdout)["owner"] == "user-789"
