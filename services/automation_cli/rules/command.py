"""`automation-cli rules`: every rule and where it stands; its subcommands have a file each."""

import click

from services.automation_cli.command_group import CommandGroup
from services.automation_cli.connections import database_here
from services.automation_cli.output import output_option, show
from services.automation_cli.rules.delete import delete
from services.automation_cli.spoken_schedule import spoken_schedule
from services.automation_cli.watching import watch_option
from weathertrigger.storage import rules as storage

_COLUMNS = ("id", "owner", "mode", "state", "since", "every", "next_check", "name")


@click.group(cls=CommandGroup, invoke_without_command=True)
@watch_option
@output_option
def rules(output: str) -> None:
    """List the rules; `rules delete` deletes some."""
    context = click.get_current_context()
    if context.invoked_subcommand is None:
        _list_rules(output)
    elif context.params["watch"] is not None:
        raise click.UsageError("--watch belongs to the list of rules.")


def _list_rules(output: str) -> None:
    with database_here().transaction() as tx:
        rows = storage.listed(tx)
    shown = [
        {
            "id": row.id,
            "owner": row.user_id,
            "name": row.name,
            "place": row.place_id,
            "other_places": row.other_place_ids or [],
            "every": spoken_schedule(row),
            "priority": row.priority,
            "mode": row.mode if row.enabled else "disabled",
            "state": row.state,
            "case": row.active_case if row.state == "active" else None,
            "since": row.state_since,
            "next_check": row.next_check_at,
            "version": row.version,
            "paused": row.paused,
        }
        for row in rows
    ]
    if output == "table":
        shown = [{**one, "mode": f"{one['mode']}, paused"} if one["paused"] is not None else one for one in shown]
    show(shown, output=output, columns=_COLUMNS, empty="There are no rules; add some with `automation-cli apply FILE`.")


rules.add_command(delete)
