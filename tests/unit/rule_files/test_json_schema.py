"""The JSON Schema for editors: never narrower than the engine, and wide enough awake for slips."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it comes without types

from tests import strategies
from tests.unit.rule_files.loading import FIVE_MINUTES, VALID, varied
from tests.unit.rule_files.test_fuzz import KEYED, a_slip
from weathertrigger.domain.rule import Rule
from weathertrigger.errors import InvalidRules
from weathertrigger.rule_files.json_schema import json_schema
from weathertrigger.rule_files.load import load_rules
from weathertrigger.rule_files.read import read
from weathertrigger.rule_files.shapes import SHAPES
from weathertrigger.rule_files.spelling import spelled
from weathertrigger.rule_files.strict import Read, StrictSchema
from weathertrigger.rules.rule_documents import rule_document

_ROOT = Path(__file__).parents[3]
_SCHEMA = json_schema()
_VALIDATOR = Draft202012Validator(_SCHEMA)
_FENCED = re.compile(r"^```(?:yaml|json)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


_CASES = """\
owner: user-456
rules:
  - id: ice
    place: "45.76,4.84"
    every: 1h
    cases:
      - {when: {metric: is_day, is: true}, set: {daily_budget: 6 EUR}}
    targets: [{account: google-ice, campaign: "11"}]
"""


def _takes(document: object) -> bool:
    return bool(_VALIDATOR.is_valid(document))


def _documents() -> list[Any]:
    """Every rules file that anybody may copy, and its name."""
    found = [pytest.param(path.read_text(), id=path.name) for path in sorted((_ROOT / "examples").glob("*.yaml"))]
    printed = Path(__file__).parent / "data" / "printed.yaml"
    found.append(pytest.param(printed.read_text(), id=printed.name))
    for path in (_ROOT / "README.md", *sorted((_ROOT / "docs").rglob("*.md"))):
        blocks = [
            block for block in _FENCED.findall(path.read_text()) if re.search(r"^\W*rules\W*:", block, re.MULTILINE)
        ]
        found += [pytest.param(block, id=f"{path.name}-{number}") for number, block in enumerate(blocks)]
    return found


def test_the_file_in_docs_is_current() -> None:
    """It is what `automation-cli schema > docs/rules.schema.json` writes, and a schema."""
    Draft202012Validator.check_schema(_SCHEMA)
    assert json.loads((_ROOT / "docs" / "rules.schema.json").read_text()) == _SCHEMA


def _schemas(kind: type[StrictSchema] = StrictSchema) -> list[type[StrictSchema]]:
    return [one for below in kind.__subclasses__() for one in (below, *_schemas(below))]


@pytest.mark.parametrize("schema", _schemas(), ids=lambda schema: schema.__name__)
def test_every_key_has_a_shape(schema: type[StrictSchema]) -> None:
    """A new key whose reader says nothing of what it takes would be left unchecked by editors."""
    for name, field in schema().load_fields.items():
        assert isinstance(field, Read)
        assert field.reader in SHAPES, f"put @shaped(...) above the reader of {name}; see rule_files/shapes.py"


@pytest.mark.parametrize("text", _documents())
def test_every_printed_file_is_taken(text: str) -> None:
    """Examples, README, documentation."""
    assert list(_VALIDATOR.iter_errors(read(text, name="x"))) == []


@given(strategies.all_rules)
def test_every_rule_is_taken(rule: Rule) -> None:
    """In the spelling of people, and as canonical JSON."""
    canonical = {key: value for key, value in rule_document(rule).items() if key != "owner"}
    for document in (spelled(rule), canonical):
        assert list(_VALIDATOR.iter_errors({"owner": rule.owner, "rules": [json.loads(json.dumps(document))]})) == []


def _loads(text: str) -> bool:
    try:
        load_rules(text, name="x", minimum_interval=FIVE_MINUTES)
    except InvalidRules:
        return False
    return True


@given(a_slip)
def test_what_the_engine_takes_the_schema_takes(text: str) -> None:
    """Of files in which somebody typed over something."""
    if _loads(text):
        assert list(_VALIDATOR.iter_errors(read(text, name="x"))) == []


@given(
    st.dictionaries(KEYED, KEYED | st.integers(-3, 9) | st.booleans(), max_size=4), st.sampled_from(["when", "targets"])
)
def test_what_the_engine_takes_of_words_the_schema_takes(words: dict[str, object], where: str) -> None:
    """Of leaves and targets of the language's own words in any arrangement."""
    document = read(VALID, name="x")
    rule = document["rules"][0]  # type: ignore[index]  # what stands there is known
    rule[where] = rule[where] | words if where == "when" else [rule[where][0] | words]
    if _loads(json.dumps(document)):
        assert list(_VALIDATOR.iter_errors(document)) == []


@given(strategies.all_rules, st.data())
def test_templates_of_every_rule_are_taken(rule: Rule, data: st.DataObject) -> None:
    """Whatever value of a rule comes from a row."""
    document = json.loads(json.dumps(spelled(rule)))
    row: dict[str, object] = {}
    template = _hollowed(document, row, data)
    template["id"], row["id"] = "{id}", rule.id
    whole = {"owner": rule.owner, "rules": [{**template, "for_each": [row]}]}
    loaded = load_rules(json.dumps(whole), name="x", minimum_interval=timedelta(seconds=1))
    assert [rule_document(one) for one in loaded.rules] == [rule_document(rule)]
    assert list(_VALIDATOR.iter_errors(whole)) == []


def _hollowed(value: Any, row: dict[str, object], data: st.DataObject) -> Any:
    """The value with some of what is in it moved into the row."""
    inner: Any
    if isinstance(value, dict):
        inner = {key: _hollowed(one, row, data) for key, one in value.items()}
    elif isinstance(value, list):
        inner = [_hollowed(one, row, data) for one in value]
    else:
        inner = value.replace("{", "{{").replace("}", "}}") if isinstance(value, str) else value
    if not isinstance(value, dict) and data.draw(st.integers(0, 9)) == 0:
        name = f"c{len(row)}"
        row[name] = value
        return f"{{{name}}}"
    return inner


@pytest.mark.parametrize(
    "text",
    [
        varied("owner: user-456\n", ""),
        varied("id: rain", "id: a b"),
        varied("id: rain\n    place", "place"),
        varied("every: 30 min", "every: 30"),
        varied("every: 30 min", "evry: 30 min"),
        varied('"40.69,-74.17"', "Newark"),
        varied('"40.69,-74.17"', "{latitude: 91, longitude: 0}"),
        varied('"40.69,-74.17"', "{latitude: 40}"),
        varied("metric: rain", "metric: rian"),
        varied("unit: mm/h", "unit: mph"),
        varied("above: 0.5", 'above: "0.5"'),
        varied("above: 0.5, ", ""),
        varied("above: 0.5", "is: true"),
        varied("{metric: rain, above: 0.5, unit: mm/h}", "{all: []}"),
        varied("{metric: rain, above: 0.5, unit: mm/h}", "{all: [], any: []}"),
        varied("{metric: rain, above: 0.5, unit: mm/h}", "{metric: condition, in: [wet]}"),
        varied("{metric: rain, above: 0.5, unit: mm/h}", "{metric: is_day, above: 3}"),
        varied("unit: mm/h}", "unit: mm/h, over: {from: now, to: 3 h, take: max}}"),
        varied("unit: mm/h}", "unit: mm/h, over: {from: 0, to: 3 h}}"),
        varied("status: enabled", "status: on"),
        varied("{status: enabled}", "{}"),
        varied("{status: enabled}", "{daily_budget: 60}"),
        varied("{status: enabled}", "{daily_budget: {change: 20 %}}"),
        varied("{status: enabled}", "{daily_budget: {to: 5 EUR, change: +20 %}}"),
        varied('ad_set: "23847"', 'ad_set: "23847"\n        campaign: "1"'),
        varied('        ad_set: "23847"\n', ""),
        varied("place:", "enabled: off\n    place:"),
        varied("place:", "mode: Live\n    place:"),
        varied("place:", "for_each: stores.csv\n    place:"),
        varied("place:", "for_each: []\n    place:"),
        varied('    place: "40.69,-74.17"\n', ""),
        varied('place: "40.69,-74.17"', 'places: {a: "40.69,-74.17", b: "1,1"}'),
        varied('place: "40.69,-74.17"', 'place: "40.69,-74.17"\n    quorum: any'),
        varied('place: "40.69,-74.17"', 'places: {a: "40.69,-74.17", b: here}\n    quorum: any'),
        varied('place: "40.69,-74.17"', 'places: {a: "40.69,-74.17", b: "1,1"}\n    quorum: most'),
        varied("when:", "cases: []\n    when:"),
        _CASES.replace("set: {daily_budget: 6 EUR}", ""),
        _CASES.replace('campaign: "11"', 'campaign: "11", set: {status: paused}'),
        _CASES.replace("cases:", "when: {metric: is_day, is: true}\n    cases:"),
        "[]",
        "owner: a\nrules: {}\n",
        "owner: a\nrules: []\n",
    ],
)
def test_a_structural_fault_is_refused(text: str) -> None:
    """What an editor underlines, the engine refuses too."""
    assert not _takes(read(text, name="x"))
    assert not _loads(text)
