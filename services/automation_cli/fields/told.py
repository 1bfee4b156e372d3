"""A field in the words of people."""

from services.automation_cli.field_values import field_in_words, value_in_words
from services.automation_cli.output import Row
from weathertrigger.domain.change import FieldState
from weathertrigger.operations.look_at_fields import value_wanted
from weathertrigger.storage.accounts import Account
from weathertrigger.storage.told_fields import ToldField


def row_of(told: ToldField, account: Account, output: str) -> Row:
    """What there is to know of the field itself; money in JSON is in the platform's own unit."""
    field = told.field
    desired = value_wanted(told, account)
    values = {
        "baseline": field.baseline if field.state is not FieldState.FREE else None,
        "confirmed": field.confirmed if field.state is not FieldState.FREE else None,
        "wanted": desired.value if desired else None,
    }
    if output == "table":
        values = {name: value_in_words(value, field.carrier.field, account) for name, value in values.items()}
    return {
        "id": field.id,
        "account": account.id,
        "resource": field.carrier.resource,
        "field": field.carrier.field.value,
        "what": field_in_words(field.carrier.resource, field.carrier.field),
        "state": field.state.value,
        "rule": field.winner.rule_id if field.winner else None,
        **values,
        "arithmetic": desired.arithmetic if desired else None,
        "next_look": field.next_at,
        "paused": told.paused,
        "held_reason": field.held_reason,
        "note": note_of(told),
    }


def note_of(told: ToldField) -> str | None:
    """What stands between the field and what is wanted of it, if anything does."""
    field, change = told.field, told.change
    if field.state is FieldState.HELD:
        return f"held: {field.held_reason}"
    if change and change.is_open:
        waits = f"paused: {told.paused}" if told.paused else change.error
        return f"{change.state}, {waits}" if waits else change.state.value
    if field.suspect is not None:
        return "seen with a value that is not ours; a second look follows"
    if change and change.error and field.state is not FieldState.FREE:
        return f"{change.state}: {change.error}"
    return f"paused: {told.paused}" if told.paused and field.state is not FieldState.FREE else None
