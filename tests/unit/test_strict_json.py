"""JSON from outside, parsed strictly and read without trust."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weathertrigger.http.strict_json import NotJson, dig, items, number, parse, text, whole

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_json_is_read_as_it_was_written(value: object) -> None:
    """Whatever RFC 8259 allows comes back equal."""
    assert parse(json.dumps(value).encode()) == value


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"NaN", id="NaN"),
        pytest.param(b'{"a": -Infinity}', id="infinity"),
        pytest.param(b"[1e999]", id="a float too large"),
        pytest.param(b"1" * 5_000, id="an integer too long"),
        pytest.param(b"[" * 100_000 + b"]" * 100_000, id="endless nesting"),
        pytest.param('{"ä": 1}'.encode("latin-1"), id="not UTF-8"),
        pytest.param(b'{"a": 1} x', id="text behind"),
        pytest.param(b'{"results": [1, 2', id="cut off"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_what_is_not_json_is_refused_without_showing_it(body: bytes) -> None:
    """The error neither quotes the content nor holds an error that does."""
    with pytest.raises(NotJson) as caught:
        parse(body)
    assert str(caught.value) == "The answer is not JSON."
    assert caught.value.__context__ is None


@given(st.binary())
def test_any_bytes_give_json_or_the_one_error(body: bytes) -> None:
    """Nothing but `NotJson` gets out."""
    try:
        parse(body)
    except NotJson:
        return


@given(json_values, st.lists(st.text(max_size=4) | st.integers(0, 5)))
def test_no_shape_surprises_the_readers(value: object, path: list[str | int]) -> None:
    """Every reader gives its type or nothing, whatever it meets."""
    found = dig(parse(json.dumps(value)), *path)
    assert isinstance(items(found), list)
    assert isinstance(text(found), str | None)
    assert isinstance(whole(found), int | None)
    assert isinstance(number(found), float | None)


def test_true_is_no_number_and_text_no_measurement() -> None:
    """Python thinks that True is 1; an API that sends it has sent no number."""
    assert (whole(True), number(True), number("3.2")) == (None, None, None)
    assert (whole("12"), whole("12.5"), whole(12), number(12)) == (12, None, 12, 12.0)
