"""The differences between two documents: all of them, and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from weathertrigger.rules.differences import ABSENT, Difference, differences

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from("abc"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=4),
    max_leaves=10,
)
_DOCUMENTS = st.dictionaries(st.sampled_from("abcd"), _VALUES, max_size=4)


@given(_DOCUMENTS, _DOCUMENTS)
def test_there_are_differences_exactly_where_documents_differ(
    before: dict[str, object], after: dict[str, object]
) -> None:
    """True is not 1 and null is not nothing, whatever Python thinks of them."""
    found = differences(before, after)
    assert bool(found) is (repr(before) != repr(after) and not _alike(before, after))
    assert differences(after, after) == []


@given(_DOCUMENTS, _DOCUMENTS)
def test_what_differs_is_what_stands_there(before: dict[str, object], after: dict[str, object]) -> None:
    """Each path leads to its value; the paths of what is there afterwards are each named once."""
    found = differences(before, after)
    there = [one for one in found if one.after is not ABSENT]
    assert all(_at(after, one.path) == one.after for one in there)
    assert len({one.path for one in there}) == len(there)


def test_a_part_that_is_put_in_front_is_one_difference() -> None:
    """A list is compared as a person would: what moved on is as it was."""
    before: dict[str, object] = {"all": [{"m": "rain"}, {"m": "wind"}]}
    after: dict[str, object] = {"all": [{"m": "snow"}, {"m": "rain"}, {"m": "wind"}]}
    assert differences(before, after) == [Difference("all[0]", ABSENT, {"m": "snow"})]
    assert differences(after, before) == [Difference("all[0]", {"m": "snow"}, ABSENT)]


def test_one_value_deep_inside() -> None:
    """The path says where, as in a fault."""
    before: dict[str, object] = {"when": {"all": [{"above": 1, "unit": "C"}, {"is": True}]}, "every": "1 h"}
    after: dict[str, object] = {"when": {"all": [{"above": 2, "unit": "C"}, {"is": True}]}, "every": "1 h"}
    assert differences(before, after) == [Difference("when.all[0].above", 1, 2)]


def test_another_kind_of_mapping_is_one_difference() -> None:
    """`all` that became `any` is told as a whole."""
    before: dict[str, object] = {"when": {"all": [1]}}
    after: dict[str, object] = {"when": {"any": [1]}}
    assert differences(before, after) == [Difference("when", {"all": [1]}, {"any": [1]})]


def _alike(one: object, other: object) -> bool:
    """An equality of JSON of our own."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_alike, one, other))
    return type(one) is type(other) and one == other


def _at(document: object, path: str) -> object:
    here = document
    for step in path.replace("[", ".[").split("."):
        here = here[int(step[1:-1])] if step.startswith("[") else here[step]  # type: ignore[index]
    return here
