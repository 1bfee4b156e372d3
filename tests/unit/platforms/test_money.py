"""Money between Decimal and the platforms' integers."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weathertrigger.domain.money import Money, MoneyCodec
from weathertrigger.platforms.google_ads.money import GoogleMoney
from weathertrigger.platforms.meta_ads.money import MetaMoney
from weathertrigger.rule_files.currencies import CURRENCIES

META, GOOGLE = MetaMoney(), GoogleMoney()
SAMPLE = ["JPY", "KRW", "HUF", "TWD", "BHD", "USD", "EUR", "CLP", "COP", "IDR", "JOD", "VND"]
OFFSET_1 = {"CLP", "COP", "CRC", "HUF", "ISK", "IDR", "JPY", "KRW", "PYG", "TWD", "VND"}

currencies = st.sampled_from(SAMPLE)
every_currency = st.sampled_from(sorted(CURRENCIES))
# Beyond 2**53, where a float would lose units.
integers = st.integers(0, 10**16).map(str)


@pytest.mark.parametrize(
    ("currency", "amount", "meta", "google"),
    [
        ("USD", "50.00", "5000", "50000000"),
        ("EUR", "0.01", "1", "10000"),
        ("JPY", "6000", "6000", "6000000000"),
        ("KRW", "12000", "12000", "12000000000"),
        ("HUF", "12000", "12000", "12000000000"),  # two decimals in ISO 4217, none at Meta
        ("TWD", "300", "300", "300000000"),
        ("COP", "90000", "90000", "90000000000"),
        ("BHD", "19.99", "1999", "19990000"),  # three decimals in ISO 4217, two at Meta
        ("JOD", "1.50", "150", "1500000"),
    ],
)
def test_each_currency_has_the_platforms_own_unit(currency: str, amount: str, meta: str, google: str) -> None:
    """Meta's table is not ISO 4217, Google's unit is a millionth (semantics 23)."""
    money = Money(Decimal(amount), currency)
    assert (META.encode(money), GOOGLE.encode(money)) == (meta, google)
    assert META.decode(meta, currency) == GOOGLE.decode(google, currency) == money


@pytest.mark.parametrize("currency", sorted(CURRENCIES))
def test_every_currency_has_metas_own_offset(currency: str) -> None:
    """Semantics 23: whole units of eleven, hundredths of every other, whatever ISO 4217 says."""
    assert META.encode(Money(Decimal(7), currency)) == ("7" if currency in OFFSET_1 else "700")
    assert META.decode("700", currency) == Money(Decimal(700 if currency in OFFSET_1 else 7), currency)


@pytest.mark.parametrize(
    ("currency", "amount", "meta", "google"),
    [
        ("USD", "0.005", "1", "10000"),
        ("USD", "0.0049", "0", "0"),
        ("USD", "33.335", "3334", "33340000"),
        ("JPY", "0.5", "1", "1000000"),
        ("JPY", "1000.49", "1000", "1000000000"),
        ("HUF", "2.5", "3", "3000000"),
        ("BHD", "1.005", "101", "1010000"),
    ],
)
def test_half_a_smallest_unit_is_rounded_up(currency: str, amount: str, meta: str, google: str) -> None:
    """Half up, also where banker's rounding would go down."""
    money = Money(Decimal(amount), currency)
    assert (META.encode(money), GOOGLE.encode(money)) == (meta, google)


@given(integers, every_currency)
def test_every_amount_of_meta_comes_back_to_the_unit(value: str, currency: str) -> None:
    """Semantics 23: reading and writing back changes nothing, even beyond what a float can hold."""
    assert META.encode(META.decode(value, currency)) == value


@given(integers, currencies)
def test_every_amount_of_google_comes_back_to_its_smallest_unit(value: str, currency: str) -> None:
    """Decoding is exact; what is encoded is the nearest amount that Google takes."""
    money = GOOGLE.decode(value, currency)
    assert money.amount * 1_000_000 == Decimal(value)
    encoded = int(GOOGLE.encode(money))
    assert encoded % 10_000 == 0
    assert abs(encoded - int(value)) <= (
        500_000 if currency in {"JPY", "KRW", "HUF", "TWD", "CLP", "COP", "IDR", "VND"} else 5_000
    )
    assert GOOGLE.encode(GOOGLE.decode(str(encoded), currency)) == str(encoded)


@given(st.decimals(0, 10**9, places=6), every_currency)
def test_an_encoded_amount_is_never_off_by_more_than_half_a_unit(amount: Decimal, currency: str) -> None:
    """No float comes near: the difference is computed in exact decimals."""
    for codec, unit in ((META, Decimal(1)), (GOOGLE, Decimal(1))):
        back = codec.decode(codec.encode(Money(amount, currency)), currency).amount
        assert isinstance(back, Decimal)
        assert abs(back - amount) <= unit / 2


@pytest.mark.parametrize("codec", [META, GOOGLE])
@pytest.mark.parametrize("value", ["", "-5", "5.0", "5e3", " 5", "\u0665", "1" * 20, "ACTIVE"])
def test_what_is_no_integer_is_no_amount(codec: MoneyCodec, value: str) -> None:
    """A platform's amount is digits and nothing else."""
    with pytest.raises(ValueError, match="not an amount"):
        codec.decode(value, "USD")


@pytest.mark.parametrize("codec", [META, GOOGLE])
@pytest.mark.parametrize("amount", ["-0.01", "NaN", "Infinity", "1e30"])
def test_what_cannot_be_a_budget_is_not_encoded(codec: MoneyCodec, amount: str) -> None:
    """Negative, not a number, or larger than any budget."""
    with pytest.raises(ValueError, match="not an amount"):
        codec.encode(Money(Decimal(amount), "USD"))
