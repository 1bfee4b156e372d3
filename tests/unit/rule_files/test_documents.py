"""The examples and the documentation load as they stand."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from weathertrigger.domain.condition import Comparator, Direction, Take
from weathertrigger.domain.forecast import EachDay
from weathertrigger.domain.rule import FieldName
from weathertrigger.domain.units import units_of
from weathertrigger.domain.weather import Metric, WeatherKind
from weathertrigger.rule_files.load import load_rules

_ROOT = Path(__file__).parents[3]
_FENCED = re.compile(r"^```(?:yaml|json)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_LANGUAGE = (_ROOT / "docs" / "rules.md").read_text()


def _documents() -> list[Path]:
    return [path for path in (_ROOT / "README.md", _ROOT / "docs" / "rules.md") if path.exists()]


@pytest.mark.parametrize("path", sorted((_ROOT / "examples").glob("*.yaml")), ids=lambda path: path.name)
def test_an_example_loads(path: Path) -> None:
    """Every example file is valid; only the demonstration's has an interval below 5 min."""
    smallest = timedelta(seconds=2) if path.name == "newark.yaml" else timedelta(minutes=5)
    assert load_rules(path.read_bytes(), name=path.name, minimum_interval=smallest).rules


@pytest.mark.parametrize("path", _documents(), ids=lambda path: path.name)
def test_every_rule_in_the_documentation_loads(path: Path) -> None:
    """Whatever a reader copies from a fenced block that holds rules is valid."""
    blocks = [block for block in _FENCED.findall(path.read_text()) if "rules" in block]
    for block in blocks:
        assert load_rules(block, name=path.name, minimum_interval=timedelta(minutes=5)).rules
    assert blocks or path.name == "README.md"


@pytest.mark.parametrize("word", [*Metric, *WeatherKind, *Comparator, *FieldName, *Take, *EachDay, *Direction])
def test_the_language_page_names_every_word(word: str) -> None:
    """A metric, kind of weather, comparator, take or field that is not documented does not exist for a user."""
    assert re.search(rf"\b{re.escape(word)}\b", _LANGUAGE)


def test_no_rule_in_the_documentation_is_worth_a_warning() -> None:
    """What a reader copies is taken without a word."""
    for block in _FENCED.findall(_LANGUAGE):
        assert load_rules(block, name="rules.md", minimum_interval=timedelta(minutes=5)).warnings == ()


@pytest.mark.parametrize("metric", [metric for metric in Metric if metric is not Metric.UV_INDEX])
def test_the_language_page_names_every_unit(metric: Metric) -> None:
    """Each metric's row names all of its units."""
    (row,) = [line for line in _LANGUAGE.splitlines() if line.startswith("|") and f"`{metric}`" in line.split("|")[1]]
    assert [unit for unit in units_of(metric) if unit not in row] == []
