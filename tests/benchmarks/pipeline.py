"""The engine itself: all rules due at once, from the first claim to the commit of the last execution."""

from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import datetime, timedelta

from tests.benchmarks.claims import Claims
from tests.benchmarks.cpu_time import cpu_between, cpu_seconds
from tests.benchmarks.fleet import Fleet, make_all_due
from tests.benchmarks.ground import NAMESPACE, Ground, scheduler
from tests.benchmarks.run import Run
from tests.benchmarks.waiting import wait_for
from weathertrigger.broker import connect_redis, queue_key
from weathertrigger.clock import utc_now
from weathertrigger.queues import WEATHER
from weathertrigger.schedule.bells import Bells
from weathertrigger.storage import rules
from weathertrigger.storage.database import Database

_SETTLING_IN = timedelta(seconds=5)  # until the bells: the scheduler has started and swept by then
_RECORDED = """
SELECT count(*) AS rows, count(DISTINCT rule_id) AS rules, count(*) FILTER (WHERE conditions_met IS NULL) AS without,
       sum((execution_metrics ->> 'weatherApiCalls')::int) AS calls, max(pg_xact_commit_timestamp(xmin)) AS last
FROM automation_executions
"""


class NotWhatWasMeant(Exception):
    """The run did something else than what it measures."""


def run_all_checks(ground: Ground, fleet: Fleet, worker_pids: Mapping[str, int]) -> Run:
    """Makes all rules due, rings all bells at one moment, and waits for the last row."""
    make_all_due(ground.postgres.url)
    with (
        closing(Database(ground.postgres.url, application_name="bench")) as database,
        closing(connect_redis(ground.redis.url)) as client,
    ):
        bells = Bells(client, NAMESPACE)
        with database.transaction() as tx:
            due = rules.next_checks_of_all(tx)
        bells.set(dict.fromkeys(due, utc_now() + _SETTLING_IN))
        queue = queue_key(NAMESPACE, WEATHER)
        with Claims(ground.redis.url, bells.key, queue, first_only=True) as claims, scheduler(ground) as scheduler_pid:
            pids = {**scheduler_pid, **worker_pids, **ground.server_pids}
            wait_for("the first claim", lambda: claims.times, every=0.005)
            before = cpu_seconds(pids)
            wait_for("all checks", _are_recorded(database, fleet.rules))
            after = cpu_seconds(pids)
        with database.transaction() as tx:
            row = tx.rows(_RECORDED)[0]
    if row.rules != fleet.rules or row.without or row.calls:
        raise NotWhatWasMeant(f"{row.rules} rules were checked, {row.without} without a verdict, {row.calls} API calls")
    last: datetime = row.last
    return Run(
        checks=row.rows,
        seconds=last.timestamp() - min(claims.times.values()),
        cpu=cpu_between(before, after),
    )


def _are_recorded(database: Database, wanted: int) -> Callable[[], bool]:
    """Counts only when the numbers that were given out say that it is worth it: counting costs time too."""

    def look() -> bool:
        with database.transaction() as tx:
            given = tx.rows("SELECT last_value AS value FROM automation_executions_id_seq")[0].value
            first = tx.rows("SELECT coalesce(min(id), 0) AS value FROM automation_executions")[0].value
            if given - first + 1 < wanted:
                return False
            return bool(tx.rows("SELECT count(*) >= %(n)s AS all FROM automation_executions", {"n": wanted})[0].all)

    return look
