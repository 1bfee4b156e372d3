"""The values of an ad account's fields, in the words of people."""

from weathertrigger.domain.rule import FieldName
from weathertrigger.platforms.registry import MONEY
from weathertrigger.rules.value_words import in_words
from weathertrigger.storage.accounts import Account


def value_in_words(value: str, field: FieldName, account: Account) -> str:
    """As people write it; `value` is in the form of the account's platform."""
    return in_words(value, field, currency=account.currency, codec=MONEY[account.platform])
