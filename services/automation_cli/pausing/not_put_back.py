"""What is not as it was before any rule, and what becomes of it while a pause lasts."""

from services.automation_cli.field_values import field_in_words, value_in_words
from services.automation_cli.output import Part, Row, say, show_parts
from weathertrigger.storage import accounts, pauses
from weathertrigger.storage.accounts import Account
from weathertrigger.storage.database import Database
from weathertrigger.storage.database import Row as Stored
from weathertrigger.storage.pauses import Covered, Pause

_COLUMNS = ("account", "what", "now", "before", "rule", "becomes")


def show_not_put_back(database: Database, covered: Covered, *, output: str) -> None:
    """The fields that are not as they were, each with the value that it had and whether anything puts it back."""
    with database.transaction() as tx:
        pause = pauses.get(tx, covered)
        stored = pauses.not_put_back(tx, covered)
        known = {account.id: account for account in accounts.all_accounts(tx, with_removed=True)}
    rows = [_row(one, known[one.account], pause, output) for one in stored]
    document = {"paused": str(covered), "reason": pause and pause.reason, "reverts": pause and pause.reverts}
    show_parts(
        {**document, "not_as_before": rows},
        [Part(rows, _COLUMNS, "Every field is as it was before any rule.")],
        output=output,
    )
    if rows and output == "table":
        say("What stays, or is for you: to put it back by hand, set it on the platform to the value under `before`.")


def _row(one: Stored, account: Account, pause: Pause | None, output: str) -> Row:
    spoken = output == "table"
    now, before = (value_in_words(value, one.field, account) if spoken else value for value in (one.now, one.before))
    return {
        "account": one.account,
        "what": field_in_words(one.resource, one.field),
        "resource": one.resource,
        "field": one.field,
        "state": one.state,
        "now": now,
        "before": before,
        "rule": one.rule,
        "becomes": _becomes(one, pause),
    }


def _becomes(one: Stored, pause: Pause | None) -> str:
    if one.held_reason:
        return f"stays: {one.held_reason}"
    if one.rule and pause and pause.reverts:
        return f"stays: rule {one.rule} wants it so"
    if one.paused is None:
        if one.state == "left":
            return "stays: a rule left it so"
        return f"is put back; so far: {one.trouble}" if one.trouble else "is put back"
    if pause and pause.reverts:
        return f"for you: {one.paused}"
    return "stays while the pause lasts"
