"""Words of which YAML 1.1 makes something else: they are right here, or told of in a sentence."""

import pytest

from tests.unit.rule_files.loading import VALID, faults, load, varied


@pytest.mark.parametrize(
    "word", ["no", "off", "on", "yes", "NO", "12:30", "2026-07-04", "1_000", "0x1F", "1e3x", "=", "~x"]
)
def test_a_word_without_quotes_is_that_word(word: str) -> None:
    """Also `no`, the code of Norway, and a time or a date, which are 750 and a date elsewhere."""
    (rule,) = load(varied("    place:", f"    name: {word}\n    place:")).rules
    assert rule.name == word


@pytest.mark.parametrize("word", ["no", "off", "NO"])
def test_the_code_of_norway_stays_one_in_a_template(word: str) -> None:
    """In the id, too, and as a value of a row."""
    text = varied("id: rain", f"id: rain-{{country}}\n    for_each: [{{country: {word}}}]")
    assert load(text).rules[0].id == f"rain-{word}"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("place:", "enabled: off\n    place:", "line 4, rules[0].enabled: 'off' is not true or false"),
        ("place:", "enabled: yes\n    place:", "line 4, rules[0].enabled: 'yes' is not true or false"),
        ("every: 30 min", "every: 12:30", "line 5, rules[0].every: '12:30' is not a length of time"),
        ("every: 30 min", "every: -5 min", "line 5, rules[0].every: '-5 min' is not a length of time"),
        ("above: 0.5", "above: 1_000", "line 6, rules[0].when.above: '1_000' is not a number"),
        ("above: 0.5", "above: 0x1F", "line 6, rules[0].when.above: '0x1F' is not a number"),
        ("above: 0.5", "above: .NaN", "line 6, rules[0].when.above: '.NaN' is not a number"),
        ("above: 0.5", "above: 1e400", "line 6, rules[0].when.above: is not a finite number"),
        ("above: 0.5", "above: 0,5", "line 6, rules[0].when.5: '5' is not a key here"),
        ("status: enabled", "status: off", "line 10, rules[0].targets[0].set.status: 'off' is not a status"),
        ("id: rain", "id: ~", "line 3, rules[0].id: has no value"),
        ("id: rain", "id: true", "line 3, rules[0].id: true is not an id; put it in quotes"),
        ("id: rain", "id: 1.10", "line 3, rules[0].id: 1.1 is not an id; put it in quotes"),
        ("place:", "dates: {from: 2026-02-30}\n    place:", "line 4, rules[0].dates.from: '2026-02-30' is not a day"),
        ("place:", "dates: {from: 2026-7-4}\n    place:", "line 4, rules[0].dates.from: '2026-7-4' is not a date"),
        ("place:", "active: {hours: 22:00}\n    place:", "line 4, rules[0].active.hours: '22:00' is no span of hours"),
        ("place:", "name: {a: 1}\n    place:", "line 4, rules[0].name: a mapping is not text; put it in quotes"),
        ("place:", "name: x: y\n    place:", "line 4, a ':' stands where none is expected"),
        ("place:", "name: *x\n    place:", "line 4, anchors and aliases (& and *) are not allowed; put text in quotes"),
        ("place:", "name: !x\n    place:", "line 4, tags (!) are not allowed; put text in quotes"),
        ("place:", "name: %x\n    place:", "line 4, '%' cannot start a word here; put the word in quotes"),
        ("    place:", "\tplace:", "line 4, "),
    ],
)
def test_a_word_that_cannot_be_meant(old: str, new: str, fault: str) -> None:
    """With its path and line, and what to write."""
    assert any(found.startswith(fault) for found in faults(varied(old, new))), faults(varied(old, new))


@pytest.mark.parametrize(
    ("when", "fault"),
    [
        (
            "{any: [" + "{metric: rain, above: 1, unit: mm/h}, " * 201 + "]}",
            "has 201 comparisons; at most 200 are allowed",
        ),
        ("{not: " * 20 + "{metric: rain, above: 1, unit: mm/h}" + "}" * 20, "is nested more than 20 deep"),
        ("[" * 101 + "]" * 101, "is nested more than 100 deep"),
    ],
    ids=["many", "deep", "deeper"],
)
def test_conditions_are_bounded(when: str, fault: str) -> None:
    """In number and in depth, of every document before it is built."""
    (found,) = faults(varied("{metric: rain, above: 0.5, unit: mm/h}", when))
    assert fault in found


def test_a_file_is_bounded() -> None:
    """In bytes and in rules."""
    assert "at most 10000000 are read" in faults(VALID + "#" * 10_000_000)[0]
    assert "has 10001 rules; write 1 to 10000" in faults("owner: a\nrules: [" + "x, " * 10_001 + "]")[0]
