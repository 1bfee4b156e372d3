"""The charts of `docs/states.md`, as pairs of states."""

import re
from pathlib import Path

CHARTS = Path(__file__).resolve().parents[3] / "docs" / "states.md"
Transition = tuple[str, str]


def charted(title: str) -> set[Transition]:
    """The transitions of the chart under this title: `A field` or `A change`."""
    section = CHARTS.read_text().split(f"## {title}\n")[1].split("\n## ")[0]
    return set(re.findall(r"^    (\w+) --> (\w+):", section, re.MULTILINE))
