"""Fields and their values in the words of people."""

from weathertrigger.domain.rule import FieldName
from weathertrigger.operations import values_of_account
from weathertrigger.platforms.resource_names import in_words
from weathertrigger.storage.accounts import Account


def value_in_words(value: str | None, field: str, account: Account) -> str | None:
    """Money as people write it (`80.00 USD`), anything else as it is."""
    return None if value is None else values_of_account.value_in_words(value, FieldName(field), account)


def field_in_words(resource: str, field: str) -> str:
    """`daily budget of ad set 23848`."""
    return f"{field.replace('_', ' ')} of {in_words(resource)}"
