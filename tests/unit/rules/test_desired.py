"""The absolute value of an expression: of the baseline, within its caps, in the platform's integer."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import strategies
from weathertrigger.domain.money import Money, MoneyCodec
from weathertrigger.domain.rule import (
    ChangeModifier,
    ChangePercent,
    Expression,
    SetAmount,
    SetModifier,
    SetStatus,
    Status,
)
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
        (SetAmount(_eur("800")), Desired("80000", "800.00 EUR")),
        (
            SetAmount(_eur("80"), largest_raise=Decimal(50)),
            Desired("7500", "75.00 EUR for 80.00 EUR, baseline 50.00 EUR, clamped", clamped=True),
        ),
        (
            ChangePercent(Decimal(60), largest_raise=Decimal(50)),
            Desired("7500", "75.00 EUR = baseline 50.00 EUR + 60 %, clamped", clamped=True),
        ),
        (
            ChangePercent(Decimal(300), largest_raise=Decimal(400)),
            Desired("20000", "200.00 EUR = baseline 50.00 EUR + 300 %"),
        ),
        (SetStatus(Status.PAUSED), Desired("paused", "paused")),
    ],
)
def test_as_a_person_would_compute_it(expression: Expression, expected: Desired) -> None:
    """Semantics 17, 22 and 33: from a baseline of 50.00 EUR at Meta, with the sum written out; `clamped` is told."""
    assert desired_value(expression, "5000", currency="EUR", codec=META) == expected


@given(
    st.integers(1, 10**7),
    st.decimals("0.1", "300", places=1),
    st.decimals("0.1", "300", places=1),
    st.none() | st.decimals("0", "1000", places=3),
    st.tuples(codecs, st.sampled_from(["EUR", "JPY", "TWD"])),
)
def test_no_cap_is_passed_by_rounding(
    units: int, percent: Decimal, largest: Decimal, room: Decimal | None, of: tuple[MoneyCodec, str]
) -> None:
    """Semantics 22: to a whole unit of the platform, but not above the largest raise, nor above the account's cap."""
    codec, currency = of
    baseline = codec.encode(Money(Decimal(units), currency))
    change = ChangePercent(percent, largest_raise=largest)
    result = desired_value(change, baseline, currency=currency, codec=codec, room=room)
    amount = codec.decode(result.value, currency).amount
    assert amount <= units * (1 + largest / 100)
    assert room is None or amount <= units + room


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


def _modified(expression: Expression, baseline: str) -> Desired:
    return desired_value(expression, baseline, currency="USD", codec=GoogleMoney())


@pytest.mark.parametrize(
    ("expression", "baseline", "expected"),
    [
        (SetModifier(Decimal("1.25")), "1", Desired("1.25", "1.25")),
        (SetModifier(Decimal("10.0")), "1", Desired("10", "10")),
        (ChangeModifier(Decimal(20)), "1", Desired("1.2", "1.2 = baseline 1 + 20 %")),
        (ChangeModifier(Decimal("-12.5")), "1.1", Desired("0.96", "0.96 = baseline 1.1 - 12.5 %")),
        (ChangeModifier(Decimal(5)), "0.9", Desired("0.95", "0.95 = baseline 0.9 + 5 %")),  # 0.945, half up
        (
            ChangeModifier(Decimal(50), maximum=Decimal("1.3")),
            "1",
            Desired("1.3", "1.3 = baseline 1 + 50 %, clamped", clamped=True),
        ),
        (
            ChangeModifier(Decimal(300)),
            "1.205",
            Desired("2.41", "2.41 = baseline 1.205 + 300 %, clamped", clamped=True),
        ),
        (
            SetModifier(Decimal("1.8"), largest_raise=Decimal(25)),
            "1.205",
            Desired("1.5", "1.5 for 1.8, baseline 1.205, clamped", clamped=True),
        ),
        (
            ChangeModifier(Decimal(60), largest_raise=Decimal(50)),
            "1",
            Desired("1.5", "1.5 = baseline 1 + 60 %, clamped", clamped=True),
        ),
        (ChangeModifier(Decimal(-99)), "1", Desired("0.1", "0.1 = baseline 1 - 99 %, clamped", clamped=True)),
        (ChangeModifier(Decimal(90)), "9", Desired("10", "10 = baseline 9 + 90 %, clamped", clamped=True)),
    ],
)
def test_a_bid_modifier_as_a_person_would_compute_it(expression: Expression, baseline: str, expected: Desired) -> None:
    """Semantics 15, 17 and 22: a plain number of two decimals, within 0.1 and 10 and twice the baseline."""
    assert _modified(expression, baseline) == expected


@given(strategies.modifier_changes(), st.integers(100, 10_000).map(lambda units: Decimal(units) / 1000))
def test_no_bound_of_a_bid_modifier_is_ever_passed(change: ChangeModifier, baseline: Decimal) -> None:
    """Semantics 22: what a person asked for to the nearest hundredth, cut by `min`, `max` and the largest step."""
    result = _modified(change, str(baseline))
    value = Decimal(result.value)
    assert value <= min(change.maximum, baseline * 2)
    assert value >= min(change.minimum, Decimal(int(baseline * 200)) / 100, change.maximum)
    assert value == round(value, 2)
    exact = baseline * (100 + change.percent) / 100
    assert result.clamped or abs(value - exact) <= Decimal("0.005")
    assert _modified(change, str(baseline)) == result


@pytest.mark.parametrize(
    ("expression", "room", "value", "clamped"),
    [
        (ChangePercent(Decimal(20)), None, "6000", False),
        (ChangePercent(Decimal(20)), "10", "6000", False),
        (ChangePercent(Decimal(20)), "4", "5400", True),
        (ChangePercent(Decimal(20)), "0", "5000", True),
        (ChangePercent(Decimal(20)), "-3", "5000", True),
        (ChangePercent(Decimal(-20)), "0", "4000", False),
        (SetAmount(_eur("80")), "4", "5400", True),
        (SetAmount(_eur("40")), "0", "4000", False),
    ],
)
def test_an_account_that_was_raised_enough_today(
    expression: Expression, room: str | None, value: str, clamped: bool
) -> None:
    """Semantics 22: what is left of the account's day bounds a raise, and nothing else."""
    left = None if room is None else Decimal(room)
    result = desired_value(expression, "5000", currency="EUR", codec=META, room=left)
    assert (result.value, result.clamped) == (value, clamped)
    assert result.arithmetic.endswith("clamped") is clamped
