"""In which case an active rule is, once its cases were edited."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weathertrigger.domain.condition import Cases, Comparator, Comparison, Threshold, When
from weathertrigger.domain.weather import Metric
from weathertrigger.rules.edited_cases import case_after_edit


def _above(degrees: float) -> Comparison:
    return Comparison(Metric.TEMPERATURE, (Threshold(Comparator.ABOVE, degrees),), "C")


def _cases(*degrees: float) -> Cases:
    return Cases(tuple(map(_above, degrees)))


@pytest.mark.parametrize(
    ("before", "after", "case", "expected"),
    [
        (_cases(30, 25), _cases(30, 25), 2, 2),
        (_cases(30, 25), _cases(35, 30, 25), 2, 3),
        (_cases(30, 25), _cases(25, 30), 1, 2),
        (_cases(30, 25), _cases(30, 26), 2, 2),
        (_above(25), _above(26), 1, 1),
        (_above(25), _cases(30, 25), 1, 2),
        (_cases(30, 25), _above(25), 2, 1),
        (_cases(30, 25), _above(30), 2, None),
        (_cases(30, 25), _cases(35, 32, 30), 2, None),
        (_cases(30, 25), _cases(40, 30), 2, None),
    ],
)
def test_a_case_is_known_by_what_it_asks(before: When, after: When, case: int, expected: int | None) -> None:
    """Moved, it is the same case; edited, it keeps its number; a case that has come in its stead was another before."""
    assert case_after_edit(before, after, case) == expected


@given(st.lists(st.integers(0, 5), min_size=1, max_size=5, unique=True), st.data())
def test_whatever_the_order_the_condition_is_the_same(degrees: list[int], data: st.DataObject) -> None:
    """No order of the cases gives a rule what another case asks for."""
    case = data.draw(st.integers(1, len(degrees)))
    moved = data.draw(st.permutations(degrees))
    after = case_after_edit(_cases(*degrees), _cases(*moved), case)
    assert after is not None
    assert moved[after - 1] == degrees[case - 1]
