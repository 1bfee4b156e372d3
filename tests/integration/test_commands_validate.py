"""`automation-cli validate`: faults, warnings, and the targets as they are on the platforms."""

import json
from pathlib import Path
from typing import Any

from tests.integration.commands import Run, assert_refused
from tests.integration.engine import Engine
from tests.integration.rule_documents import OWNER, budget, campaign_budget, rule, status
from tests.integration.test_apply_rules import contents


def written(folder: Path, *documents: dict[str, Any]) -> str:
    (folder / "rules.json").write_text(json.dumps({"owner": OWNER, "rules": list(documents)}))
    return "rules.json"


def test_targets_are_looked_at(engine: Engine, run: Run, tmp_path: Path) -> None:
    """0: a budget on what is paused is worth a warning, what a rule enables is only told (semantics 21); nothing is
    saved and nothing is written."""
    before = contents(engine)
    file = written(tmp_path, rule("wet", budget("23848"), status("23847")), rule("idle", budget("23849")))
    done = run("validate", file)
    assert (done.returncode, done.stdout) == (0, ""), done
    assert "Warning: rules[1].targets: (rule idle) meta-acme ad_set 23849 is paused on the platform" in done.stderr
    assert "Paused now, and enabled by these rules: meta-acme ad_set 23847.\n" in done.stderr
    assert "2 rule(s) of user-456 are well." in done.stderr
    assert (contents(engine), engine.writes()) == (before, [])
    assert_refused(run("validate", file, "--strict"), 2, "1 warning(s), and --strict takes them for faults.")
    offline = run("validate", file, "--strict", "--offline")
    assert (offline.returncode, "paused" in offline.stderr) == (0, False), offline.stderr


def test_targets_that_are_gone(engine: Engine, run: Run, tmp_path: Path) -> None:
    """2, also where a rule has named them before and `apply` would not ask; without asking they are taken."""
    engine.apply(rule("wet", budget("23848")))
    file = written(
        tmp_path, rule("wet", budget("23848")), rule("none", status("99999")), rule("g", campaign_budget("113"))
    )
    assert_refused(run("validate", file), 2, "rules[1].targets: (rule none)", "99999", "rules[2].targets", "is shared")
    assert run("validate", file, "--offline").returncode == 0
    engine.execute("UPDATE rule_targets SET entity_id = '77777'")
    gone = written(tmp_path, rule("wet", budget("77777")))
    assert_refused(run("validate", gone), 2, "(rule wet)", "77777")


def test_warnings_of_the_file_alone(run: Run, tmp_path: Path) -> None:
    """0, and 2 with --strict, without any installation."""
    file = written(tmp_path, rule("wet", when={"metric": "humidity", "above": 100, "unit": "%"}))
    done = run("validate", file, DATABASE_URL="")
    assert done.returncode == 0, done.stderr
    assert "Warning: line 1, rules[0].when.above: is never true: humidity lies between 0 % and 100 %" in done.stderr
    assert_refused(run("validate", file, "--strict", DATABASE_URL=""), 2, "1 warning(s)")


def test_a_platform_that_does_not_answer(engine: Engine, run: Run, tmp_path: Path) -> None:
    """6: it is said, and --offline goes without."""
    engine.sandbox.fault("meta_ads", "status", status=503)
    file = written(tmp_path, rule("wet", budget("23848")))
    assert_refused(run("validate", file), 6, "Meta")
    assert run("validate", file, "--offline").returncode == 0
