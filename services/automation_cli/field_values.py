"""Fields and their values in the words of people."""

from weathertrigger.domain.rule import FieldName
from weathertrigger.platforms.registry import MONEY
from weathertrigger.platforms.resource_names import in_words
from weathertrigger.storage.accounts import Account


def value_in_words(value: str | None, field: str, account: Account) -> str | None:
    """Money as people write it (`80.00 USD`), anything else as it is."""
    if value is None or not FieldName(field).is_money:
        return value
    return str(MONEY[account.platform].decode(value, account.currency))


def field_in_words(resource: str, field: str) -> str:
    """`daily budget of ad set 23848`."""
    return f"{field.replace('_', ' ')} of {in_words(resource)}"
