"""The rules that the design prints load as they stand."""

import json
from pathlib import Path

import pytest

from tests.unit.rule_files.loading import FIVE_MINUTES
from weathertrigger.rule_files.load import RuleFile, load_rules
from weathertrigger.rule_files.read import read

_DATA = Path(__file__).parent / "data"
_PRINTED = (_DATA / "printed.yaml").read_text()
_RULES = read(_PRINTED, name="printed.yaml")["rules"]  # type: ignore[index]  # what stands there is known


def _load(text: str) -> RuleFile:
    return load_rules(text, name="printed.yaml", minimum_interval=FIVE_MINUTES, folder=_DATA)


@pytest.mark.parametrize(
    ("rule_id", "made"),
    [
        ("rule-123", 1),
        ("umbrella-{store}", 2),
        ("ice-lyon", 1),
        ("heatwave", 1),
        ("rain-delivery", 1),
    ],
)
def test_a_printed_rule_loads(rule_id: str, made: int) -> None:
    """Semantics A: each of the five, with the rows of its template."""
    (rule,) = [one for one in _RULES if one["id"] == rule_id]
    assert len(_load(json.dumps({"owner": "user-456", "rules": [rule]})).rules) == made


def test_the_printed_file_loads() -> None:
    """Semantics A: the file as a whole, as it is printed."""
    assert [rule.id for rule in _load(_PRINTED).rules] == [
        "rule-123",
        "umbrella-lyon",
        "umbrella-paris",
        "ice-lyon",
        "heatwave",
        "rain-delivery",
    ]
