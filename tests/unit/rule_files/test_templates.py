"""Semantics A: a rule with `for_each` is one independent rule for each row."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.rule_files.loading import FIVE_MINUTES
from weathertrigger.domain.condition import Comparison
from weathertrigger.domain.rule import Rule
from weathertrigger.domain.weather import place_at
from weathertrigger.errors import InvalidRules
from weathertrigger.rule_files.load import load_rules
from weathertrigger.rules.rule_documents import rule_document

_RULE = """\
owner: user-456
rules:
  - id: rain-{store}
    for_each: {csv: stores.csv}
    name: "Rain at {store}"
    place: "{place}"
    every: 30 min
    when: {metric: rain, above: "{limit}", unit: mm/h}
    enabled: "{open}"
    targets: [{account: meta-acme, ad_set: "{ad_set}", set: {status: enabled}}]
"""
_CSV = 'store,place,limit,ad_set,open\nlyon,"45.76,4.84",0.5,0017,true\nparis,"48.85,2.35",1,18,false\n'
_LIST = """
      - {store: lyon, place: "45.76,4.84", limit: 0.5, ad_set: "0017", open: true}
      - {store: paris, place: {latitude: 48.85, longitude: 2.35}, limit: 1, ad_set: 18, open: false}
"""


def _load(folder: Path, text: str = _RULE, csv: str | bytes | None = _CSV) -> tuple[Rule, ...]:
    if csv is not None:
        (folder / "stores.csv").write_bytes(csv.encode() if isinstance(csv, str) else csv)
    return load_rules(text, name="rules.yaml", minimum_interval=FIVE_MINUTES, folder=folder).rules


def _faults(folder: Path, text: str = _RULE, csv: str | bytes | None = _CSV) -> list[str]:
    with pytest.raises(InvalidRules) as refused:
        _load(folder, text, csv)
    return [str(fault) for fault in refused.value.faults]


def test_a_row_of_a_csv_is_a_rule(tmp_path: Path) -> None:
    """Every text is filled in; a cell is a number or a yes where one is asked for, and text where text is."""
    lyon, paris = _load(tmp_path)
    assert (lyon.id, lyon.name, lyon.place, lyon.enabled) == ("rain-lyon", "Rain at lyon", place_at(45.76, 4.84), True)
    assert isinstance(lyon.condition, Comparison)
    assert lyon.condition.thresholds[0].value == 0.5
    assert lyon.targets[0].entity.id == "0017"
    assert (paris.id, paris.enabled, paris.targets[0].entity.id) == ("rain-paris", False, "18")
    assert all(type(rule.targets[0].entity.id) is str for rule in (lyon, paris))


def test_a_list_of_mappings_is_the_same(tmp_path: Path) -> None:
    """A value that is only a placeholder keeps its type, be it a number, a yes or a mapping."""
    written = _RULE.replace(" {csv: stores.csv}\n", _LIST, 1)
    assert _load(tmp_path, written, None) == _load(tmp_path)


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters(tmp_path: Path, delimiter: str) -> None:
    """What spreadsheets write in other countries: the header tells which it is. A byte order mark is no column."""
    csv = "\ufeff" + _CSV.replace('"45.76,4.84"', "45.76@4.84").replace('"48.85,2.35"', "48.85@2.35")
    assert _load(tmp_path, csv=csv.replace(",", delimiter).replace("@", ",")) == _load(tmp_path)


def test_blanks_and_empty_lines_do_not_count(tmp_path: Path) -> None:
    """Nor does the kind of line end."""
    loose = _CSV.replace(",0.5,", ", 0.5  ,").replace("\n", "\r\n\r\n")
    assert _load(tmp_path, csv=loose) == _load(tmp_path)


def test_braces_that_are_meant(tmp_path: Path) -> None:
    """`{{` and `}}` are braces; what a row says is never filled in again."""
    text = _RULE.replace("Rain at {store}", "{{{store}}} {{place}} {limit}").replace("rain-{store}", "rain-{ad_set}")
    (first, _) = _load(tmp_path, text, _CSV.replace("lyon", "{limit}"))
    assert first.name == "{{limit}} {place} 0.5"


@pytest.mark.parametrize(
    ("csv", "sentence"),
    [
        ("", "stores.csv is empty; its first line names the columns"),
        ("\n \n", "stores.csv is empty; its first line names the columns"),
        ("store,place\n", "stores.csv has no row below its header"),
        ("store,,place\na,b,c\n", "line 1 of stores.csv: column 2 has no name"),
        ("store,place,store\na,b,c\n", "line 1 of stores.csv names the column 'store' twice"),
        ("store,place\n\na,b\nc\n", "line 4 of stores.csv has 1 cells, its header 2"),
        (
            "store,place\na,45.7,4.8\n",
            "line 2 of stores.csv has 3 cells, its header 2; put a cell that holds the separator in quotes",
        ),
        (
            "store,place\nlyon,b\n\xe9,c\n".encode("latin-1"),
            "line 3 of stores.csv is not UTF-8 text; save it as CSV UTF-8",
        ),
        ("store,place\na,b\0\n", "stores.csv is not a text file: it holds zero bytes"),
        ('store,place\na,"b\n', "line 2 of stores.csv is not CSV: unexpected end of data"),
        (
            "store\n" + "a\n" * 10_001,
            "stores.csv has more than 10000 rows; there is room for 10000 in a file of 10000 rules",
        ),
        (b"store\n" + b"a" * 10_000_000, "stores.csv has more than 10000000 bytes; that is the most"),
    ],
    ids=["empty", "blank", "header", "unnamed", "twice", "short", "long", "latin", "zero", "quote", "rows", "bytes"],
)
def test_a_csv_that_cannot_be_read(tmp_path: Path, csv: str | bytes, sentence: str) -> None:
    """One clear sentence, with the line of the rules file and that of the CSV."""
    assert _faults(tmp_path, csv=csv) == [f"line 4, rules[0].for_each.csv: {sentence}"]


def test_a_csv_that_is_not_there(tmp_path: Path) -> None:
    """It is looked for beside the rules file; a folder is no file; a rules file from elsewhere may read none."""
    assert _faults(tmp_path, csv=None) == [f"line 4, rules[0].for_each.csv: there is no file stores.csv in {tmp_path}"]
    (tmp_path / "stores.csv").mkdir()
    assert _faults(tmp_path, csv=None) == ["line 4, rules[0].for_each.csv: stores.csv is not a file"]
    with pytest.raises(InvalidRules, match="no file can be read here; write the rows as a list"):
        load_rules(_RULE, name="rules.yaml", minimum_interval=FIVE_MINUTES)


@pytest.mark.parametrize(
    ("rows", "faults"),
    [
        ("stores.csv", ["line 4, rules[0].for_each: 'stores.csv' is neither {csv: stores.csv} nor a list of mappings"]),
        ("[]", ["line 4, rules[0].for_each: is empty; name at least one row"]),
        ("[{store: a}, b]", ["line 4, rules[0].for_each[1]: 'b' is not a mapping; write for example {store: lyon}"]),
        (
            "{file: a}",
            [
                "line 4, rules[0].for_each.csv: is missing",
                "line 4, rules[0].for_each.file: 'file' is not a key here; use csv",
            ],
        ),
        ("{csv: 7}", ["line 4, rules[0].for_each.csv: 7 is not the name of a file; write for example stores.csv"]),
    ],
)
def test_rows_that_are_none(tmp_path: Path, rows: str, faults: list[str]) -> None:
    """What `for_each` has to be is said."""
    assert _faults(tmp_path, _RULE.replace("{csv: stores.csv}", rows)) == faults


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            "{ad_set}",
            "{adset}",
            "line 10, rules[0].targets[0].ad_set: there is no column 'adset' in stores.csv; did you mean ad_set?",
        ),
        (
            "{ad_set}",
            "{}",
            (
                "line 10, rules[0].targets[0].ad_set: there is no column '' in stores.csv; "
                "it has store, place, limit, ad_set or open"
            ),
        ),
        ('"{place}"', "{place}", 'line 6, rules[0].place: {place} is a mapping in YAML; put it in quotes: "{place}"'),
        ("at {store}", "at {store", "line 5, rules[0].name: a { stands alone; write {{ if it is meant as it is"),
        ("at {store}", "at store}", "line 5, rules[0].name: a } stands alone; write }} if it is meant as it is"),
        ("id: rain-{store}", "id: rain", "line 3, rules[0].id: is the same for all 2 rows; write rain-{store}"),
        (
            "id: rain-{store}",
            "id: rain-{{store}}",
            "line 3, rules[0].id: is the same for all 2 rows; write rain-{{store}}-{store}",
        ),
        ("every: 30 min", "every: 3 s", "line 7, rules[0].every: is too short; the shortest is 5 min"),
        ("every: 30 min", "evry: 30 min", "line 7, rules[0].evry: 'evry' is not a key here; did you mean every?"),
    ],
)
def test_a_fault_of_the_template_is_told_once(tmp_path: Path, old: str, new: str, fault: str) -> None:
    """However many rows there are, with its path and its line in the rules file."""
    assert fault in _faults(tmp_path, _RULE.replace(old, new, 1))
    assert len(_faults(tmp_path, _RULE.replace(old, new, 1))) <= 2  # `every` is missing beside `evry`


def test_a_fault_of_a_row_names_it(tmp_path: Path) -> None:
    """With its line in the CSV; one that several rows have names the first and counts the others."""
    csv = (
        _CSV
        + 'nice,"43.70,7.27",0.5,,true\nrome,"412.90,12.50",0.5,19,true\n'
        + 'x,"0,0",much,1,true\ny,"0,0",much,1,true\n'
    )
    assert _faults(tmp_path, csv=csv) == [
        "line 6, rules[0].place: row 4 (line 5 of stores.csv): 412.9 is not a latitude; it lies between -90 and 90",
        "line 8, rules[0].when.above: row 5 (line 6 of stores.csv) and 1 more: 'much' is not a number",
        "line 10, rules[0].targets[0].ad_set: row 3 (line 4 of stores.csv): the column 'ad_set' has no value",
    ]


def test_rows_of_a_list_are_named_by_their_lines(tmp_path: Path) -> None:
    """A key that one of them lacks, a value that is none, and one that cannot stand in the middle of a word."""
    rows = "\n      - {store: a, place: ~}\n      - {store: [b], place: '1,2'}\n      - {store: c}\n"
    text = _RULE.replace(" {csv: stores.csv}\n", rows, 1).replace('"{limit}"', "1").replace('"{open}"', "true")
    assert [fault for fault in _faults(tmp_path, text) if "ad_set" not in fault.split(":")[0]] == [
        "line 3, rules[0].id: row 2 (line 6): {store} is a list, which can only stand alone",
        "line 8, rules[0].name: row 2 (line 6): {store} is a list, which can only stand alone",
        "line 9, rules[0].place: row 1 (line 5): the column 'place' has no value",
        "line 9, rules[0].place: row 3 (line 7): there is no column 'place' in its row; it has store",
    ]


def test_two_rows_of_one_id(tmp_path: Path) -> None:
    """The second is refused, and the first is named."""
    (fault,) = _faults(tmp_path, csv=_CSV + 'lyon,"1,2",1,19,true\n')
    said = "row 3 (line 4 of stores.csv): 'rain-lyon' is used twice; the first is of row 1 (line 2 of stores.csv)"
    assert fault == f"line 3, rules[0].id: {said}"


def test_a_file_makes_at_most_ten_thousand_rules(tmp_path: Path) -> None:
    """Of all templates and the other rules together."""
    template = _RULE.split("rules:\n")[1]
    rows = "store,place,limit,ad_set,open\n" + 'x,"1,2",1,1,true\n' * 6_000
    twice = _RULE + template
    assert _faults(tmp_path, twice, rows)[-1].endswith(
        "rules[1].for_each.csv: stores.csv has more than 4000 rows; there is room for 4000 in a file of 10000 rules"
    )


def test_what_templates_make_is_bounded(tmp_path: Path) -> None:
    """A long template for many rows, a long text and a bomb of large values are refused before they are made."""
    many = ", ".join(["{metric: rain, above: 0.5, unit: mm/h}"] * 200)
    long = _RULE.replace('{metric: rain, above: "{limit}", unit: mm/h}', f"{{any: [{many}]}}")
    rows = "store,place,limit,ad_set,open\n" + "".join(f'x{n},"1,2",1,1,true\n' for n in range(10_000))
    assert _faults(tmp_path, long, rows)[-1].endswith(
        "for_each: makes too much: more than 1000000 values; nothing was looked at"
    )
    text = _RULE.replace("at {store}", "at " + "{store}" * 40)
    assert (
        "has 1008 characters when filled in; at most 1000 are read"
        in _faults(tmp_path, text, _CSV.replace("lyon", "l" * 25))[0]
    )
    bomb = _RULE.replace("{csv: stores.csv}", f"[{{store: a, big: [{'1, ' * 20_000}]}}]").replace(
        "[{account", '["{big}", ' + '"{big}", ' * 60 + "{account"
    )
    assert any("makes too much" in fault for fault in _faults(tmp_path, bomb))


def test_many_faulty_rows_end_the_look(tmp_path: Path) -> None:
    """A hopeless CSV is answered at once."""
    rows = "store,place,limit,ad_set,open\n" + "".join(f'x{n},"1,2",1,,true\n' for n in range(9_000))
    assert _faults(tmp_path, csv=rows) == [
        "line 4, rules[0].for_each: 100 rows have faults; the rows after them were not looked at",
        "line 10, rules[0].targets[0].ad_set: the column 'ad_set' has no value",
    ]


_CELLS = st.text(st.characters(exclude_categories=("C", "Z"), codec="utf-8"), min_size=1, max_size=12)


@given(st.lists(_CELLS, min_size=1, max_size=5, unique=True))
def test_a_template_is_what_is_written_out(names: list[str]) -> None:
    """Each rule of a template equals the rule that a person would have written for the row, whatever its words."""
    rule = {
        "place": "1,2",
        "every": "1 h",
        "when": {"metric": "rain", "above": 1, "unit": "mm/h"},
        "targets": [{"account": "a", "ad_set": "1", "set": {"status": "enabled"}}],
    }
    rows = [{"n": n, "name": name} for n, name in enumerate(names)]
    template = {**rule, "id": "r{n}", "name": "{name}", "for_each": rows}
    written = [{**rule, "id": f"r{n}", "name": name} for n, name in enumerate(names)]
    made, meant = (
        load_rules(json.dumps({"owner": "a", "rules": some}), name="rules.json", minimum_interval=FIVE_MINUTES).rules
        for some in ([template], written)
    )
    assert [rule_document(one) for one in made] == [rule_document(one) for one in meant]
