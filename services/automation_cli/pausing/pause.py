"""`automation-cli pause`: stops every write at once, whatever else is down (semantics 28)."""

import time

import click

from services.automation_cli.by_whom import record, who
from services.automation_cli.connections import connect_schedule, database_here, read_cli_settings, ringing
from services.automation_cli.direct import DIRECTLY, act_directly
from services.automation_cli.nobody_acts import tell_if_nobody_acts
from services.automation_cli.output import cell, output_option, say
from services.automation_cli.pausing.not_put_back import show_not_put_back
from services.automation_cli.refusals import PausedOrNot
from services.automation_cli.scope_choice import require_there, scope_options
from weathertrigger.doorbells import ring_accounts
from weathertrigger.errors import UsageError
from weathertrigger.storage import pauses
from weathertrigger.storage.database import Database, Transaction
from weathertrigger.storage.pauses import Covered

_LONGEST_CALL_SECONDS = 15.0
_LOOK_SECONDS = 0.25


@click.command()
@scope_options
@click.option("--reason", required=True, help="Why, for whoever comes to see that it is paused.")
@click.option("--revert", is_flag=True, help="Still put back what no rule wants any more.")
@click.option("--direct", is_flag=True, help="With --revert: make those calls from here, without Redis and workers.")
@output_option
def pause(covered: Covered, reason: str, output: str, *, revert: bool, direct: bool) -> None:
    """Stop every write to the ad platforms at once: of everything, of a user, of an account or of a rule.

    It is looked at just before each call, also of changes that wait already; it needs nothing but PostgreSQL. Rules are
    checked as ever, and what they want waits until `resume`. Nothing is put back by it: to settle what a rule has done,
    disable the rule. With --revert what no rule wants any more is put back all the same.

    Lists the fields that are not as they were before any rule, with the value that each had. A pause that is there
    already stays (exit code 5), unless --revert makes it another one.
    """
    why = reason_from(reason)
    if direct and not revert:
        raise UsageError("--direct makes the calls that --revert allows: give both.")
    database = database_here()
    stop(database, covered, why, reverts=revert, again=direct)
    say(f"Paused: {covered}. `automation-cli resume {covered.option}` lets it go on.")
    _see_out(database, covered)
    if direct:
        act_directly(_accounts(database, covered))
    try:
        if revert and not direct:
            with ringing(otherwise=DIRECTLY):
                ring_accounts(connect_schedule(read_cli_settings())[1], _accounts(database, covered))
            tell_if_nobody_acts(database, otherwise=DIRECTLY)
    finally:
        show_not_put_back(database, covered, output=output)


def reason_from(text: str) -> str:
    """
    Raises:
        UsageError: it is not a line of text.
    """
    why = text.strip()
    if not why or not why.isprintable():
        raise UsageError("A reason is a line of text.")
    return why


def stop(database: Database, covered: Covered, why: str, *, reverts: bool = False, again: bool = False) -> None:
    """Commits the pause. `again`: one that is there already is as good.

    Raises:
        NotThere: there is nothing of the kind.
        PausedOrNot: it is paused like this already.
    """

    def commit(tx: Transaction) -> None:
        require_there(tx, covered)
        before = pauses.get(tx, covered)
        if pauses.pause(tx, covered, reason=why, who=who(), reverts=reverts, loosen=True):
            old = {"paused": before.reason, "reverts": before.reverts} if before else {"paused": None}
            record(tx, "pause", str(covered), old, {"paused": why, "reverts": reverts})
        elif before and not again:
            raise PausedOrNot(
                f"{covered} is paused already: {before.reason} (by {before.who}, {cell(before.since)} UTC)."
            )
        if reverts:
            pauses.bring_forward(tx, covered)

    database.run(commit)


def _see_out(database: Database, covered: Covered) -> None:
    """Waits for the writes that had left before: from then on it is certain that nothing happens any more."""
    deadline = time.monotonic() + _LONGEST_CALL_SECONDS
    told = False
    while left := _on_their_way(database, covered):
        if not told:
            say(f"{left} write(s) had left already; waiting for the answers, at most {_LONGEST_CALL_SECONDS:.0f} s.")
            told = True
        if time.monotonic() > deadline:
            say(
                f"{left} write(s) have no answer: whoever made them is gone. They may have happened; "
                "`automation-cli changes --state calling` names them, `automation-cli verify` looks at the platforms."
            )
            return
        time.sleep(_LOOK_SECONDS)


def _on_their_way(database: Database, covered: Covered) -> int:
    with database.transaction() as tx:
        return len(pauses.on_their_way(tx, covered))


def _accounts(database: Database, covered: Covered) -> dict[str, str]:
    with database.transaction() as tx:
        return pauses.accounts_covered(tx, covered)
