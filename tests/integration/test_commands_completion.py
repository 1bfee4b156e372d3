"""The tab key: commands, options and ids of rules, as a shell asks for them; silence where nobody answers."""

import shutil
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from services.automation_cli.__main__ import COMMANDS
from tests.integration.commands import NOWHERE, Run, assert_refused
from tests.integration.engine import Engine
from tests.integration.rule_documents import rule


def completed(run: Run, words: str, **changed: str) -> list[str]:
    """What click offers for the last of the words ("" after a space), in the protocol of its script for bash."""
    asked = {"_AUTOMATION_CLI_COMPLETE": "bash_complete", "COMP_WORDS": words}
    done = run(COMP_CWORD=str(words.count(" ")), **asked, **changed)
    assert (done.returncode, done.stderr) == (0, ""), done
    return [line.split(",", 1)[1] for line in done.stdout.splitlines() if line]


def test_commands_and_options(run: Run) -> None:
    """What begins so, of commands, of commands of commands and of options."""
    assert completed(run, "automation-cli sched") == ["schedule-rule"]
    assert completed(run, "automation-cli ") == list(COMMANDS)
    assert completed(run, "automation-cli dead-letters r") == ["retry"]
    assert completed(run, "automation-cli rules --out") == ["--output"]
    assert completed(run, "automation-cli completion z") == ["zsh"]


@pytest.mark.parametrize(
    "words", ["test-rule w", "run-now w", "schedule-rule w", "executions --rule w", "changes --rule w"]
)
def test_ids_of_rules(engine: Engine, run: Run, words: str) -> None:
    """Those that begin so, in their order; characters that mean something in SQL mean nothing here."""
    engine.apply(rule("wet"), rule("w_a"), rule("dry"))
    assert completed(run, f"automation-cli {words}") == ["w_a", "wet"]
    assert completed(run, f"automation-cli {words}_") == ["w_a"]
    assert completed(run, f"automation-cli {words}%") == []


def test_a_database_that_does_not_answer(run: Run) -> None:
    """No id and no word, and nobody waits for long: away, silent, wrong, or not named at all."""
    for url in (f"postgresql://{NOWHERE}/x", "nonsense", ""):
        assert completed(run, "automation-cli run-now w", DATABASE_URL=url) == []
    with socket.create_server(("127.0.0.1", 0)) as silent, ThreadPoolExecutor() as pool:
        waited = pool.submit(_seconds_until_the_client_leaves, silent)
        url = f"postgresql://127.0.0.1:{silent.getsockname()[1]}/x"
        assert completed(run, "automation-cli run-now w", DATABASE_URL=url) == []
        assert waited.result() < 4.5  # connecting gives up after 5 s


def _seconds_until_the_client_leaves(server: socket.socket) -> float:
    with server.accept()[0] as connection:
        came = time.monotonic()
        while connection.recv(4096):
            pass
        return time.monotonic() - came


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
def test_a_real_bash(engine: Engine, run: Run, environment: dict[str, str], tmp_path: Path) -> None:
    """The printed script, in the shell that it is for, with automation-cli in PATH."""
    engine.apply(rule("wet"))
    program = tmp_path / "bin" / "automation-cli"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m services.automation_cli "$@"\n')
    program.chmod(0o755)
    script = """
        eval "$(automation-cli completion bash)"
        COMP_WORDS=(automation-cli $1); COMP_CWORD=$2; COMPREPLY=()
        $(complete -p automation-cli | sed -E 's/.*-F ([^ ]+).*/\\1/') automation-cli
        echo "${COMPREPLY[@]}"
    """
    path = f"{program.parent}:{environment['PATH']}"
    for words, place, reply in (("sched", "1", "schedule-rule"), ("run-now w", "2", "wet")):
        done = subprocess.run(
            ["bash", "--norc", "-c", script, "bash", words, place],
            env={**environment, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.stdout, done.stderr) == (f"{reply}\n", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_for_each_shell(run: Run, shell: str) -> None:
    """0, and it needs neither a database nor a setting; 2 for a shell that is not known."""
    done = run("completion", shell, DATABASE_URL="")
    assert done.returncode == 0, done.stderr
    assert f"_AUTOMATION_CLI_COMPLETE={shell}_complete" in done.stdout
    assert_refused(run("completion", "tcsh"), 2, "tcsh")
