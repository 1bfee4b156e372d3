"""A value of a field as people write it."""

from weathertrigger.domain.money import MoneyCodec
from weathertrigger.domain.rule import FieldName


def in_words(value: str, field: FieldName, *, currency: str, codec: MoneyCodec) -> str:
    """Money with its currency (`80.00 USD`), anything else as it is. `value` is in the platform's form."""
    return str(codec.decode(value, currency)) if field.is_money else value


def equation(value: str, arithmetic: str) -> str:
    """How a value came about, beginning with the value as people write it: `60.00 USD = baseline 50.00 USD + 20 %`."""
    return arithmetic if arithmetic.startswith(value) else f"{value} = {arithmetic}"
