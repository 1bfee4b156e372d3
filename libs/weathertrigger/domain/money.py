"""Money is a Decimal in major units plus its currency; what a platform sends and takes is its own integer."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

# Currencies that are written without decimals by people (ISO 4217, exponent 0). What a *platform* makes of a currency
# is its adapter's business: see `platforms/*/money.py`.
_WRITTEN_WHOLE = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"}
)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in major units (euros, not cents) of an ISO 4217 currency."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        decimals = 0 if self.currency in _WRITTEN_WHOLE else 2
        exponent = self.amount.normalize().as_tuple().exponent
        needed = max(decimals, -exponent if isinstance(exponent, int) else 0)
        return f"{self.amount:.{needed}f} {self.currency}"


class MoneyCodec(Protocol):
    """Between Money and the platform's integer. No float anywhere."""

    def decode(self, value: str, currency: str) -> Money:
        """The platform's integer as money."""

    def encode(self, money: Money, *, down: bool = False) -> str:
        """Money as the platform's integer, rounded half up, or down, to a whole smallest unit of the platform."""
