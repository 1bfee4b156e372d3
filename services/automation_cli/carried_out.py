"""Waits a moment for what a person ordered, and says what became of it."""

import time
from collections.abc import Collection, Mapping

from services.automation_cli.field_values import field_in_words, value_in_words
from services.automation_cli.nobody_acts import tell_if_nobody_acts
from services.automation_cli.output import Part, Row, say, show_parts
from weathertrigger.storage import accounts, told_fields
from weathertrigger.storage.accounts import Account
from weathertrigger.storage.database import Database
from weathertrigger.storage.told_fields import ToldField

_COLUMNS = ("field_id", "account", "what", "state", "now", "change", "note")
_PATIENCE_SECONDS = 10.0
_LOOK_SECONDS = 0.25


def show_carried_out(database: Database, field_ids: Collection[int], *, output: str, otherwise: str = "") -> None:
    """The fields once their newest decision is carried out, or as they are after a while. `otherwise` is a sentence
    about what to do where no worker is there."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while (waiting := _open(told := _told(database, field_ids))) and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)
    with database.transaction() as tx:
        known = {one.id: one for one in accounts.all_accounts(tx, with_removed=True)}
    rows = [_row(one, known, output) for one in told]
    show_parts(rows, [Part(rows, _COLUMNS)], output=output)
    if waiting:
        say(f"{waiting} of {len(rows)} is still to be done; `automation-cli fields show ID` tells what it waits for.")
        tell_if_nobody_acts(database, otherwise=otherwise)


def _told(database: Database, field_ids: Collection[int]) -> list[ToldField]:
    with database.transaction() as tx:
        return [one for field_id in field_ids for one in told_fields.told(tx, field_id=field_id)]


def _open(told: Collection[ToldField]) -> int:
    return sum(1 for one in told if one.change and one.change.is_open)


def _row(told: ToldField, known: Mapping[str, Account], output: str) -> Row:
    field, change = told.field, told.change
    now = value_in_words(field.confirmed, field.carrier.field, known[field.account_id])
    waits = f"paused: {told.paused}" if told.paused else None
    return {
        "field_id": field.id,
        "account": field.account_id,
        "what": field_in_words(field.carrier.resource, field.carrier.field),
        "state": field.state.value,
        "now": now if output == "table" else field.confirmed,
        "change": change.state.value if change else None,
        "note": (waits or change.error) if change and change.is_open else field.held_reason,
    }
