"""`automation-cli dead-letters`: the messages that nobody could work on; look at them, send them again, drop them."""

import json
from collections.abc import Callable, Sequence
from typing import Any as Decorated  # click's decorators keep the signature only of what they do not know

import click

from services.automation_cli.asking import ask, yes_option
from services.automation_cli.by_whom import who
from services.automation_cli.command_group import CommandGroup
from services.automation_cli.connections import connect_database, connect_schedule, database_here, read_cli_settings
from services.automation_cli.output import output_option, say, show, show_one
from services.automation_cli.refusals import LettersStay
from services.automation_cli.watching import watch_option
from services.automation_cli.whole_number import WholeNumber
from weathertrigger.errors import NotThere, UsageError
from weathertrigger.operations.retry_dead_letters import retry as send_again
from weathertrigger.storage import audit_log
from weathertrigger.storage import dead_letters as storage
from weathertrigger.storage.audit_log import Deed
from weathertrigger.storage.database import Row, Transaction

_COLUMNS = ("id", "created_at", "queue", "actor", "reason")
_ID = WholeNumber(1, 2**63 - 1)
_AT_ONCE = 1000


def _chosen(command: Callable[..., Decorated]) -> Callable[..., Decorated]:
    """`ID...` or `--all`, as the parameters `letters` and `everything`."""
    ids = click.argument("letters", metavar="ID...", nargs=-1, type=_ID)
    return ids(click.option("--all", "everything", is_flag=True, help="All of them, instead of ID...")(command))


@click.group("dead-letters", cls=CommandGroup)
def dead_letters() -> None:
    """Messages that nobody could work on: list, show, retry, drop."""


@dead_letters.command("list")
@click.option("--queue", metavar="NAME", help="Only those of this queue.")
@click.option("--limit", default=20, show_default=True, type=WholeNumber(1, 10_000), help="The newest so many.")
@watch_option
@output_option
def list_letters(queue: str | None, limit: int, output: str) -> None:
    """List the dead letters, the newest first."""
    with database_here().transaction() as tx:
        rows = [row._asdict() for row in storage.listed(tx, queue=queue, limit=limit)]
    show(rows, output=output, columns=_COLUMNS, empty="There are no dead letters.")


@dead_letters.command("show")
@click.argument("letter", metavar="ID", type=_ID)
@output_option
def show_letter(letter: int, output: str) -> None:
    """Show everything that is known of dead letter ID."""
    with database_here().transaction() as tx:
        _refuse_unknown(tx, [letter])
        found = storage.get(tx, [letter])[0]._asdict()
    show_one(found if output == "json" else {**found, "body": _pretty(found["body"])}, output=output)


@dead_letters.command("retry")
@_chosen
def retry_letters(letters: Sequence[int], *, everything: bool) -> None:
    """Send dead letters ID... to their queues again, and forget them.

    A letter that its actor would refuse again stays, and the exit code is 5; the others are sent all the same. With an
    ID that does not exist nothing is sent.
    """
    settings = read_cli_settings()
    database = connect_database(settings)
    _, broker = connect_schedule(settings)
    with database.transaction() as tx:
        chosen = _choose(tx, letters, everything=everything)
    sent, refused = 0, 0
    for start in range(0, len(chosen), _AT_ONCE):
        with database.transaction() as tx:
            kept = storage.get(tx, chosen[start : start + _AT_ONCE])
            done = send_again(tx, broker, [row.id for row in kept])
            _record(tx, "retry", [row for row in kept if row.id in done.sent])
        sent += len(done.sent)
        refused += len(done.refused)
        for letter, why in done.refused.items():
            say(f"Dead letter {letter} stays: {why}")
    say(f"{sent} sent again.")
    if refused:
        raise LettersStay(f"{refused} of {len(chosen)} cannot be sent again; `dead-letters drop` forgets them.")


@dead_letters.command("drop")
@_chosen
@yes_option
def drop_letters(letters: Sequence[int], *, everything: bool, yes: bool) -> None:
    """Forget dead letters ID... for good. Asks first; where nobody can answer, it wants --yes.

    With an ID that does not exist nothing is dropped.
    """
    database = database_here()
    with database.transaction() as tx:
        chosen = _choose(tx, letters, everything=everything)
    if chosen:
        ask(f"Drop {len(chosen)} dead letter(s) for good?", yes=yes)
    with database.transaction() as tx:
        _record(tx, "drop", storage.get(tx, [row.id for row in storage.lock(tx, chosen)]))
        storage.remove(tx, chosen)
    say(f"{len(chosen)} dropped.")


def _record(tx: Transaction, what: str, letters: Sequence[Row]) -> None:
    deeds = [
        Deed(f"dead letter {row.id}", {"queue": row.queue, "actor": row.actor, "reason": row.reason}, None)
        for row in letters
    ]
    audit_log.record_all(tx, deeds, who=who(), what=f"dead-letters {what}")


def _choose(tx: Transaction, letters: Sequence[int], *, everything: bool) -> list[int]:
    if everything == bool(letters):
        raise UsageError("Say either which dead letters (ID...) or --all.")
    if everything:
        return storage.ids(tx)
    _refuse_unknown(tx, letters)
    return sorted(set(letters))


def _refuse_unknown(tx: Transaction, letters: Sequence[int]) -> None:
    known = {row.id for row in storage.get(tx, letters)}
    for letter in letters:
        if letter not in known:
            raise NotThere(f"There is no dead letter {letter}; `automation-cli dead-letters list` lists them.")


def _pretty(body: str) -> str:
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return body
