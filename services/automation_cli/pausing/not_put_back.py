"""What is not as it was before any rule, and what becomes of it while a pause lasts."""

from services.automation_cli.field_values import field_in_words, value_in_words
from services.automation_cli.output import Part, Row, say, show_parts
from weathertrigger.domain.change import AdField, FieldState
from weathertrigger.operations.look_at_fields import value_wanted
from weathertrigger.storage import accounts, pauses, told_fields
from weathertrigger.storage.accounts import Account
from weathertrigger.storage.database import Database
from weathertrigger.storage.pauses import Covered, Pause
from weathertrigger.storage.told_fields import ToldField

_COLUMNS = ("account", "what", "now", "before", "rule", "becomes")


def show_not_put_back(database: Database, covered: Covered, *, output: str) -> None:
    """The fields that are not as they were, each with the value that it had and whether anything puts it back."""
    with database.transaction() as tx:
        pause = pauses.get(tx, covered)
        told = [one for one in told_fields.told(tx, covered, in_use=True) if not _is_as_before(one.field)]
        known = {account.id: account for account in accounts.all_accounts(tx, with_removed=True)}
    rows = [_row(one, known[one.field.account_id], pause, output) for one in told]
    document = {"paused": str(covered), "reason": pause and pause.reason, "reverts": pause and pause.reverts}
    show_parts(
        {**document, "not_as_before": rows},
        [Part(rows, _COLUMNS, "Every field is as it was before any rule.")],
        output=output,
    )
    if rows and output == "table":
        say("To put one back by hand, set it on the platform to the value under `before`.")


def _is_as_before(field: AdField) -> bool:
    if field.state is FieldState.FREE:
        return True
    return field.confirmed == field.baseline and field.attempted in {None, field.baseline}


def _row(told: ToldField, account: Account, pause: Pause | None, output: str) -> Row:
    field, carrier = told.field, told.field.carrier
    values = {"now": field.confirmed, "before": field.baseline, "wanted": _wanted(told, account)}
    spoken = {name: value_in_words(value, carrier.field, account) for name, value in values.items()}
    return {
        "account": account.id,
        "what": field_in_words(carrier.resource, carrier.field),
        "resource": carrier.resource,
        "field": carrier.field.value,
        "state": field.state.value,
        **(spoken if output == "table" else values),
        "rule": field.winner.rule_id if field.winner else None,
        "becomes": _becomes(told, spoken, pause),
    }


def _wanted(told: ToldField, account: Account) -> str | None:
    desired = value_wanted(told, account)
    return desired.value if desired else None


def _becomes(told: ToldField, spoken: Row, pause: Pause | None) -> str:
    """What is to be expected of the field, in the words of people; `spoken` are its values."""
    field = told.field
    if field.held_reason and field.ordered is None:
        return f"stays: {field.held_reason}"
    reverts = pause is not None and pause.reverts
    is_so = field.winner is not None and spoken["wanted"] == spoken["now"]
    if field.winner and is_so and reverts:
        return f"stays: rule {field.winner.rule_id} wants it so"
    otherwise = f"rule {field.winner.rule_id} wants {spoken['wanted']}" if field.winner and not is_so else None
    if told.paused is None:
        if field.state is FieldState.LEFT:
            return "stays: a rule left it so"
        trouble = told.change.error if told.change and told.change.error else None
        return f"is put back; so far: {trouble}" if trouble else "is put back"
    if pause and reverts and (field.winner is None or told.paused != pause.reason):
        return "; ".join(filter(None, ("for you: set it by hand", otherwise, told.paused)))
    return "; ".join(filter(None, ("stays while the pause lasts", otherwise)))
