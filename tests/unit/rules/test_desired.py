"""The absolute value of an expression: of the baseline, within its caps, in the platform's integer."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import strategies
from weathertrigger.domain.money import Money, MoneyCodec
from weathertrigger.domain.rule import ChangePercent, Expression, SetAmount, SetStatus, Status
from weathertrigger.platforms.google_ads.money import GoogleMoney
from weathertrigger.platforms.meta_ads.money import MetaMoney
from weathertrigger.rules.desired import Desired, desired_value

codecs = st.sampled_from([MetaMoney(), GoogleMoney()])
META = MetaMoney()


def _eur(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (ChangePercent(Decimal(20)), Desired("6000", "60.00 EUR = baseline 50.00 EUR + 20 %")),
        (ChangePercent(Decimal("-12.5")), Desired("4375", "43.75 EUR = baseline 50.00 EUR - 12.5 %")),
        (
            ChangePercent(Decimal(20), maximum=_eur("55")),
            Desired("5500", "55.00 EUR = baseline 50.00 EUR + 20 %, clamped", clamped=True),
        ),
        (
            ChangePercent(Decimal(-50), minimum=_eur("40")),
            Desired("4000", "40.00 EUR = baseline 50.00 EUR - 50 %, clamped", clamped=True),
        ),
        (
            ChangePercent(Decimal(300)),
            Desired("10000", "100.00 EUR = baseline 50.00 EUR + 300 %, clamped", clamped=True),
        ),
        (
            ChangePercent(Decimal(10), minimum=_eur("400")),
            Desired("10000", "100.00 EUR = baseline 50.00 EUR + 10 %, clamped", clamped=True),
        ),
        (SetAmount(_eur("80")), Desired("8000", "80.00 EUR")),
        (SetStatus(Status.PAUSED), Desired("paused", "paused")),
    ],
)
def test_as_a_person_would_compute_it(expression: Expression, expected: Desired) -> None:
    """Semantics 17, 22 and 33: from a baseline of 50.00 EUR at Meta, with the sum written out; `clamped` is told."""
    assert desired_value(expression, "5000", currency="EUR", codec=META) == expected


@given(strategies.changes(), st.integers(100, 10**9), codecs)
def test_no_cap_is_ever_passed(change: ChangePercent, cents: int, codec: MoneyCodec) -> None:
    """Semantics 22: never above twice the baseline nor above `max`; never below `min` but for those two."""
    currency = change.maximum.currency if change.maximum else change.minimum.currency if change.minimum else "EUR"
    baseline = Money(Decimal(cents) / 100, currency)
    result = desired_value(change, codec.encode(baseline), currency=currency, codec=codec)
    amount = codec.decode(result.value, currency).amount
    highest = baseline.amount * 2
    if change.maximum:
        highest = min(highest, change.maximum.amount)
    lowest = min(change.minimum.amount, highest) if change.minimum else Decimal(0)
    assert lowest <= amount <= highest
    exact = baseline.amount * (100 + change.percent) / 100
    assert result.clamped is not (lowest <= exact <= highest)
    assert result.clamped or abs(amount - exact) <= Decimal("0.005")


@given(strategies.changes(), st.integers(100, 10**9).map(str), codecs)
def test_nothing_relative_and_no_float(change: ChangePercent, baseline: str, codec: MoneyCodec) -> None:
    """Semantics 16: what leaves is an absolute whole number, the same every time."""
    currency = change.maximum.currency if change.maximum else change.minimum.currency if change.minimum else "EUR"
    first = desired_value(change, baseline, currency=currency, codec=codec)
    assert first.value.isascii()
    assert first.value.isdigit()
    assert first == desired_value(change, baseline, currency=currency, codec=codec)
