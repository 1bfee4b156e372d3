"""`automation-cli rules delete`: what it asks, what it says, what stays."""

from pathlib import Path

import pytest

from tests.integration.at_a_terminal import typed
from tests.integration.commands import Run, assert_refused
from tests.integration.engine import NAMESPACE, Engine
from tests.integration.rule_documents import RAIN, budget, rule, status
from weathertrigger.broker import queue_key


def test_rules_are_deleted(engine: Engine, run: Run) -> None:
    """0: named on standard output; the bell is gone, the account rings, the deed is kept; history still tells of it."""
    engine.apply(rule("wet", budget("23848")), rule("off", status("23847")))
    engine.turn(RAIN, "wet")
    done = run("rules", "delete", "wet", "off", "--yes")
    assert (done.returncode, done.stdout) == (0, "deleted off\ndeleted wet\n"), done.stderr
    assert "Still to be put back: what wet set" in done.stderr
    assert engine.redis.zrange(engine.bells.key, 0, -1) == []
    assert engine.redis.llen(queue_key(NAMESPACE, "actions.meta_ads")) == 1
    kept = engine.rows("SELECT what, subject, before ->> 'id' AS id, after FROM audit_log ORDER BY id")
    assert [tuple(row) for row in kept] == [
        ("rules delete", "rule off", "off", None),
        ("rules delete", "rule wet", "wet", None),
    ]
    assert "(--output json tells all)" in " ".join(run("audit", "--limit", "1").stdout.split())
    assert '"latitude": 40.69' in run("audit", "--limit", "1", "--output", "json").stdout
    assert run("rules", "--output", "json").stdout == "[]\n"
    assert '"rule": "wet"' in run("executions", "--rule", "wet", "--output", "json").stdout
    assert '"rule": "wet"' in run("changes", "--rule", "wet", "--output", "json").stdout
    assert_refused(run("executions", "--rule", "off"), 3, "There is no rule 'off'")
    assert_refused(run("test-rule", "wet"), 3, "'wet'")


@pytest.mark.parametrize("answer", ["n\n", "\n"])
def test_a_person_is_asked(engine: Engine, environment: dict[str, str], tmp_path: Path, answer: str) -> None:
    """1 unless the answer is yes, with the rules and what becomes of their values; nothing is deleted."""
    engine.apply(rule("wet", budget("23848")))
    done = typed(answer, "rules", "delete", "wet", environment=environment, folder=tmp_path)
    assert (done.returncode, done.stdout) == (1, ""), done
    assert "What they set ends as their `otherwise` says. Delete wet (unjudged)? [y/N]" in done.stderr
    assert engine.value("SELECT count(*) FROM automation_rules") == 1


def test_a_person_says_yes(engine: Engine, environment: dict[str, str], tmp_path: Path) -> None:
    """0."""
    engine.apply(rule("wet", budget("23848")))
    done = typed("y\n", "rules", "delete", "wet", "--leave", environment=environment, folder=tmp_path)
    assert (done.returncode, done.stdout) == (0, "deleted wet\n"), done
    assert "What they set stays as it is." in done.stderr


def test_without_a_terminal_somebody_has_to_say_so(engine: Engine, run: Run) -> None:
    """2: a script that forgot --yes changes nothing."""
    engine.apply(rule("wet"))
    assert_refused(run("rules", "delete", "wet"), 2, "Nobody can be asked here: say --yes.")
    assert engine.value("SELECT count(*) FROM automation_rules") == 1


def test_rules_that_are_not_there(engine: Engine, run: Run) -> None:
    """3, asked or not; without a name it is a wrong usage."""
    engine.apply(rule("wet"))
    assert_refused(run("rules", "delete", "wet", "gone", "--yes"), 3, "There is no rule 'gone'", "Nothing was deleted")
    assert_refused(run("rules", "delete", "gone"), 3, "There is no rule 'gone'", "Nothing was deleted")
    assert_refused(run("rules", "delete"), 2, "RULE")
    assert_refused(run("rules", "--watch", "1", "delete", "wet", "--yes"), 2, "--watch belongs to the list")
    assert engine.value("SELECT count(*) FROM automation_rules") == 1
