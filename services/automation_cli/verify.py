"""`automation-cli verify`: where a platform differs from what the engine wants; writes nothing (semantics 29)."""

from collections.abc import Sequence

import click

from services.automation_cli.completing import completed_by
from services.automation_cli.connections import connect_database, read_cli_settings
from services.automation_cli.field_values import field_in_words, value_in_words
from services.automation_cli.output import Row, cell, output_option, say, show
from services.automation_cli.outside_world import connect_ad_gates
from services.automation_cli.refusals import Differing, Faulty
from weathertrigger.domain.change import FieldState
from weathertrigger.errors import NotThere
from weathertrigger.operations.look_at_fields import Look, look_at_fields, value_wanted
from weathertrigger.outside.ads import ad_platforms
from weathertrigger.platforms.resource_names import in_words
from weathertrigger.storage import accounts, told_fields
from weathertrigger.storage.accounts import Account
from weathertrigger.storage.told_fields import ToldField

_MOST_IDLE = 20
_COLUMNS = ("field_id", "account", "what", "state", "rule", "wanted", "shown", "why")


@click.command()
@click.option(
    "--account", metavar="ID", shell_complete=completed_by(accounts.beginning_with), help="Only this ad account."
)
@click.option("--every", is_flag=True, help="Show those too that are as they should be.")
@output_option
def verify(account: str | None, output: str, *, every: bool) -> None:
    """Read every field that the engine has to do with, and list where the platform differs from what it wants.

    Also what a person has changed a moment ago, which the engine itself notices at the field's next look, within the
    hour. Writes nothing, and needs no worker. Exit code 0 if all is as wanted, 1 if something differs, 6 if something
    could not be read. What is as wanted and does not run all the same, because its campaign is paused, is said too.
    """
    settings = read_cli_settings()
    database = connect_database(settings)
    with database.transaction() as tx:
        known = {one.id: one for one in accounts.all_accounts(tx)}
        if account is not None and account not in known:
            raise NotThere(f"There is no ad account {account!r}; `automation-cli accounts list` shows them.")
        told = [one for one in told_fields.told(tx, account_id=account, in_use=True) if one.field.account_id in known]
    looks = look_at_fields(
        [one.field for one in told], known, ad_platforms(settings), connect_ad_gates(settings, database)
    )
    rows = [_row(one, look, known[one.field.account_id], output) for one, look in zip(told, looks, strict=True)]
    shown = [row for row in rows if every or row["verdict"] != "same"]
    show(shown, output=output, columns=_COLUMNS, empty=f"Looked at {len(rows)} field(s): all are as they should be.")
    _tell_held(told)
    _tell_idle(looks)
    _judge(rows)


def _tell_held(told: Sequence[ToldField]) -> None:
    """What is held is as a person wants it, and not as a rule does: neither a difference nor nothing."""
    if held := sum(one.field.state is FieldState.HELD for one in told):
        say(f"{held} of them held for a person: `automation-cli fields list --state held` names them.")


def _tell_idle(looks: Sequence[Look]) -> None:
    """What does not run though it is enabled: no difference, for no rule sets that, and yet what somebody looks for."""
    idle = {
        f"{look.field.account_id} {in_words(look.field.carrier.resource)}": look.observed.obstacle
        for look in looks
        if look.observed and look.observed.obstacle
    }
    for name, obstacle in list(idle.items())[:_MOST_IDLE]:
        say(f"{name} does not run all the same: {obstacle}.")
    if len(idle) > _MOST_IDLE:
        say(f"Nor do {len(idle) - _MOST_IDLE} more; `--every --output json` names them.")


def _judge(rows: Sequence[Row]) -> None:
    """
    Raises:
        Faulty: something could not be read.
        Differing: something differs.
    """
    counted = {verdict: sum(row["verdict"] == verdict for row in rows) for verdict in ("unread", "differs")}
    if counted["unread"]:
        raise Faulty(f"{counted['unread']} of {len(rows)} field(s) could not be read.")
    if counted["differs"]:
        raise Differing(f"{counted['differs']} of {len(rows)} field(s) differ.")


def _row(told: ToldField, look: Look, account: Account, output: str) -> Row:
    field = told.field
    seen = look.observed.value if look.observed else None
    desired = value_wanted(told, account, seen)
    wanted = desired.value if desired else None
    verdict = "unread" if look.observed is None else "same" if wanted is None or wanted == seen else "differs"
    if output == "table":
        wanted, seen = (value_in_words(value, field.carrier.field, account) for value in (wanted, seen))
    return {
        "field_id": field.id,
        "account": account.id,
        "resource": field.carrier.resource,
        "field": field.carrier.field.value,
        "what": field_in_words(field.carrier.resource, field.carrier.field),
        "state": field.state.value,
        "rule": field.winner.rule_id if field.winner else None,
        "wanted": wanted,
        "shown": seen,
        "verdict": verdict,
        "obstacle": look.observed.obstacle if look.observed else None,
        "why": look.why or _why(told, verdict),
    }


def _why(told: ToldField, verdict: str) -> str | None:
    field, change = told.field, told.change
    if field.state is FieldState.HELD:
        return f"held: {field.held_reason}"
    if verdict == "same":
        return None
    if told.paused:
        return f"paused: {told.paused}"
    when = f"next look {cell(field.next_at)} UTC" if field.next_at else "no look is planned"
    if change and change.is_open:
        return f"{change.state}, {when}" + (f"; so far: {change.error}" if change.error else "")
    if change and change.error:
        return f"{change.state}: {change.error}; {when}"
    return f"somebody else may have changed it; {when}"
