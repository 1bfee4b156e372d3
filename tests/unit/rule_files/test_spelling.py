"""A rule as a person would write it loads again to the same rule."""

import json
from datetime import timedelta

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests import strategies
from tests.unit.rule_files.loading import VALID, load
from weathertrigger.domain.rule import Rule
from weathertrigger.rule_files.load import load_rules
from weathertrigger.rule_files.spelling import spelled
from weathertrigger.rule_files.write import file_document, file_text


@given(strategies.all_rules)
def test_a_spelled_rule_loads_to_the_same(rule: Rule) -> None:
    """In JSON, with and without what goes without saying."""
    for whole in (False, True):
        text = json.dumps({"owner": rule.owner, "rules": [spelled(rule, whole=whole)]})
        assert load_rules(text, name="x", minimum_interval=timedelta(seconds=1)).rules == (rule,)


@given(st.lists(strategies.all_rules, min_size=1, max_size=3, unique_by=lambda rule: rule.id))
def test_a_written_file_loads_to_the_same(rules: list[Rule]) -> None:
    """In YAML too, whatever words its ids and names are; another reader of YAML finds the same document."""
    text = file_text("user-456", rules)
    assert load_rules(text, name="x", minimum_interval=timedelta(seconds=1)).rules == tuple(rules)
    assert yaml.safe_load(text) == file_document("user-456", rules)


@pytest.mark.parametrize("word", ["1e3", "1E5", "007", "off", "no", "12.5", "true", "null", "0x1F", "1_000", "-1"])
def test_an_id_that_looks_like_something_else(word: str) -> None:
    """It is quoted, and stays the id that it was."""
    (rule,) = load(VALID.replace("id: rain", f'id: "{word}"').replace('"23847"', f'"{word.lstrip("-")}"')).rules
    assert load(file_text("user-456", [rule])).rules == (rule,)


def test_what_goes_without_saying_is_not_said() -> None:
    """Lengths in large units, a place as a pair, no defaults; the mode is always said."""
    (rule,) = load(VALID.replace("30 min", "90 min")).rules
    assert spelled(rule) == {
        "id": "rain",
        "place": "40.69,-74.17",
        "every": "90 min",
        "when": {"metric": "rain", "above": 0.5, "unit": "mm/h"},
        "targets": [{"account": "meta-acme", "ad_set": "23847", "set": {"status": "enabled"}}],
        "mode": "dry_run",
    }
    assert yaml.safe_load(yaml.safe_dump(spelled(rule))) == spelled(rule)


def test_places_are_spelled_by_their_names() -> None:
    """As their author wrote them, in their order."""
    (rule,) = load(
        VALID.replace(
            '    place: "40.69,-74.17"\n', '    places: {north: "47.42,8.54", centre: "47.37,8.54"}\n    quorum: 2\n'
        )
    ).rules
    document = spelled(rule)
    assert list(document["places"].items()) == [("north", "47.42,8.54"), ("centre", "47.37,8.54")]  # type: ignore[attr-defined]  # a document
    assert document["quorum"] == 2
