"""The steps of the two protocols are named in the code that does them, so that whoever reads one finds the other."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = [
    path
    for folder in ("libs", "services")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in {".py", ".sql"} and "sandbox" not in path.parts
]
_STEP = re.compile(r"\b([SC](?:[1-9]|1[01]))[a-e]?\b")
STEPS_OF_CHANGES = [f"C{number}" for number in range(1, 12)]
STEPS_OF_THE_SCHEDULE = [f"S{number}" for number in range(2, 11)]


def named_in(text: str) -> set[str]:
    """The steps that a text names; `C6 to C8` names the one between too."""
    found = set(_STEP.findall(text))
    for kind, first, last in re.findall(r"\b([SC])(\d+) to \1(\d+)\b", text):
        found |= {f"{kind}{number}" for number in range(int(first), int(last) + 1)}
    return found


@pytest.fixture(scope="module")
def named() -> set[str]:
    """The steps that any module names."""
    return {step for path in CODE for step in named_in(path.read_text())}


@pytest.mark.parametrize("step", [*STEPS_OF_CHANGES, *STEPS_OF_THE_SCHEDULE])
def test_a_step_is_named_where_it_is_done(step: str, named: set[str]) -> None:
    """Protocols C and S of the architecture."""
    assert step in named


def test_the_steps_of_ad_action_stand_in_their_order() -> None:
    """C4 to C10 are read from top to bottom in the step that does them."""
    text = (ROOT / "services" / "ad_action" / "apply_changes.py").read_text()
    through = text[text.index("def _work_through") : text.index("def _read")]
    assert re.findall(r"# (C\d+(?:, C\d+)?)", through) == ["C4", "C5", "C6", "C7, C8", "C10"]
