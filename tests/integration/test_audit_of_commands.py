"""Who did what by a command is in the audit log, whatever the command, in the transaction of what it does."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.integration.audited_commands import OF_ACCOUNTS, OF_FIELDS, OF_RULES, OF_THE_REST
from tests.integration.commands import Run
from tests.integration.engine import Engine
from tests.integration.lives import Living, living
from tests.integration.own_credentials import META_OWN
from tests.integration.rule_documents import DRY, META, OWNER, RAIN, budget, rule
from weathertrigger.credentials_at_rest import new_key
from weathertrigger.messages import ApplyChanges, dump
from weathertrigger.queues import actions_of
from weathertrigger.storage import dead_letters
from weathertrigger.storage.database import Row
from weathertrigger.storage.worker_registry import WorkerStatus

BUDGET = "ad_set/23848", "daily_budget"


@dataclass
class Audit:
    """Runs commands, and looks at what each has left in the audit log."""

    engine: Engine
    run: Run
    done: set[str] = field(default_factory=set)

    def of(self, command: str, *arguments: str, what: str = "", code: int = 0) -> list[Row]:
        """The command ends so, and leaves rows of a person under its name, or under `what`; gives them."""
        before = self.engine.value("SELECT coalesce(max(id), 0) FROM audit_log")
        done = self.run(*command.split(), *arguments)
        assert done.returncode == code, done.stderr
        rows: list[Row] = self.engine.rows("SELECT * FROM audit_log WHERE id > %(id)s ORDER BY id", id=before)
        assert {row.what for row in rows} == {what or command}
        assert all("@" in row.who for row in rows)
        self.done.add(command)
        return rows


@pytest.fixture
def audit(engine: Engine, run: Run) -> Audit:
    key = new_key()
    return Audit(engine, lambda *arguments, **more: run(*arguments, **{"CREDENTIALS_KEYS": key, **more}))


def a_file(folder: Path, *documents: Any) -> str:
    file = folder / "rules.json"
    file.write_text(json.dumps({"owner": OWNER, "rules": documents}))
    return str(file)


def test_rules(audit: Audit, tmp_path: Path) -> None:
    """By rule: a new one and one that is gone whole, of one that changed what is different."""
    (added,) = audit.of("apply", a_file(tmp_path, rule("wet", budget("23848"))))
    assert (added.subject, added.before, added.after["id"]) == ("rule wet", None, "wet")
    new, changed = audit.of("apply", a_file(tmp_path, rule("wet", budget("23848"), every="1 h"), rule("old")))
    assert (new.subject, changed.subject) == ("rule old", "rule wet")
    assert (changed.before, changed.after) == ({"every": "30 min"}, {"every": "1 h"})
    (shorter,) = audit.of("schedule-rule", "wet", OWNER, "15")
    assert (shorter.before["every"], shorter.after["every"], shorter.after["check"]) == ("1 h", "15 min", "at once")
    (now,) = audit.of("run-now", "wet")
    assert (now.subject, now.after) == ("rule wet", {"check": "at once"})
    for command in ("dry-run", "go-live"):
        audit.of(command, "--rule", "wet", "--yes")
    (gone,) = audit.of("apply", a_file(tmp_path, rule("wet", budget("23848"), every="15 min")), "--prune", "--yes")
    assert (gone.subject, gone.after) == ("rule old", None)
    audit.of("rules delete", "wet", "--yes")
    assert audit.done == OF_RULES


def test_fields(audit: Audit) -> None:
    """In money, and with what was there before."""
    engine = audit.engine
    engine.apply(rule("wet", budget("23848")))
    engine.judge(RAIN, "wet")
    engine.act()
    number = engine.field(*BUDGET).id
    (undone,) = audit.of("undo", str(engine.executions("wet")[-1].id), "--yes", "--direct")
    assert (undone.before, undone.after) == (
        {"ad_set/23848 daily_budget": "96.00 USD"},
        {"ad_set/23848 daily_budget": "80.00 USD"},
    )
    audit.of("fields release", str(number))
    engine.act()
    audit.of("pause", "--all", "--reason", "x")
    engine.judge(DRY, "wet")
    engine.execute("UPDATE ad_fields SET state = 'settling' WHERE id = %(id)s", id=number)
    (counted,) = audit.of("fields rebaseline", str(number), "--yes")
    assert (counted.before["baseline"], counted.after["baseline"]) == ("80.00 USD", "96.00 USD")
    audit.of("resume", "--all")
    assert audit.done == OF_FIELDS


def test_accounts(audit: Audit, tmp_path: Path) -> None:
    """A pause of an account is a pause, by whichever command."""
    new = ("third", "--platform", "meta_ads", "--external-id", "act_1002", "--currency", "USD", "--user", OWNER)
    audit.of("accounts add", *new)
    audit.of("accounts pause", META, "--reason", "x", what="pause")
    audit.of("accounts resume", META, what="resume")
    audit.of("accounts set-limit", META, "150")
    audit.of("accounts cap", META, "20 USD")
    own = tmp_path / "own.json"
    own.write_text(json.dumps(META_OWN))
    audit.of("accounts set-credentials", META, "--credentials", str(own))
    audit.of("accounts rotate-keys")
    audit.of("accounts remove", META, "--yes")
    assert audit.done == OF_ACCOUNTS


def test_the_rest(audit: Audit) -> None:
    """The installation, users, dead letters, workers."""
    engine = audit.engine
    engine.execute("DELETE FROM installation")
    (kind,) = audit.of("setup", "--sandbox")
    assert (kind.subject, kind.after["mode"]) == ("the installation", "live")
    (user,) = audit.of("users add", "anna")
    assert user.subject == "user anna"
    for command, *more in (("retry",), ("drop", "--yes")):
        with engine.database.transaction() as tx:
            body = json.dumps(dump(ApplyChanges(META)))
            dead_letters.add(tx, queue=actions_of("meta_ads"), actor="apply_changes", body=body, reason="x")
        (letter,) = audit.of(f"dead-letters {command}", "--all", *more)
        assert (letter.subject.startswith("dead letter "), letter.before["reason"]) == (True, "x")
    with living(engine.database, Living("w/ad-action/1")) as life:
        life.is_now(WorkerStatus.RUNNING)
        (stopped,) = audit.of("stop-worker", "w", "--timeout", "0", code=1)
        assert stopped.subject == "worker w/ad-action/1"
    assert audit.done == OF_THE_REST


def test_what_changes_nothing_is_not_kept(audit: Audit, tmp_path: Path) -> None:
    """A file that is there already, and one that is refused, leave nothing."""
    engine, file = audit.engine, a_file(tmp_path, rule("wet", budget("23848")))
    audit.of("apply", file)
    rows = engine.rows("SELECT * FROM audit_log")
    assert audit.run("apply", file).returncode == 0
    assert audit.run("apply", "--dry-run", a_file(tmp_path, rule("wet", budget("23848"), every="1 h"))).returncode == 0
    assert audit.run("apply", a_file(tmp_path, rule("dry", budget("404")))).returncode != 0
    assert engine.rows("SELECT * FROM audit_log") == rows
