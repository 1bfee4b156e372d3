"""`automation-cli resume`: ends a pause; what waited goes on."""

import click

from services.automation_cli.by_whom import record
from services.automation_cli.connections import connect_schedule, database_here, read_cli_settings, ringing
from services.automation_cli.output import output_option, say, show_document
from services.automation_cli.refusals import PausedOrNot
from services.automation_cli.scope_choice import require_there, scope_options
from weathertrigger.doorbells import ring_accounts
from weathertrigger.storage import pauses
from weathertrigger.storage.database import Transaction
from weathertrigger.storage.pauses import Covered, Pause, Scope


@click.command()
@scope_options
@output_option
def resume(covered: Covered, output: str) -> None:
    """Let writes go out again: what the rules want by now is due at once, what they no longer want is not made up for.

    Ends the pause of exactly what is named; one that covers more, or less, stays.
    """
    still = go_on(covered)
    if output == "json":
        document = [{"of": str(one.covered), "reason": one.reason, "reverts": one.reverts} for one in still]
        show_document({"resumed": str(covered), "still_paused": document})


def go_on(covered: Covered) -> list[Pause]:
    """Ends the pause and rings; gives the pauses that cover some of it still.

    Raises:
        NotThere: there is nothing of the kind.
        PausedOrNot: there is no such pause.
    """
    database = database_here()
    others = database.run(lambda tx: _end(tx, covered))
    say(f"{_sentence_begin(covered)} goes on." + "".join(f" But {_still(one)}" for one in others))
    with database.transaction() as tx:
        concerned = pauses.accounts_covered(tx, covered)
    with ringing():
        ring_accounts(connect_schedule(read_cli_settings())[1], concerned)
    return others


def _end(tx: Transaction, covered: Covered) -> list[Pause]:
    """Ends it; gives the pauses that cover some of it still."""
    require_there(tx, covered)
    ended = pauses.end(tx, covered)
    others = _touching(tx, covered)
    if ended is None:
        why = "".join(f" But {_still(one)}" for one in others)
        raise PausedOrNot(f"There is no pause of {covered}.{why}")
    record(tx, "resume", str(covered), {"paused": ended.reason, "reverts": ended.reverts}, {"paused": None})
    return others


def _touching(tx: Transaction, covered: Covered) -> list[Pause]:
    listed = pauses.listed(tx)
    if covered.scope is Scope.ALL:
        return listed
    if covered.scope is Scope.ACCOUNT:
        return pauses.of_account(tx, covered.subject)
    return [one for one in listed if one.covered.scope is Scope.ALL]


def _still(pause: Pause) -> str:
    """A sentence; the reason of some ends with a full stop."""
    return f"{pause.covered} is still paused: {pause.reason.removesuffix('.')}."


def _sentence_begin(covered: Covered) -> str:
    return "Everything" if covered.scope is Scope.ALL else covered.subject
