"""`automation-cli fields release FIELD`."""

import click

from services.automation_cli.by_whom import who
from services.automation_cli.carried_out import show_carried_out
from services.automation_cli.connections import connect_database, connect_schedule, read_cli_settings, ringing
from services.automation_cli.fields.chosen import field_argument, told_field
from services.automation_cli.output import output_option
from services.automation_cli.refusals import FieldNotSo
from weathertrigger.doorbells import ring_accounts
from weathertrigger.operations import field_orders


@click.command()
@field_argument
@output_option
def release(field: int, output: str) -> None:
    """Give FIELD, which a person changed or an `undo` put back, to the rules again.

    The value that a person wanted is its baseline from now on: percentages count from it, and it comes back at the end.
    A field that is not held is left as it is (exit code 5).
    """
    settings = read_cli_settings()
    database = connect_database(settings)
    with database.transaction() as tx:
        told, account = told_field(tx, field)
        if field_orders.release(tx, field, who()) is None:
            raise FieldNotSo(f"Field {field} is {told.field.state}, and not held: the rules have it already.")
    with ringing():
        ring_accounts(connect_schedule(settings)[1], {account.id: account.platform})
    show_carried_out(database, [field], output=output)
