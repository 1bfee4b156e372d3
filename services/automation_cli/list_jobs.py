"""`automation-cli list-jobs`: the jobs that wait or are being done, and the checks that come next."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import click
from redis import Redis

from services.automation_cli.connections import Settings, connect_database, read_cli_settings
from services.automation_cli.output import Part, Row, output_option, show_parts
from services.automation_cli.spoken_schedule import spoken_schedule
from services.automation_cli.watching import watch_option
from weathertrigger.broker import broker_namespace, connect_redis
from weathertrigger.deliveries.all_queues import all_queues
from weathertrigger.deliveries.keys import QueueKeys
from weathertrigger.deliveries.listing import Job, taken_jobs, waiting_jobs
from weathertrigger.instants import to_ms
from weathertrigger.queues import ActorName
from weathertrigger.schedule.bells import Bells
from weathertrigger.storage import checks, worker_registry
from weathertrigger.storage.database import Database
from weathertrigger.storage.database import Row as Upcoming

_JOBS = ("queue", "state", "worker", "about", "age_seconds", "job")
_CHECKS = ("rule", "owner", "every", "next_check", "state")


@click.command("list-jobs")
@watch_option
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 10_000), help="So many of each kind.")
@output_option
def list_jobs(limit: int, output: str) -> None:
    """List the jobs (messages) that wait in the queues or that a worker has taken, and the checks that come next.

    A check is scheduled, due (its bell rings, or will when the scheduler looks), or at work (somebody has its lease).
    """
    settings = read_cli_settings()
    database = connect_database(settings)
    with connect_redis(settings.redis_url) as redis:
        jobs = _jobs(database, redis, broker_namespace(settings.redis_namespace), limit)
        upcoming = _checks(database, redis, settings, limit)
    show_parts(
        {"jobs": jobs, "checks": upcoming},
        [
            Part(jobs, _JOBS, "No job waits and none is being done."),
            Part(upcoming, _CHECKS, "No check is scheduled."),
        ],
        output=output,
    )


def _jobs(database: Database, redis: Redis, namespace: str, limit: int) -> list[Row]:
    with database.transaction() as tx:
        workers = {row.broker_id: row.worker_id for row in worker_registry.listed(tx) if row.broker_id and row.alive}
    jobs: list[Job] = []
    for queue in all_queues():
        keys = QueueKeys(namespace, queue)
        for broker_id in workers:
            jobs += taken_jobs(redis, keys, broker_id)
        jobs += waiting_jobs(redis, keys, limit)
    return [_job(one, workers) for one in jobs]


def _job(job: Job, workers: Mapping[str, str]) -> Row:
    return {
        "job": job.id,
        "queue": job.queue,
        "actor": _sayable(job.actor),
        "state": str(job.state),
        "worker": workers.get(job.broker_id) if job.broker_id else None,
        "about": _sayable(_about(job)),
        "age_seconds": None if job.age is None else round(job.age.total_seconds(), 1),
    }


def _sayable(text: str) -> str:
    """JSON of a message may have half a surrogate pair, and ours none."""
    return text.encode(errors="backslashreplace").decode()


def _about(job: Job) -> str:
    """What a message is about, as far as it says."""
    try:
        match job.actor:
            case ActorName.APPLY_CHANGES:
                return f"account {job.payload['account_id']}"
            case ActorName.FETCH_WEATHER:
                return _counted(job.payload["places"], checks_at=1)
            case ActorName.EVALUATE_RULES:
                return _counted(job.payload["readings"], checks_at=3)
    except (LookupError, TypeError):
        pass
    return "not readable"


def _counted(parts: Iterable[list[list[list[object]]]], *, checks_at: int) -> str:
    """A check that looks at several places stands under each of them."""
    by_place = [{check[0] for check in part[checks_at]} for part in parts]
    return f"{len(set().union(*by_place))} check(s) of {len(by_place)} place(s)"


def _checks(database: Database, redis: Redis, settings: Settings, limit: int) -> list[Row]:
    with database.transaction() as tx:
        rows = checks.coming(tx, limit)
    bells = Bells(redis, settings.redis_namespace).of([row.id for row in rows])
    return [
        {
            "rule": row.id,
            "owner": row.user_id,
            "every": spoken_schedule(row),
            "next_check": row.next_check_at,
            "state": _state(row, bells.get(row.id)),
        }
        for row in rows
    ]


def _state(row: Upcoming, bell: int | None) -> str:
    due: datetime = row.next_check_at
    if due > row.clock:
        return "scheduled"
    return "at work" if bell is not None and bell > to_ms(due) else "due"
