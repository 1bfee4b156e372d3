"""`automation-cli list-workers`: which workers there are, and what they have done."""

from datetime import datetime

import click

from services.automation_cli.connections import database_here
from services.automation_cli.output import Row, output_option, show
from services.automation_cli.watching import watch_option
from weathertrigger.storage import worker_registry
from weathertrigger.storage.database import Row as Listed
from weathertrigger.storage.worker_registry import WorkerStatus, is_late

_COLUMNS = (
    "worker",
    "status",
    "host",
    "process",
    "processed",
    "succeeded",
    "failed",
    "expired",
    "current",
    "uptime",
    "last_heartbeat",
)


@click.command("list-workers")
@watch_option
@output_option
def list_workers(output: str) -> None:
    """List the workers of every host, with their jobs since they started (a job is a message).

    The status is starting, running, stopping or stopped; `lost` for one that ended without a word, `silent` for one
    that is there and has missed its heartbeat twice: it may hang. Stopped workers are forgotten after a week.
    """
    with database_here().transaction() as tx:
        found = worker_registry.listed(tx)
    rows = [_row(one) for one in sorted(found, key=lambda one: (not one.alive, one.worker_id))]
    show(rows, output=output, columns=_COLUMNS, empty="There are no workers; `start-worker` starts some.")


def _row(one: Listed) -> Row:
    ended: datetime = one.clock if one.alive else (one.stopped_at or one.last_heartbeat)
    return {
        "worker": one.worker_id,
        "service": one.service,
        "status": _status(one),
        "host": one.host,
        "process": one.process_id,
        "processed": one.jobs_processed,
        "succeeded": one.jobs_succeeded,
        "failed": one.jobs_failed,
        "expired": one.jobs_expired,
        "current": one.current_jobs,
        "uptime": str(ended - one.started_at).split(".", maxsplit=1)[0],
        "uptime_seconds": round((ended - one.started_at).total_seconds(), 1),
        "started_at": one.started_at,
        "last_heartbeat": one.last_heartbeat,
        "stopped_at": one.stopped_at,
        "asked_to_stop": one.requested_status is not None,
        "alive": one.alive,
    }


def _status(one: Listed) -> str:
    if one.lost or not (one.alive or one.status == WorkerStatus.STOPPED):
        return "lost"
    return "silent" if one.alive and is_late(one) else str(one.status)
