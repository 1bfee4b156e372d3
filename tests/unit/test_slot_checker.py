"""The checker of the fault runs finds every fault that it is for: one that cannot fail proves nothing."""

from dataclasses import replace

import pytest

from tests.acceptance.slot_checker import Recorded, Span, account

# blake2b of 8 bytes of "rain" is 0x3d09e514ecfd42df, which is 7 modulo 10.
_RULE = "rain"
_SPAN = Span(_RULE, 10, begun=(100, 100))
_SLOTS = (107, 117, 127, 137)
_ROWS = [Recorded(_RULE, slot, slot, slot + 3, "met") for slot in _SLOTS]
_ALL = 140


def _found(rows: list[Recorded], *spans: Span) -> dict[str, list[str]]:
    return account(spans or [_SPAN], rows, _ALL).found


def test_nothing_to_complain_of() -> None:
    """Every slot once, by a row or as part of a range; later ones may be there too."""
    assert _found(_ROWS) == {}
    later = Recorded(_RULE, 147, 147, 148, "met")
    assert _found([Recorded(_RULE, 107, 127, 128, "not_met"), _ROWS[3], later]) == {}


def test_the_grid_that_the_engine_has() -> None:
    """The first slot lies behind the begin of the rule, also when that is a slot itself, and an end belongs to it."""
    assert list(replace(_SPAN, begun=(107, 107)).required(_ALL)) == [117, 127, 137]
    assert list(replace(_SPAN, begun=(106, 106), ended=(127, 127)).required(_ALL)) == [107, 117, 127]
    assert list(_SPAN.required(106)) == []


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (_ROWS[1:], {"missing": ["rain at 107"]}),
        (_ROWS[:3], {"missing": ["rain at 137"]}),
        ([], {"missing": [f"rain at {slot}" for slot in _SLOTS]}),
        ([*_ROWS, _ROWS[2]], {"repeated": ["rain at 127"]}),
        ([*_ROWS, Recorded(_RULE, 117, 127, 128, "met")], {"repeated": ["rain at 117", "rain at 127"]}),
        ([*_ROWS, Recorded(_RULE, 118, 118, 119, "met")], {"off grid": ["rain at 118"]}),
        ([*_ROWS, Recorded(_RULE, 146, 157, 158, "met")], {"off grid": ["rain at 157"]}),
        ([*_ROWS, Recorded(_RULE, 157, 147, 158, "met")], {"extra": ["rain at 147"]}),
        ([*_ROWS, Recorded(_RULE, 97, 97, 98, "met")], {"extra": ["rain at 97"]}),
        ([*_ROWS, Recorded("stranger", 107, 107, 108, "met")], {"extra": ["stranger at 107"]}),
        ([*_ROWS[:3], replace(_ROWS[3], at=136)], {"early": ["rain at 137"]}),
        ([*_ROWS[:3], replace(_ROWS[3], outcome="no_data")], {"wrong": ["rain at 137"]}),
    ],
)
def test_every_fault_is_found(rows: list[Recorded], found: dict[str, list[str]]) -> None:
    """One wrong row each, and it is named."""
    assert _found(rows) == found


def test_two_ranges_that_overlap() -> None:
    """A slot in both of them is repeated, the others are not."""
    rows = [Recorded(_RULE, 107, 127, 128, "met"), Recorded(_RULE, 127, 137, 138, "met")]
    assert _found(rows) == {"repeated": ["rain at 127"]}


def test_an_edit_whose_moment_is_known_nearly() -> None:
    """Between the earliest and the latest moment a slot of either grid may be there; before and after, its own must be.
    In a pause there is none."""
    spans = [replace(_SPAN, ended=(115, 118)), Span(_RULE, 5, (115, 118), (130, 130))]
    rest = [Recorded(_RULE, slot, slot, slot, "met") for slot in (107, 122, 127)]
    assert _found(rest, *spans) == {}
    assert _found([*rest, _ROWS[1]], *spans) == {}
    assert _found([*rest[:2], _ROWS[1]], *spans) == {"missing": ["rain at 127"]}
    assert _found([*rest, _ROWS[3]], *spans) == {"extra": ["rain at 137"]}


def test_lateness_counts_from_the_first_slot() -> None:
    """Nearest rank, over rows; it stands in the line that people read, with the counts."""
    rows = [*_ROWS[:2], Recorded(_RULE, 127, 137, 1127, "not_met")]
    result = account([_SPAN], rows, _ALL)
    assert [result.late(percent) for percent in (50, 99, 100)] == [3, 1000, 1000]
    assert account([_SPAN], [], 100).late(99) == 0
    assert str(result) == (
        "4 slots, 3 rows (1 ranges): missing 0, repeated 0, off grid 0, extra 0, early 0, wrong 0; "
        "met 2, not_met 1; late p50 0.00 s, p99 1.00 s, p100 1.00 s"
    )
