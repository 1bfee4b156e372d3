"""`automation-cli job-stats`: whether the engine keeps up."""

import click

from services.automation_cli.connections import connect_database, read_cli_settings
from services.automation_cli.output import Part, Row, output_option, show_parts
from services.automation_cli.watching import watch_option
from weathertrigger.broker import connect_redis
from weathertrigger.operations.job_stats import JobStats, QueueCounts, job_stats
from weathertrigger.schedule.lateness import Spread


@click.command("job-stats")
@watch_option
@output_option
def job_stats_command(output: str) -> None:
    """Show what is due, what waits and what is late, as it is now.

    \b
    scheduled    checks that have a bell
    due          bells that ring and that no scheduler has claimed yet, and how long the first has rung
    at work      steps (messages) that workers are doing now
    expired      doorbells that came too late to be of use, since the live workers started
    dead         messages that nobody can work on: `automation-cli dead-letters list`
    started      from the due time of a check to its message, in the last hour; one that is begun anew counts anew
    recorded     from the due time of a check to its recorded verdict, in the last hour
    checks/min   recorded in the last five minutes

    Lateness is counted in steps of 5 %, in Redis: it begins anew when Redis loses it.
    """
    settings = read_cli_settings()
    with connect_redis(settings.redis_url) as redis:
        stats = job_stats(connect_database(settings), redis, settings.redis_namespace)
    summary = _summary(stats)
    queues = [{"queue": one.queue, **_counts(one)} for one in stats.queues]
    late = [{"lateness": name, **_spread(one)} for name, one in _ways(stats).items()]
    show_parts(
        _document(stats),
        [
            Part([summary], tuple(summary)),
            Part(queues, ("queue", "waiting", "taken", "oldest_seconds")),
            Part(late, ("lateness", "checks", "p50_ms", "p99_ms")),
        ],
        output=output,
    )


def _document(stats: JobStats) -> dict[str, object]:
    return {
        **_summary(stats),
        "queues": {one.queue: _counts(one) for one in stats.queues},
        "lateness": {name: _spread(one) for name, one in _ways(stats).items()},
    }


def _summary(stats: JobStats) -> Row:
    return {
        "scheduled": stats.bells.scheduled,
        "due": stats.bells.ringing,
        "due_for_seconds": round(stats.bells.longest.total_seconds(), 1),
        "at_work": stats.steps,
        "expired": stats.expired,
        "dead": stats.dead_letters,
        "checks_per_minute": stats.per_minute,
    }


def _counts(one: QueueCounts) -> Row:
    oldest = None if one.oldest is None else round(one.oldest.total_seconds(), 1)
    return {"waiting": one.waiting, "taken": one.taken, "oldest_seconds": oldest}


def _spread(one: Spread) -> Row:
    return {"checks": one.checks, "p50_ms": one.p50, "p99_ms": one.p99}


def _ways(stats: JobStats) -> dict[str, Spread]:
    return {"started": stats.started, "recorded": stats.recorded}
