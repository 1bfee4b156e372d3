"""How late the claim and the recorded row are for rules whose times are spread over one second."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.benchmarks.claims import Claims
from tests.benchmarks.fleet import Fleet, make_all_due, rule_id
from tests.benchmarks.ground import NAMESPACE, Ground, scheduler
from tests.benchmarks.waiting import wait_for
from weathertrigger.broker import connect_redis
from weathertrigger.clock import utc_now
from weathertrigger.instants import to_ms
from weathertrigger.schedule.bells import Bells
from weathertrigger.storage import rules
from weathertrigger.storage.database import Database

_RULES = 1000
_SCOUT = rule_id(0)  # tells that the scheduler is awake
_UNTIL_THE_FIRST = timedelta(seconds=1)
_SPREAD = """
UPDATE automation_rules r SET next_slot_at = from_ms(n.due)
FROM unnest(%(ids)s::text[], %(dues)s::bigint[]) AS n (id, due) WHERE r.id = n.id
"""
_FAR_OFF = "UPDATE automation_rules SET next_slot_at = next_slot_at + interval '2 days'"
_COMMITTED = """
SELECT rule_id, extract(epoch FROM min(pg_xact_commit_timestamp(xmin)))::float8 AS at
FROM automation_executions WHERE rule_id = ANY(%(ids)s) GROUP BY rule_id
"""


@dataclass(frozen=True, slots=True)
class Spread:
    """Milliseconds after the due time."""

    median: float
    p99: float
    worst: float

    def document(self) -> dict[str, float]:
        """As JSON."""
        return {"p50": self.median, "p99": self.p99, "max": self.worst}

    def __str__(self) -> str:
        return f"median {self.median:6.1f} ms, p99 {self.p99:6.1f} ms, max {self.worst:6.1f} ms"


def measure_lateness(ground: Ground, fleet: Fleet) -> tuple[Spread, Spread]:
    """Of the claims, and of the commits of the executions."""
    make_all_due(ground.postgres.url)
    count = min(_RULES, fleet.rules - 1)
    with (
        closing(Database(ground.postgres.url, application_name="bench")) as database,
        closing(connect_redis(ground.redis.url)) as client,
    ):
        bells = Bells(client, NAMESPACE)
        with database.transaction() as tx:
            tx.execute(_FAR_OFF)
            bells_due = rules.next_checks_of_all(tx)
        bells.set(bells_due)
        with Claims(ground.redis.url, bells.key, first_only=False) as claims, scheduler(ground):
            _make_due(database, bells, {_SCOUT: utc_now()})
            wait_for("the scheduler", lambda: _committed(database, [_SCOUT]))
            start = utc_now() + _UNTIL_THE_FIRST
            due = {rule_id(number): start + timedelta(seconds=number / count) for number in range(1, count + 1)}
            _make_due(database, bells, due)
            wait_for("the spread checks", lambda: len(_committed(database, list(due))) == count)
        committed = _committed(database, list(due))
    ms = {one: to_ms(at) / 1000 for one, at in due.items()}
    return _spread([claims.times[one] - at for one, at in ms.items()]), _spread(
        [committed[one] - at for one, at in ms.items()]
    )


def _make_due(database: Database, bells: Bells, due: Mapping[str, datetime]) -> None:
    with database.transaction() as tx:
        tx.execute(_SPREAD, {"ids": list(due), "dues": [to_ms(at) for at in due.values()]})
    bells.set(due)


def _committed(database: Database, ids: Sequence[str]) -> dict[str, float]:
    with database.transaction() as tx:
        return {row.rule_id: row.at for row in tx.rows(_COMMITTED, {"ids": list(ids)})}


def _spread(seconds: Sequence[float]) -> Spread:
    ordered = sorted(1000 * one for one in seconds)
    return Spread(ordered[len(ordered) // 2], ordered[min(len(ordered) * 99 // 100, len(ordered) - 1)], ordered[-1])
