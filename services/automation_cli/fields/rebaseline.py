"""`automation-cli fields rebaseline FIELD`."""

import click

from services.automation_cli.asking import ask, yes_option
from services.automation_cli.by_whom import who
from services.automation_cli.carried_out import show_carried_out
from services.automation_cli.connections import connect_database, connect_schedule, read_cli_settings, ringing
from services.automation_cli.field_values import field_in_words, value_in_words
from services.automation_cli.fields.chosen import field_argument, told_field
from services.automation_cli.output import output_option
from services.automation_cli.outside_world import connect_ad_gates
from services.automation_cli.refusals import Drifted, Faulty, FieldNotSo
from weathertrigger.domain.change import AdField, FieldState
from weathertrigger.doorbells import ring_accounts
from weathertrigger.operations import field_orders
from weathertrigger.operations.look_at_fields import look_at_fields
from weathertrigger.outside.ads import ad_platforms
from weathertrigger.rules.by_people import refusal_to_rebaseline
from weathertrigger.storage.accounts import Account


@click.command()
@field_argument
@yes_option
@output_option
def rebaseline(field: int, output: str, *, yes: bool) -> None:
    """Let the value that the platform shows now be what FIELD was before any rule.

    It is what comes back at the end: a field that is being put back stays as it is. Refused (exit code 5) where it
    would mean something else: while a rule changes the field by a percentage, while it is held, and while it is free.
    """
    settings = read_cli_settings()
    database = connect_database(settings)
    with database.transaction() as tx:
        told, account = told_field(tx, field)
    if refusal := refusal_to_rebaseline(told.field):
        raise FieldNotSo(f"The baseline of field {field} stays: {refusal}.")
    (look,) = look_at_fields(
        [told.field], {account.id: account}, ad_platforms(settings), connect_ad_gates(settings, database)
    )
    if look.observed is None:
        raise Faulty(f"Field {field} cannot be read: {look.why}")
    observed = look.observed.value
    ask(_question(told.field, observed, account), yes=yes)
    if database.run(lambda tx: field_orders.rebaseline(tx, told.field, observed, who())) is None:
        raise Drifted(f"Field {field} was decided anew meanwhile; nothing was done. Look again, then repeat it.")
    with ringing():
        ring_accounts(connect_schedule(settings)[1], {account.id: account.platform})
    show_carried_out(database, [field], output=output)


def _question(field: AdField, observed: str, account: Account) -> str:
    old, new = (value_in_words(value, field.carrier.field, account) for value in (field.baseline, observed))
    what = field_in_words(field.carrier.resource, field.carrier.field)
    at_the_end = " at the end of the rule" if field.state is FieldState.OWNED else ""
    return f"{account.id} {what}: let {new} be what comes back{at_the_end}, in the place of {old}?"
