"""C8: a value that should go back and is refused. Its owner is told once, and once when it is back (semantics 28)."""

from weathertrigger.domain.change import AdField
from weathertrigger.domain.rule import SetStatus
from weathertrigger.errors import ServiceError
from weathertrigger.platforms.registry import MONEY
from weathertrigger.platforms.resource_names import in_words
from weathertrigger.storage import incidents
from weathertrigger.storage.accounts import Leased
from weathertrigger.storage.database import Transaction
from weathertrigger.storage.incidents import IncidentKind


def refused(tx: Transaction, leased: Leased, field: AdField, error: ServiceError) -> None:
    """It is tried again every hour; what it should be is told, to be set by hand."""
    wanted = field.resting.status.value if isinstance(field.resting, SetStatus) else field.baseline
    if field.winner is not None or wanted is None:
        return
    money = MONEY[leased.platform].decode(wanted, leased.currency) if field.carrier.field.is_money else None
    subject = _subject(field)
    message = (
        f"{subject} could not be put back: {error} It is tried again every hour; by hand it is to be set to "
        f"{money or wanted}."
    )
    incidents.begin(tx, IncidentKind.REVERT_REFUSED, subject, message)


def settled(tx: Transaction, field: AdField) -> None:
    """It is as it should be, by us or by hand."""
    if field.winner is None:
        subject = _subject(field)
        incidents.end(tx, IncidentKind.REVERT_REFUSED, subject, f"{subject} is back.")


def _subject(field: AdField) -> str:
    return f"{field.account_id} {in_words(field.carrier.resource)} {field.carrier.field.replace('_', ' ')}"
