"""What a newcomer relies on: the promises of the README, the changelog and the continuous integration."""

import re
import stat
from pathlib import Path

import pytest

from services.automation_cli.__main__ import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
_DOCUMENTS = [path for path in (ROOT, ROOT / "docs", ROOT / "docs" / "decisions") for path in path.glob("*.md")]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_readme(command: str) -> None:
    """Nobody has to read code to learn that a command exists."""
    assert f"automation-cli {command}" in README or f"`{command}`" in README


def test_every_decision_is_in_the_index() -> None:
    """The index of the decisions names each page once."""
    index = (ROOT / "docs" / "decisions" / "README.md").read_text()

    assert re.findall(r"\(([0-9]{4}-[a-z0-9-]+\.md)\)", index) == [path.name for path in DECISIONS]


@pytest.mark.parametrize("document", _DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(document: Path) -> None:
    """A relative link in a document leads to a file of the repository."""
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text())

    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("path", sorted((ROOT / "docs").rglob("*.md")), ids=lambda path: path.name)
def test_every_file_that_a_document_names_exists(path: Path) -> None:
    """Documents point at the code that holds them; the code is there."""
    named = re.findall(r"`((?:services|tests|examples|migrations|deploy)/[\w./-]+)`", path.read_text())

    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_lock_files_name_no_index() -> None:
    """Locks carry hashes, not addresses."""
    for lock in ROOT.glob("requirements*.lock"):
        text = lock.read_text()
        assert "--hash=sha256:" in text
        assert "://" not in text


def test_continuous_integration_calls_what_the_readme_says() -> None:
    """`.ci/run` is the README's test command and nothing else."""
    script = ROOT / ".ci" / "run"
    commands = [line for line in script.read_text().splitlines() if line and not line.startswith(("#", "set ", "cd "))]

    assert commands == ["make test"]
    assert "make test" in README
    assert script.stat().st_mode & stat.S_IXUSR


def test_migrations_are_numbered_without_a_gap() -> None:
    """0001, 0002, ... each once."""
    numbers = [int(path.name[:4]) for path in sorted((ROOT / "migrations").glob("*.sql"))]

    assert numbers == list(range(1, len(numbers) + 1))


def test_every_statement_has_a_name_and_a_purpose() -> None:
    """`-- name --`, then one line that says what for."""
    for path in (ROOT / "libs" / "weathertrigger" / "storage" / "sql").glob("*.sql"):
        headings = re.findall(r"^-- [a-z_]+ --\n(.*)$", path.read_text(), re.MULTILINE)
        assert headings, path.name
        assert all(re.match(r"-- [A-Z].*[.;]?", purpose) for purpose in headings), path.name
