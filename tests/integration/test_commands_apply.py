"""`automation-cli apply` as a plan: --dry-run, --prune, what is said of every difference."""

import json
from pathlib import Path
from typing import Any

from tests.integration.at_a_terminal import typed
from tests.integration.commands import Run, assert_refused
from tests.integration.engine import Engine
from tests.integration.rule_documents import OWNER, RAIN, budget, campaign_budget, rule, status
from tests.integration.test_apply_rules import contents


def written(folder: Path, *documents: dict[str, Any]) -> str:
    (folder / "rules.json").write_text(json.dumps({"owner": OWNER, "rules": list(documents)}))
    return "rules.json"


_BEFORE = [rule("wet", budget("23848"), every="30 min"), rule("same", status("23847")), rule("old")]
_AFTER = [
    rule("new", status("23849")),
    rule("wet", budget("23848", "+30 %"), campaign_budget("111"), every="1 h", priority=5),
    rule("same", status("23847")),
]
_SAID = """\
added new
changed wet
  every: 30 min -> 1 h
  targets[0].set.daily_budget.change: +20 % -> +30 %
  targets[1]: new {account: google-acme, campaign: '111', set: {daily_budget: {change: +20 %}}, otherwise: baseline}
  priority: 0 -> 5
removed old
"""


def test_a_dry_run_says_what_would_be_and_touches_nothing(engine: Engine, run: Run, tmp_path: Path) -> None:
    """0: field by field; then the same words from the apply itself, which finds nothing left to do afterwards."""
    engine.apply(*_BEFORE)
    engine.turn(RAIN, "wet")
    file = written(tmp_path, *_AFTER)
    before, bells = contents(engine), engine.redis.zrange(engine.bells.key, 0, -1, withscores=True)
    done = run("apply", file, "--dry-run", "--prune")
    assert (done.returncode, done.stdout) == (0, _SAID), done.stderr
    assert done.stderr.startswith(
        "1 added, 1 changed, 1 removed, 1 unchanged.\nNothing was changed: this was a dry run.\n"
    )
    assert (contents(engine), engine.redis.zrange(engine.bells.key, 0, -1, withscores=True)) == (before, bells)
    applied = run("apply", file, "--prune", "--yes")
    assert (applied.returncode, applied.stdout) == (0, _SAID), applied.stderr
    assert applied.stderr.startswith("1 added, 1 changed, 1 removed, 1 unchanged.\n")
    again = run("apply", file, "--dry-run", "--prune", "--output", "json")
    assert json.loads(again.stdout) == {
        "dry_run": True,
        "added": [],
        "changed": [],
        "removed": [],
        "unchanged": ["new", "wet", "same"],
    }


def test_a_dry_run_for_scripts(engine: Engine, run: Run, tmp_path: Path) -> None:
    """0: every difference with its two sides; what is new has no before."""
    engine.apply(*_BEFORE)
    done = run("apply", written(tmp_path, *_AFTER), "--dry-run", "--output", "json")
    said = json.loads(done.stdout)
    assert (said["dry_run"], said["added"], said["removed"], said["unchanged"]) == (True, ["new"], [], ["same"])
    (changed,) = said["changed"]
    assert changed["differences"][0] == {"path": "every", "before": "30 min", "after": "1 h"}
    assert changed["differences"][2].keys() == {"path", "after"}


def test_a_dry_run_of_a_file_that_would_be_refused(engine: Engine, run: Run, tmp_path: Path) -> None:
    """2, with the faults of the targets too: the platforms are asked as they would be."""
    file = written(tmp_path, rule("wet", budget("23857")))
    assert_refused(run("apply", file, "--dry-run"), 2, "Nothing was changed; 1 fault(s):", "rules[0].targets", "23802")


def test_prune_asks_first(engine: Engine, run: Run, environment: dict[str, str], tmp_path: Path) -> None:
    """1 at a no, 2 where nobody can be asked; nothing is changed, of the file neither. Nothing missing: no question."""
    engine.apply(*_BEFORE)
    before = contents(engine)
    file = written(tmp_path, *_AFTER)
    refused = typed("n\n", "apply", file, "--prune", environment=environment, folder=tmp_path)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "Not in rules.json: old. Delete it? [y/N]" in refused.stderr
    assert_refused(run("apply", file, "--prune"), 2, "Not in rules.json: old.", "say --yes")
    assert contents(engine) == before
    taken = typed("y\n", "apply", file, "--prune", environment=environment, folder=tmp_path)
    assert (taken.returncode, taken.stdout) == (0, _SAID), taken.stderr
    assert run("apply", file, "--prune").returncode == 0


def test_rows_stand_beside_the_file(engine: Engine, run: Run, tmp_path: Path) -> None:
    """0: a template's CSV is found from wherever the command is called; beside standard input it is the folder here."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "stores.csv").write_text("store\nlyon\nparis\n")
    template = rule("wet-{store}", for_each={"csv": "stores.csv"})
    file = written(tmp_path / "rules", template)
    done = run("apply", f"rules/{file}", "--dry-run")
    assert (done.returncode, done.stdout) == (0, "added wet-lyon\nadded wet-paris\n"), done.stderr
    (tmp_path / "stores.csv").write_text("store\nrome\n")
    text = (tmp_path / "rules" / file).read_text()
    assert run("apply", "-", "--dry-run", text=text).stdout == "added wet-rome\n"


def test_what_is_paused_now_and_would_be_enabled_is_listed(engine: Engine, run: Run, tmp_path: Path) -> None:
    """Semantics 21: of live rules, once; what is enabled already, and what a dry run would enable, is not."""
    paused = "meta-acme ad set 23847 is paused now; rule wet enables it when it fires."
    file = written(
        tmp_path, rule("wet", status("23847"), status("23848"), budget("23868")), rule("dry", mode="dry_run")
    )
    said = run("apply", file).stderr
    assert said.count("is paused now") == 1
    assert paused in said
    assert "is paused now" not in run("apply", file).stderr
    engine.sandbox.fault("meta_ads", "status", status=503, count=1, method="GET")
    file = written(tmp_path, rule("wet", status("23847")), rule("dry", mode="dry_run"))
    assert "It could not be seen which ads of meta-acme are paused now" in run("apply", file).stderr


def test_a_platform_that_refuses_to_be_asked(engine: Engine, run: Run, tmp_path: Path) -> None:
    """6: the token is revoked: whose, and that nothing was changed."""
    engine.sandbox.meta("tokens", token="sandbox", state="revoked")
    file = written(tmp_path, rule("wet", budget("23848")))
    said = "Nothing was changed: meta-acme could not be asked about its targets.", "Meta refused the access token"
    assert_refused(run("apply", file), 6, *said)
    assert engine.rows("SELECT FROM automation_rules") == []
