"""`automation-cli users`: who owns rules and ad accounts."""

import json

import pytest

from tests.integration.commands import Run, assert_refused
from tests.integration.engine import Engine
from tests.integration.rule_documents import OWNER, rule


def test_added_and_listed(engine: Engine, run: Run) -> None:
    """0: with the number of rules and of accounts of each, for people and for scripts."""
    engine.apply(rule("wet"), rule("off", enabled=False), rule("dry"))
    done = run("users", "add", "a" * 100)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", f"Added {'a' * 100}.\n")
    listed = json.loads(run("users", "list", "--output", "json").stdout)
    assert [(one["id"], one["rules"], one["accounts"]) for one in listed] == [("a" * 100, 0, 0), (OWNER, 3, 2)]
    assert OWNER in run("users", "list").stdout


def test_nobody_yet(run: Run) -> None:
    """0, and how to add one."""
    done = run("users", "list")
    assert (done.returncode, done.stdout) == (0, "")
    assert "users add" in done.stderr


def test_a_user_who_is_known(engine: Engine, run: Run) -> None:
    """5 and one sentence; also for one whom a rules file made known."""
    assert_refused(run("users", "add", OWNER), 5, f"There is a user '{OWNER}' already.")


@pytest.mark.parametrize("user", ["", "a" * 101, "two words", "änne", "a/b", "a\nb", "\udcff"])
def test_an_id_that_is_none(engine: Engine, run: Run, user: str) -> None:
    """2, one sentence, and nobody is added."""
    done = run("users", "add", user)
    assert_refused(done, 2, "is not an id")
    assert done.stderr.count("\n") == 1
    assert engine.value("SELECT count(*) FROM users") == 1
