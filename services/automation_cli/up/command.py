"""`automation-cli up`: everything at once on this machine, and a view of it.

Without settings: embedded PostgreSQL and Redis, the sandbox as the outside world, sample rules.
"""

import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import click

from services.automation_cli.up.data_folder import hold_data_folder
from services.automation_cli.up.ground import Ground
from services.automation_cli.up.interruption import Interrupted, Interruption
from services.automation_cli.up.summary_file import writable_file
from services.automation_cli.up.wish import Wish

_START = "2013-06-06T22:00"
"""Two hours before the rain of the tropical storm Andrea reaches Newark: the first changes come soon."""


def _in_2013(_context: click.Context, _parameter: click.Parameter, value: datetime) -> datetime:
    if value.year != 2013:  # noqa: PLR2004  the recorded year
        raise click.BadParameter("the recorded weather is of the year 2013.")
    return value


@click.command()
@click.option(
    "--data",
    default=".weathertrigger",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Directory of the embedded servers' data, the sandbox's state and the logs.",
)
@click.option(
    "--rules",
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
    help="Rules to apply at the start. Default: examples/newark.yaml; none with real API keys.",
)
@click.option(
    "--speed",
    default=1440.0,
    show_default=True,
    type=click.FloatRange(0, 1_000_000),
    help="Replayed seconds in a real one; 1440: a day a minute.",
)
@click.option(
    "--start",
    default=_START,
    show_default=True,
    type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d"]),
    callback=_in_2013,
    help="Where in 2013 the replay starts (UTC).",
)
@click.option("--exit-after-checks", type=click.IntRange(1), metavar="N", help="End after N recorded checks.")
@click.option(
    "--exit-after",
    type=click.FloatRange(0, min_open=True),
    metavar="SECONDS",
    help="End so long after everything was started; exit code 1 if there were fewer than N checks.",
)
@click.option(
    "--summary-json",
    type=click.Path(path_type=Path),
    callback=writable_file,
    help="File for a summary of this run.",
)
def up(
    *,
    data: Path,
    rules: Path | None,
    speed: float,
    start: datetime,
    exit_after_checks: int | None,
    exit_after: float | None,
    summary_json: Path | None,
) -> None:
    """Start everything on this machine and watch it work, until Ctrl-C.

    PostgreSQL and Redis come with it unless DATABASE_URL and REDIS_URL are set. Without API keys the outside world is a
    sandbox that replays real weather; with real ones it is the real one, in dry run.
    """
    interruption = Interruption()
    interruption.listen()
    wish = Wish(
        data=data,
        rules=rules,
        speed=speed,
        start=start,
        checks=exit_after_checks,
        seconds=exit_after,
        summary=summary_json,
    )
    with (
        suppress(Interrupted),
        hold_data_folder(data) as folder,
        Ground(folder, wish, os.environ) as ground,
    ):
        # Imported here: it takes a second, in which the servers and the sandbox start.
        from services.automation_cli.up.run_everything import run_everything  # noqa: PLC0415

        run_everything(wish, ground, os.environ, interruption)
