"""Meta's integer of money.

Meta multiplies by an offset of its own that is *not* the ISO 4217 exponent: forints, rupiahs and Taiwan dollars have
offset 1 here, and dinars of three decimals have 100. Source:
https://developers.facebook.com/docs/marketing-api/currencies
"""

from weathertrigger.domain.money import Money
from weathertrigger.platforms.whole_units import to_amount, to_units, units_of

_OFFSET_1 = frozenset({"CLP", "COP", "CRC", "HUF", "ISK", "IDR", "JPY", "KRW", "PYG", "TWD", "VND"})
_OFFSET = 100


class MetaMoney:
    """Implements `MoneyCodec`: "5000" is 50.00 EUR and 5000 JPY. Raises ValueError for what is no amount."""

    def decode(self, value: str, currency: str) -> Money:
        """Meta's integer as money."""
        return Money(to_amount(units_of(value), _offset(currency)), currency)

    def encode(self, money: Money, *, down: bool = False) -> str:
        """Money as Meta's integer, rounded half up or down."""
        return str(to_units(money.amount, _offset(money.currency), down=down))


def _offset(currency: str) -> int:
    return 1 if currency in _OFFSET_1 else _OFFSET
