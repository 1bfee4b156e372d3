"""`automation-cli go-live` and `dry-run`: the switches of installation, accounts and rules (semantics 27)."""

from collections.abc import Iterator

import click

from services.automation_cli.asking import ask, yes_option
from services.automation_cli.by_whom import who
from services.automation_cli.connections import (
    Settings,
    connect_database,
    connect_schedule,
    read_cli_settings,
    ringing,
)
from services.automation_cli.field_values import field_in_words, value_in_words
from services.automation_cli.output import Part, Row, output_option, say, show_parts
from services.automation_cli.outside_world import connect_ad_gates
from services.automation_cli.scope_choice import require_there, scope_options
from weathertrigger.day_cap import DayCap
from weathertrigger.domain.change import AdField, FieldState
from weathertrigger.domain.rule import Mode, SetStatus, Status
from weathertrigger.doorbells import ring_accounts
from weathertrigger.operations import switch_modes
from weathertrigger.operations.look_at_fields import look_at_fields, next_step
from weathertrigger.operations.switch_modes import Switched
from weathertrigger.outside.ads import ad_platforms
from weathertrigger.platforms.registry import MONEY
from weathertrigger.rules.reconcile import Step
from weathertrigger.storage import accounts, checks, modes
from weathertrigger.storage.accounts import Account
from weathertrigger.storage.database import Database
from weathertrigger.storage.pauses import Covered, Scope

_COLUMNS = ("account", "what", "rule", "now", "then", "note")


@click.command("go-live")
@scope_options
@yes_option
@output_option
def go_live(covered: Covered, output: str, *, yes: bool) -> None:
    """Let changes be made: by the installation (--all), the accounts of a user, an account, or a rule.

    Lists first what would be changed at once, and which targets are paused now and would be enabled when their rule
    fires: to go live is to agree to that. Installation, account and rule must all be live for a change to be made. A
    rules file that says `mode: dry_run` takes a rule back.
    """
    _switch(covered, Mode.LIVE, output, yes=yes, leave=False)


@click.command("dry-run")
@scope_options
@click.option("--leave", is_flag=True, help="Leave what is set as it is, instead of what each `otherwise` says.")
@yes_option
@output_option
def dry_run(covered: Covered, output: str, *, yes: bool, leave: bool) -> None:
    """Make no more changes, only say what they would be: the installation (--all), accounts, or a rule.

    Lists first what would be put back: what rules have set ends as their `otherwise` says, once, unless another
    live rule wants it.
    """
    _switch(covered, Mode.DRY_RUN, output, yes=yes, leave=leave)


def _switch(covered: Covered, mode: Mode, output: str, *, yes: bool, leave: bool) -> None:
    settings = read_cli_settings()
    database = connect_database(settings)
    with database.transaction() as tx:
        require_there(tx, covered)
        known = {one.id: one for one in accounts.all_accounts(tx, with_removed=True)}
    foretold = switch_modes.foretell(database, covered, mode)
    rows = list(_rows(foretold, known, settings, database, output, leave=leave))
    show_parts(
        {"mode": mode.value, "of": str(covered), "moves": foretold.moved, "fields": rows},
        [Part(rows, _COLUMNS, "Nothing would be changed now.")],
        output=output,
    )
    word = "live" if mode is Mode.LIVE else "in dry run"
    if not foretold.moved:
        say(f"{_begun(covered)} is {word} already.")
        return
    ask(f"Let {_spoken(covered)} be {word}?", yes=yes)
    done = database.run(lambda tx: switch_modes.switch(tx, covered, mode, who=who(), leave=leave))
    say(f"{_begun(covered)} is {word}.{_still(database, covered) if mode is Mode.LIVE else ''}")
    with ringing():
        ring_accounts(connect_schedule(settings)[1], done.to_ring)


def _still(database: Database, covered: Covered) -> str:
    """What is in dry run all the same."""
    with database.transaction() as tx:
        others = modes.in_dry_run(tx, covered)
    if not others:
        return ""
    return f" Still in dry run: {', '.join(map(_spoken, others))}; `go-live` with {others[0].option} lets it go."


def _spoken(covered: Covered) -> str:
    match covered.scope:
        case Scope.ALL:
            return "the installation"
        case Scope.USER:
            return f"every account of {covered.subject}"
        case _:
            return str(covered)


def _begun(covered: Covered) -> str:
    """As the first words of a sentence."""
    spoken = _spoken(covered)
    return spoken[0].upper() + spoken[1:]


def _rows(
    foretold: Switched, known: dict[str, Account], settings: Settings, database: Database, output: str, *, leave: bool
) -> Iterator[Row]:
    """What happens to each field at once, by the step that ad-action would make of what is there now."""
    with database.transaction() as tx:
        at = checks.clock(tx)
        concerned = [known[one] for one in sorted({field.account_id for field in foretold.fields})]
        day_caps = {one.id: DayCap.read(tx, one.id, one.currency, MONEY[one.platform]) for one in concerned}
    for look in look_at_fields(foretold.fields, known, ad_platforms(settings), connect_ad_gates(settings, database)):
        field, account = look.field, known[look.field.account_id]
        seen = then = look.observed.value if look.observed else None
        note = look.why or ""
        if seen is not None:
            claims = [one.claim for one in foretold.claims[field.id]]
            room = day_caps[account.id].room(field.id, field.carrier.field)
            step = next_step(field, seen, account, at, any_live=any(one.live for one in claims), room=room)
            if step.write and not (leave and field.winner is None):
                then = step.write.value
            enabling = [one.rule_id for one in claims if one.live and one.expression == SetStatus(Status.ENABLED)]
            is_free = leave and field.winner is None and not any(one.live for one in claims)
            note = (_forgotten(field, seen, account) if is_free else None) or _note(step, seen, then, enabling)
        if output == "table":
            seen, then = (value_in_words(value, field.carrier.field, account) for value in (seen, then))
        yield {
            "field_id": field.id,
            "account": account.id,
            "what": field_in_words(field.carrier.resource, field.carrier.field),
            "resource": field.carrier.resource,
            "field": field.carrier.field.value,
            "rule": ", ".join(foretold.rules[field.id]),
            "now": seen,
            "then": then,
            "note": note,
        }


def _forgotten(field: AdField, seen: str, account: Account) -> str | None:
    """Semantics 17: the baseline that a field loses which is left as it is, with no live rule left on it."""
    if field.state is FieldState.FREE or field.baseline in {None, seen}:
        return None
    now, before = (value_in_words(value, field.carrier.field, account) for value in (seen, field.baseline))
    return f"stays; a rule that goes live later counts from {now}, not from {before}"


def _note(step: Step, seen: str, then: str | None, enabling: list[str]) -> str:
    if seen == Status.PAUSED and enabling:
        when = "at once" if then == Status.ENABLED else "when it fires"
        return f"paused now; {', '.join(enabling)} would enable it {when}"
    if seen != then:
        return "changed at once" if step.field.winner else "put back"
    if step.field.suspect is not None:
        return "stays for now: somebody else may have changed it"
    return "stays"
