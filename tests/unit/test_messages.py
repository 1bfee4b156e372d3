"""What travels between the services: ids only, and nothing else gets through."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import strategies
from weathertrigger.messages import (
    VERSION,
    ApplyChanges,
    EvaluateRules,
    FetchWeather,
    InvalidMessage,
    Message,
    ReadingChecks,
    dump,
    load,
)

_milliseconds = st.integers(0, 2**63 - 1)
_texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
_checks = st.dictionaries(strategies.ids, _milliseconds, max_size=5)
_readings = st.builds(
    ReadingChecks,
    strategies.ids,
    st.none() | _milliseconds,
    st.dictionaries(strategies.ids, st.integers(0, 9), max_size=2),
    _checks,
    st.none() | _texts,
)
_messages: st.SearchStrategy[Message] = st.one_of(
    st.builds(
        FetchWeather,
        _milliseconds,
        st.dictionaries(strategies.ids, _checks, max_size=5),
        st.lists(strategies.ids, max_size=3).map(tuple),
    ),
    st.builds(EvaluateRules, _milliseconds, st.lists(_readings, max_size=5, unique_by=lambda one: one.place_id)),
    st.builds(ApplyChanges, st.text("abc-_.19", min_size=1, max_size=100)),
)
_KINDS: list[type[Message]] = [FetchWeather, EvaluateRules, ApplyChanges]
_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters())
    | st.sampled_from([VERSION, "rule-1", "40.69,-74.17", 0, 1_772_000_000_000]),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)

_FETCH = {"version": VERSION, "lease": 5, "places": [["40.69,-74.17", [["a", 1], ["b", 2]]]], "ahead": ["40.69,-74.17"]}
_EVALUATE = {"version": VERSION, "lease": 5, "readings": [["40.69,-74.17", 7, [["openweather", 1]], [["a", 1]], None]]}
_APPLY = {"version": VERSION, "account_id": "meta-acme"}
_GOOD: list[tuple[type[Message], dict[str, object]]] = [
    (FetchWeather, _FETCH),
    (EvaluateRules, _EVALUATE),
    (ApplyChanges, _APPLY),
]


@given(_messages)
def test_what_is_sent_arrives(message: Message) -> None:
    """Every message of every kind is the same after it has been JSON."""
    assert load(type(message), json.loads(json.dumps(dump(message)))) == message


@pytest.mark.parametrize(("kind", "payload"), _GOOD)
def test_the_form_on_the_wire_is_fixed(kind: type[Message], payload: dict[str, object]) -> None:
    """Services of two releases meet in a rolling update: the form changes only with the version."""
    assert dump(load(kind, payload)) == payload


def _tried(kind: type[Message], payload: object) -> Message | None:
    try:
        return load(kind, payload)
    except InvalidMessage as error:
        assert str(error).startswith(f"{kind.__name__}: ")  # noqa: PT017 - some payloads are messages
        return None


@pytest.mark.parametrize("kind", _KINDS)
@given(payload=_json)
def test_any_json_is_a_message_or_refused(kind: type[Message], payload: object) -> None:
    """Whatever arrives, nothing but `InvalidMessage` gets out; what is taken is sent on unchanged."""
    message = _tried(kind, payload)
    assert message is None or dump(message) == payload


@pytest.mark.parametrize(("kind", "payload"), _GOOD)
@given(data=st.data())
def test_any_value_in_any_field_is_taken_or_refused(
    kind: type[Message], payload: dict[str, object], data: st.DataObject
) -> None:
    """A good message with one field of any JSON gives the message or `InvalidMessage`, and is not bent to fit."""
    broken = {**payload, data.draw(st.sampled_from(sorted(payload))): data.draw(_json)}
    message = _tried(kind, broken)
    assert message is None or dump(message) == broken


_CROOKED: dict[str, object] = {
    "no list": 5,
    "text, which is a sequence too": "",
    "an object, which is one too": {},
    "null": None,
    "a place without its checks": [["p"]],
    "a place that is no list": ["ab"],
    "a place that is a number": [[5, []]],
    "checks that are text": [["p", ""]],
    "checks that are an object": [["p", {}]],
    "a check without its time": [["p", [["a"]]]],
    "a check that is text of two": [["p", ["ab"]]],
    "a time that is text": [["p", [["a", "1"]]]],
    "a time that is a fraction": [["p", [["a", 1.0]]]],
    "a time that is true": [["p", [["a", True]]]],
    "a time that no bigint holds": [["p", [["a", 2**63]]]],
    "a time before the epoch": [["p", [["a", -1]]]],
    "an id that PostgreSQL cannot hold": [["p", [["a\0", 1]]]],
    "an id that UTF-8 cannot hold": [["p", [["\ud800", 1]]]],
    "a rule that stands twice": [["p", [["a", 1], ["a", 2]]]],
    "a place that stands twice": [["p", [["a", 1]]], ["p", [["b", 2]]]],
}


@pytest.mark.parametrize("name", _CROOKED)
def test_crooked_places_are_refused(name: str) -> None:
    """Not one check is lost or made up on the way: a list that is not exactly as sent is refused as a whole."""
    with pytest.raises(InvalidMessage, match="places"):
        load(FetchWeather, {**_FETCH, "places": _CROOKED[name]})


@pytest.mark.parametrize(
    "row",
    [
        ["p", 7, [["s", 1]], [["a", 1]]],
        ["p", 7, [["s", 1]], [["a", 1]], None, "more"],
        ["p", "7", [["s", 1]], [["a", 1]], None],
        ["p", 7, None, [["a", 1]], None],
        ["p", 7, [["s", None]], [["a", 1]], None],
        ["p", 7, [["s", -1]], [["a", 1]], None],
        ["p", 7, [["s", 1], ["s", 1]], [["a", 1]], None],
        ["p", 7, [["s", 1]], None, None],
        ["p", 7, [["s", 1]], [["a", 1]], 5],
        ["p", True, [["s", 1]], [["a", 1]], None],
        [None, 7, [["s", 1]], [["a", 1]], None],
        [7, [["s", 1]], [["a", 1]], None],
        {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5},
    ],
)
def test_crooked_readings_are_refused(row: object) -> None:
    """A reading has a place, an id or none, a service, its calls, its checks and perhaps a reason, in that order."""
    with pytest.raises(InvalidMessage, match="readings"):
        load(EvaluateRules, {**_EVALUATE, "readings": [row]})


def test_a_place_has_one_reading() -> None:
    """Two would leave open which of them its rules are held against."""
    row = ["p", 7, [], [["a", 1]], None]
    with pytest.raises(InvalidMessage, match="readings"):
        load(EvaluateRules, {**_EVALUATE, "readings": [row, row]})


@pytest.mark.parametrize(("kind", "payload"), _GOOD)
def test_unknown_and_missing_fields_are_refused(kind: type[Message], payload: dict[str, object]) -> None:
    """A field more or less is another version's message."""
    for name in payload:
        with pytest.raises(InvalidMessage, match=name):
            load(kind, {key: value for key, value in payload.items() if key != name})
    with pytest.raises(InvalidMessage, match="priority"):
        load(kind, {**payload, "priority": 1})


@pytest.mark.parametrize("version", [0, VERSION + 1, "1", 1.0, True, None])
@pytest.mark.parametrize(("kind", "payload"), _GOOD)
def test_other_versions_are_refused(kind: type[Message], payload: dict[str, object], version: object) -> None:
    """A version that is not exactly ours is not guessed at."""
    with pytest.raises(InvalidMessage, match="version"):
        load(kind, {**payload, "version": version})


@pytest.mark.parametrize("lease", [-1, 2**63, "5", 5.5, True, None])
def test_a_lease_is_a_time_in_milliseconds(lease: object) -> None:
    """Compared exactly in Redis and in PostgreSQL: a whole number that both can hold."""
    with pytest.raises(InvalidMessage, match="lease"):
        load(FetchWeather, {**_FETCH, "lease": lease})


@pytest.mark.parametrize("account_id", ["", "a" * 101, "a\0", "\udfff", 5, None])
def test_an_account_is_named_in_text_that_can_be_stored(account_id: object) -> None:
    """1 to 100 characters, none that PostgreSQL refuses."""
    with pytest.raises(InvalidMessage, match="account_id"):
        load(ApplyChanges, {**_APPLY, "account_id": account_id})


def test_nothing_invalid_is_sent() -> None:
    """Both sides validate: what the other side would refuse does not leave."""
    with pytest.raises(InvalidMessage, match="places"):
        dump(FetchWeather(5, {"p": {"a\0": 1}}))
