"""Google's micros: millionths of the account's currency, in multiples of the currency's smallest unit, else Google
refuses them (NON_MULTIPLE_OF_MINIMUM_CURRENCY_UNIT).

Google publishes each unit as `currency_constant.billable_unit_micros`. Here every currency that is somewhere dealt in
whole units is rounded to them: a multiple of the coarser unit is always one of the finer.
"""

from weathertrigger.domain.money import Money
from weathertrigger.platforms.whole_units import to_amount, to_units, units_of

_MICROS = 1_000_000
_HUNDREDTH = 10_000
_WHOLE = frozenset(
    # Without decimals in ISO 4217.
    {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"}
    # With decimals on paper only.
    | {"COP", "CRC", "HUF", "IDR", "TWD"}
)


class GoogleMoney:
    """Implements `MoneyCodec`: "50000000" is 50.00 EUR. Raises ValueError for what is no amount."""

    def decode(self, value: str, currency: str) -> Money:
        """Micros as money, exactly."""
        return Money(to_amount(units_of(value), _MICROS), currency)

    def encode(self, money: Money, *, down: bool = False) -> str:
        """Money as micros, rounded half up or down to the currency's smallest unit."""
        smallest = _MICROS if money.currency in _WHOLE else _HUNDREDTH
        return str(to_units(money.amount, _MICROS, smallest, down=down))
