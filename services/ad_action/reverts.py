"""C8: a value that should go back and is refused. Its owner is told once, and once when it is back (semantics 28)."""

from weathertrigger.domain.change import AdField
from weathertrigger.domain.rule import SetStatus
from weathertrigger.errors import ServiceError
from weathertrigger.platforms.registry import MONEY
from weathertrigger.platforms.resource_names import in_words
from weathertrigger.rules import value_words
from weathertrigger.storage import incidents, notifications
from weathertrigger.storage.accounts import Leased
from weathertrigger.storage.database import Transaction
from weathertrigger.storage.incidents import IncidentKind


def refused(tx: Transaction, leased: Leased, field: AdField, error: ServiceError) -> None:
    """It is tried again every hour; what it should be is told, to be set by hand."""
    wanted = _wanted(leased, field)
    if field.winner is not None or wanted is None:
        return
    subject = _subject(field)
    message = (
        f"{subject} could not be put back: {error} It is tried again every hour; by hand it is to be set to {wanted}."
    )
    incidents.begin(tx, IncidentKind.REVERT_REFUSED, subject, message)


def settled(tx: Transaction, field: AdField) -> None:
    """It is as it should be, by us or by hand."""
    if field.winner is None:
        subject = _subject(field)
        incidents.end(tx, IncidentKind.REVERT_REFUSED, subject, f"{subject} is back.")


def gone(tx: Transaction, leased: Leased, field: AdField, error: ServiceError) -> None:
    """Nothing is left that could be put back."""
    subject = _subject(field)
    message = (
        f"{subject} was to go back to {_wanted(leased, field)}, and nothing is left to put back: {error} "
        "Take it out of the rules that name it."
    )
    if not incidents.end(tx, IncidentKind.REVERT_REFUSED, subject, message):
        notifications.notify(tx, kind="entity_gone", subject=subject, message=message)


def _wanted(leased: Leased, field: AdField) -> str | None:
    """What a person ordered, or what applies when no rule has the say, as a person would write it."""
    if field.ordered is None and isinstance(field.resting, SetStatus):
        return field.resting.status.value
    value = field.baseline if field.ordered is None else field.ordered
    if value is None:
        return None
    return value_words.in_words(value, field.carrier.field, currency=leased.currency, codec=MONEY[leased.platform])


def _subject(field: AdField) -> str:
    return f"{field.account_id} {in_words(field.carrier.resource)} {field.carrier.field.replace('_', ' ')}"
