"""From text to plain values: what YAML would make of them, and what is refused."""

import json

import pytest

from tests.unit.rule_files.loading import faults
from weathertrigger.rule_files.read import DEEPEST_NESTING, LARGEST_FILE, line_of, read


def _read(text: str | bytes) -> object:
    return read(text, name="rules.yaml")


@pytest.mark.parametrize("word", ["12:30", "off", "no", "yes", "on", "2026-03-01", "007", "0x1F", "1_000", ".5", "NaN"])
def test_a_plain_word_stays_a_word(word: str) -> None:
    """What YAML 1.1 turns into numbers, dates and booleans is text here."""
    assert _read(f"key: {word}") == {"key": word}


@pytest.mark.parametrize(
    ("word", "value"),
    [("12", 12), ("-0.5", -0.5), ("1e3", 1000.0), ("true", True), ("False", False), ("null", None), ("", None)],
)
def test_a_json_word_has_its_json_value(word: str, value: object) -> None:
    """Numbers, true, false and null mean what JSON means by them."""
    result = _read(f"key: {word}")
    assert result == {"key": value}
    assert type(value) is type(result["key"])


def test_a_quoted_word_is_text() -> None:
    """Quotes keep digits and `true` as text."""
    assert _read("a: \"12\"\nb: 'true'\nc: |\n  12\n") == {"a": "12", "b": "true", "c": "12\n"}


def test_a_number_of_five_thousand_digits_is_no_trap() -> None:
    """Python refuses to make such an int; the reader leaves it as text."""
    assert _read(f"key: {'9' * 5000}") == {"key": "9" * 5000}


@pytest.mark.parametrize("indent", [None, 2, "\t"])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_json_is_read_as_json(indent: int | str | None, *, ascii_only: bool) -> None:
    """JSON in any of its layouts comes back as it is: tabs, escapes beyond the basic plane, slashes."""
    document = {
        "a": "Zürich \U0001f327 \\ud83d / \\",
        "b": [1, -2.5, 1e-7, True, None, "x\ty"],
        "c": {"\U0001f327": {}},
    }
    text = json.dumps(document, indent=indent, ensure_ascii=ascii_only).replace("/", "\\/")
    assert _read(text) == document


def test_every_value_knows_its_line() -> None:
    """Keys and items have the line they start on; what is missing has the line of what is around it."""
    document = _read("a: 1\nb:\n  - x\n  -\n    c: 2\n")
    paths: list[tuple[str | int, ...]] = [(), ("a",), ("b",), ("b", 0), ("b", 1), ("b", 1, "c"), ("b", 1, "d"), ("e",)]
    assert [line_of(document, path) for path in paths] == [1, 1, 2, 3, 5, 5, 5, 1]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (b"", "rules.yaml is empty"),
        (b"# nothing here\n", "rules.yaml is empty"),
        (b"owner: \xff\xfe", "rules.yaml is not UTF-8 text"),
        ("owner: \ud800", "rules.yaml is not UTF-8 text"),
        ("owner: a".encode("utf-16-le"), "rules.yaml is not a text file: it holds zero bytes"),
        (b"\x7fELF\x02\x01\x01", "rules.yaml is not a text file: it holds control characters"),
        (b"a: 1\nb:\n\tc: 1\n", "line 3, a tab stands here; indent with spaces"),
        (b"a: 1\nunit: %\n", "line 2, '%' cannot start a word here; put the word in quotes"),
        (b"a: 1\nb: c: 2\n", "line 2, a ':' stands where none is expected; check the indentation or use quotes"),
        (b"a: 1\nb: 2\na: 3\n", "line 3, a stands twice; the first is on line 1"),
        (b"a: 1\nb: &x 2\n", "line 2, anchors and aliases (& and *) are not allowed; put text in quotes"),
        (b"a: 1\nb: *x\n", "line 2, anchors and aliases (& and *) are not allowed; put text in quotes"),
        (b"a: 1\n&k b: 2\n", "line 2, anchors and aliases (& and *) are not allowed; put text in quotes"),
        (b"a: 1\n<<: {b: 2}\n", "line 2, merge keys (<<) are not allowed"),
        (b"a: 1\nb: !!int 3\n", "line 2, tags (!) are not allowed; put text in quotes"),
        (b"a: !!python/object:os.system {}\n", "line 1, tags (!) are not allowed; put text in quotes"),
        (b"? [a]\n: 1\n", "line 1, a key is one word, not a list or a mapping"),
        (b"a: 1\n---\nb: 2\n", "line 2, a second document starts here; write one file for each"),
        (b"a: [1, 2\n", "line 2, is not YAML: did not find expected ',' or ']' while parsing a flow sequence"),
    ],
)
def test_what_cannot_be_read(text: str | bytes, fault: str) -> None:
    """A file that is not readable gives one clear sentence, with its line where there is one."""
    assert faults(text) == [fault]


def test_a_yaml_bomb_is_refused_before_it_goes_off() -> None:
    """Aliases that multiply each other are refused at the first anchor."""
    bomb = "a: &a [x, x]\n" + "".join(
        f"{b}: &{b} [*{a}, *{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert faults(bomb) == ["line 1, anchors and aliases (& and *) are not allowed; put text in quotes"]


def test_depth_is_bounded() -> None:
    """A hundred thousand brackets are a fault, not the end of the process."""
    assert faults("[" * 100_000) == [f"line 1, is nested more than {DEEPEST_NESTING} deep"]


def test_size_is_bounded() -> None:
    """A file above the largest size is not parsed at all."""
    text = b"#" * (LARGEST_FILE + 1)
    assert faults(text) == [f"rules.yaml has {LARGEST_FILE + 1} bytes; at most {LARGEST_FILE} are read"]


def test_a_byte_order_mark_is_no_fault() -> None:
    """Editors of Windows put one in front."""
    assert _read("\ufeffowner: a".encode()) == {"owner": "a"}
