"""How late checks are claimed, handed on and recorded: each alone, over one second, and all at one instant."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.benchmarks.aim import Aim
from tests.benchmarks.claims import Claims
from tests.benchmarks.fleet import Fleet, make_all_due, rule_id
from tests.benchmarks.ground import NAMESPACE, Ground, scheduler
from tests.benchmarks.section import Section
from tests.benchmarks.spread import Spread, spread_of
from tests.benchmarks.waiting import wait_for
from weathertrigger.broker import connect_redis, queue_key
from weathertrigger.clock import utc_now
from weathertrigger.instants import to_ms
from weathertrigger.queues import WEATHER
from weathertrigger.schedule.bells import Bells
from weathertrigger.storage import rules
from weathertrigger.storage.database import Database

_SCOUT = rule_id(0)  # tells that the scheduler is awake
_UNTIL_THE_FIRST = timedelta(seconds=1)
_ALONE = 300
_ALONE_GAP_S = 0.15  # on average; a check has been recorded long before
_GOLDEN = 0.618034  # steps of it hit every moment of a gap alike, so no poll of the engine can fall in step
_TOGETHER = 1000
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
class Lateness:
    """Of some checks, after their due times: claimed, in the queue of the weather-fetcher, and committed."""

    claimed: Spread
    queued: Spread
    recorded: Spread


def measure_lateness(ground: Ground, fleet: Fleet) -> Section:
    """Three times, from a quiet engine."""
    alone = _late(ground, fleet, [_ALONE_GAP_S * (one + one * _GOLDEN % 1) for one in range(_ALONE)])
    spread = _late(ground, fleet, [one / _TOGETHER for one in range(_TOGETHER)])
    at_once = _late(ground, fleet, [0.0] * _TOGETHER)
    told = {"alone": alone, "over_one_second": spread, "at_one_instant": at_once}
    return Section(
        title="lateness of checks that are due each alone, spread over one second, and all at one instant",
        lines=[line for name, lateness in told.items() for line in _lines(name.replace("_", " "), lateness)],
        aims=[
            Aim("start of a check that is due alone, p99", alone.queued.p99, 50, "ms"),
            Aim("recorded row of a check that is due alone, p99", alone.recorded.p99, 500, "ms"),
            Aim(f"start of {_TOGETHER:,} checks over one second, p99", spread.queued.p99, 1000, "ms"),
            Aim(f"start of {_TOGETHER:,} checks at one instant, p99", at_once.queued.p99, 1000, "ms"),
        ],
        numbers={"lateness_ms": {name: _document(lateness) for name, lateness in told.items()}},
    )


def _lines(name: str, lateness: Lateness) -> list[str]:
    return [
        f"{name:<16}claim          {lateness.claimed}",
        f"{'':<16}in the queue   {lateness.queued}",
        f"{'':<16}recorded row   {lateness.recorded}",
    ]


def _document(lateness: Lateness) -> dict[str, object]:
    return {
        "claim": lateness.claimed.document(),
        "in_the_queue": lateness.queued.document(),
        "recorded_row": lateness.recorded.document(),
    }


def _late(ground: Ground, fleet: Fleet, seconds: Sequence[float]) -> Lateness:
    """Of checks that are due so many seconds after a common start."""
    make_all_due(ground.postgres.url)
    with (
        closing(Database(ground.postgres.url, application_name="bench")) as database,
        closing(connect_redis(ground.redis.url)) as client,
    ):
        bells = Bells(client, NAMESPACE)
        with database.transaction() as tx:
            tx.execute(_FAR_OFF)
            bells_due = rules.next_checks_of_all(tx)
        bells.set(bells_due)
        queue = queue_key(NAMESPACE, WEATHER)
        with Claims(ground.redis.url, bells.key, queue, first_only=False) as claims, scheduler(ground):
            _make_due(database, bells, {_SCOUT: utc_now()})
            wait_for("the scheduler", lambda: _committed(database, [_SCOUT]))
            start = utc_now() + _UNTIL_THE_FIRST
            numbered = zip(range(1, fleet.rules), seconds, strict=False)
            due = {rule_id(number): start + timedelta(seconds=after) for number, after in numbered}
            _make_due(database, bells, due)
            wait_for("the checks", lambda: len(_committed(database, list(due))) == len(due), every=0.5)
        committed = _committed(database, list(due))
    ms = {one: to_ms(at) / 1000 for one, at in due.items()}
    return Lateness(
        *(spread_of(times[one] - at for one, at in ms.items()) for times in (claims.times, claims.queued, committed))
    )


def _make_due(database: Database, bells: Bells, due: Mapping[str, datetime]) -> None:
    with database.transaction() as tx:
        tx.execute(_SPREAD, {"ids": list(due), "dues": [to_ms(at) for at in due.values()]})
    bells.set(due)


def _committed(database: Database, ids: Sequence[str]) -> dict[str, float]:
    with database.transaction() as tx:
        return {row.rule_id: row.at for row in tx.rows(_COMMITTED, {"ids": list(ids)})}
