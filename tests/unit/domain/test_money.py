"""Money as people write it."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weathertrigger.domain.money import Money, MoneyCodec
from weathertrigger.platforms.google_ads.money import GoogleMoney
from weathertrigger.platforms.meta_ads.money import MetaMoney

_CURRENCIES = ["EUR", "USD", "JPY", "XOF", "VUV", "BHD", "HUF"]


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        ("50", "EUR", "50.00 EUR"),
        ("0.5", "EUR", "0.50 EUR"),
        ("1E+3", "EUR", "1000.00 EUR"),
        ("0.125", "EUR", "0.125 EUR"),
        ("5000", "JPY", "5000 JPY"),
        ("5000", "XOF", "5000 XOF"),
        ("5000", "XPF", "5000 XPF"),
        ("5000", "VUV", "5000 VUV"),
        ("50.5", "JPY", "50.5 JPY"),
        ("1.234", "BHD", "1.234 BHD"),
        ("0", "EUR", "0.00 EUR"),
    ],
)
def test_written(amount: str, currency: str, written: str) -> None:
    """Two decimals, none where ISO 4217 has none, and never fewer than the amount needs."""
    assert str(Money(Decimal(amount), currency)) == written


@given(st.decimals(0, 10**12, allow_nan=False, places=6), st.sampled_from(_CURRENCIES))
def test_what_is_written_is_the_amount(amount: Decimal, currency: str) -> None:
    """Semantics 23: money is decimal throughout; reading what is written gives the same amount, to the last digit."""
    written, unit = str(Money(amount, currency)).split(" ")
    assert (Decimal(written), unit) == (amount, currency)


@given(st.integers(0, 10**15), st.sampled_from(_CURRENCIES), st.sampled_from([MetaMoney(), GoogleMoney()]))
def test_a_platforms_integer_survives_being_written(units: int, currency: str, codec: MoneyCodec) -> None:
    """Semantics 23: platform to money to text to money to platform loses nothing."""
    known = codec.decode(codec.encode(codec.decode(str(units), currency)), currency)
    read = Money(Decimal(str(known).split(" ")[0]), currency)
    assert (read, codec.encode(read)) == (known, codec.encode(known))
