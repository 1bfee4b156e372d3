"""`automation-cli rate-limit-stats`: how much of each service's limit was used."""

from collections.abc import Sequence

import click

from services.automation_cli.connections import connect_database, read_cli_settings
from services.automation_cli.output import Row, output_option, show
from services.automation_cli.watching import watch_option
from weathertrigger.call_limits import CALL_LIMITS
from weathertrigger.rule_files.durations import spoken
from weathertrigger.storage import api_calls
from weathertrigger.storage.database import Row as Used

_COLUMNS = ("service", "account", "used", "limit", "window", "left", "oldest_out_at", "waiting")


@click.command("rate-limit-stats")
@watch_option
@output_option
def rate_limit_stats(output: str) -> None:
    """Show how many API calls were made in the window of each service's limit, and how many are left.

    Calls are counted when they are made, by the hour; an hour that lies partly in the window counts whole, so that
    `used` may be too high and is never too low. At `oldest_out_at` the oldest of them have left the
    window. Nothing is enforced here, and calls that others make with the same keys are not known.

    Meta's limit is one of each account. Google's and OpenWeather's are of all accounts together: the line without an
    account. `waiting`: ad fields whose change waits for a later time, as a rule because a platform asked for it.
    """
    windows = {service: limit.window for service, limit in CALL_LIMITS.items()}
    with connect_database(read_cli_settings()).transaction() as tx:
        found = api_calls.used(tx, windows)
    rows = [row for service in CALL_LIMITS for row in _of(service, [one for one in found if one.service == service])]
    show(rows, output=output, columns=_COLUMNS, empty="")


def _of(service: str, found: Sequence[Used]) -> list[Row]:
    """The lines of one service: each account, and all together where they share one limit."""
    limit = CALL_LIMITS[service]
    rows = [_row(service, one.account_id, [one], limited=limit.per_account) for one in found if one.account_id]
    return rows if limit.per_account else [_row(service, None, found, limited=True), *rows]


def _row(service: str, account: str | None, found: Sequence[Used], *, limited: bool) -> Row:
    limit = CALL_LIMITS[service]
    used = sum(one.used for one in found)
    return {
        "service": service,
        "account": account,
        "used": used,
        "limit": limit.calls if limited else None,
        "window": spoken(limit.window),
        "left": max(limit.calls - used, 0) if limited else None,
        "oldest_out_at": min((one.oldest_out_at for one in found if one.oldest_out_at), default=None),
        "waiting": sum(one.waiting for one in found),
    }
