"""`automation-cli stop-worker NAME`: lets workers finish what they do and end, from any host."""

import time
from collections.abc import Collection
from datetime import datetime

import click

from services.automation_cli.by_whom import record
from services.automation_cli.connections import database_here
from services.automation_cli.output import say
from services.automation_cli.refusals import StillRunning
from services.automation_cli.whole_number import WholeNumber
from weathertrigger.errors import NotThere
from weathertrigger.storage import worker_registry
from weathertrigger.storage.database import Database, Row
from weathertrigger.storage.worker_registry import WorkerStatus

_LOOK_SECONDS = 0.2


@click.command("stop-worker")
@click.argument("name")
@click.option(
    "--timeout",
    default=90,
    show_default=True,
    type=WholeNumber(0, 86_400),
    metavar="SECONDS",
    help="Wait no longer than so.",
)
def stop_worker(name: str, timeout: int) -> None:
    """Stop the workers called NAME (or NAME/service/1), wherever they run, and wait until they have.

    They take no new jobs, finish those that they are doing, and exit with 0. Nothing is lost if they cannot.
    """
    database = database_here()
    with database.transaction() as tx:
        known = worker_registry.listed(tx, name)
        for worker_id in worker_registry.ask_to_stop(tx, name):
            record(tx, "stop-worker", f"worker {worker_id}", None, {"requested": str(WorkerStatus.STOPPED)})
    if not known:
        raise NotThere(f"There is no worker {name!r}; `automation-cli list-workers` lists them.")
    running = [row for row in known if row.alive and row.status != WorkerStatus.STOPPED]
    if not running:
        say(f"No worker {name} is running.")
        return
    say(f"Stopping {', '.join(row.worker_id for row in running)} ...")
    _wait(database, name, {(row.worker_id, row.started_at) for row in running}, timeout)
    say("Stopped.")


def _wait(database: Database, name: str, asked: Collection[tuple[str, datetime]], timeout: int) -> None:
    """Until none of these (name and start) is alive; one that somebody has started anew under its name is another.

    Raises:
        StillRunning: the time is over.
    """
    deadline = time.monotonic() + timeout
    while left := [row for row in _listed(database, name) if (row.worker_id, row.started_at) in asked and row.alive]:
        if time.monotonic() > deadline:
            jobs = sum(row.current_jobs for row in left)
            names = ", ".join(row.worker_id for row in left)
            raise StillRunning(f"Still running after {timeout} s, with {jobs} job(s) at work: {names}.")
        time.sleep(_LOOK_SECONDS)


def _listed(database: Database, name: str) -> list[Row]:
    with database.transaction() as tx:
        return worker_registry.listed(tx, name)
