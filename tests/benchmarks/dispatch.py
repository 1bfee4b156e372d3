"""Claim and dispatch on one scheduler: all rules due, and nobody consumes."""

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from math import ceil
from statistics import median
from typing import cast

import psycopg2
from redis import Redis

from services.scheduler.dispatch_due_checks import MOST_CLAIMED, DispatchDueChecks
from services.scheduler.end_poison import EndPoison
from tests.benchmarks.aim import Aim
from tests.benchmarks.fleet import Fleet, make_all_due
from tests.benchmarks.ground import NAMESPACE, Ground
from tests.benchmarks.pipeline import NotWhatWasMeant
from tests.benchmarks.section import Section
from tests.benchmarks.throughput import rate_line
from weathertrigger.broker import connect_redis, make_broker, queue_key
from weathertrigger.queues import WEATHER
from weathertrigger.schedule.bells import Bells
from weathertrigger.storage import rules
from weathertrigger.storage.database import Database
from weathertrigger.storage.queries import load_queries

_QUEUE = queue_key(NAMESPACE, WEATHER)


@dataclass(frozen=True, slots=True)
class _Scheduler:
    """The parts of one, in this process."""

    database: Database
    redis: Redis
    bells: Bells
    due: dict[str, datetime | None]


def measure_dispatch(ground: Ground, fleet: Fleet, runs: int) -> Section:
    """The scheduler's rounds, and in turn the two things that they cannot do without: Redis claiming the same bells,
    and PostgreSQL telling how the same rules stand."""
    make_all_due(ground.postgres.url)
    rates: dict[str, list[float]] = {}
    with (
        closing(Database(ground.postgres.url, application_name="bench")) as database,
        closing(connect_redis(ground.redis.url)) as client,
    ):
        with database.transaction() as tx:
            scheduler = _Scheduler(database, client, Bells(client, NAMESPACE), rules.next_checks_of_all(tx))
        for _ in range(runs):
            for what, seconds in {
                "claim and dispatch": _dispatch_all(scheduler),
                "Redis alone": _claim_all(scheduler),
                "PostgreSQL alone": _ask_all(ground, list(scheduler.due)),
            }.items():
                rates.setdefault(what, []).append(fleet.rules / seconds)
        client.flushall()
    rate, *alone = (median(one) for one in rates.values())
    ratios = dict(zip(("Redis alone", "PostgreSQL alone"), (rate / one for one in alone), strict=True))
    return Section(
        title=f"claim and dispatch of all rules on one scheduler; medians of {runs}",
        lines=[
            *[rate_line(what, one) for what, one in rates.items()],
            *[f"rules to {what:<28}{ratio:>6.2f}" for what, ratio in ratios.items()],
        ],
        aims=[Aim("claim and dispatch on one scheduler", rate, 20_000, "rules/s", at_least=True)],
        numbers={"dispatch": {"rates_per_second": rates, "ratios": ratios}},
    )


def _dispatch_all(scheduler: _Scheduler) -> float:
    """Seconds in rounds. Between them the queue is emptied, or it would soon hold the scheduler back."""
    scheduler.bells.set(scheduler.due)
    end_poison = EndPoison(scheduler.database, scheduler.bells, lambda _: None, "bench")
    broker = make_broker(scheduler.redis, NAMESPACE)
    dispatch = DispatchDueChecks(scheduler.database, scheduler.bells, broker, NAMESPACE, end_poison=end_poison)
    seconds, handed_on = 0.0, 0
    for _ in range(ceil(len(scheduler.due) / MOST_CLAIMED)):
        seconds += _timed(dispatch)
        handed_on += _take_away(scheduler.redis)
    if handed_on != len(scheduler.due):
        raise NotWhatWasMeant(f"{handed_on} of {len(scheduler.due)} checks were handed on")
    return seconds


def _take_away(client: Redis) -> int:
    """Empties the queue; gives the number of checks that were in it."""
    bodies = cast("list[bytes]", client.hvals(f"{_QUEUE}.msgs"))
    client.delete(_QUEUE, f"{_QUEUE}.msgs")
    return sum(body.count(b'"rule-') for body in bodies)


def _claim_all(scheduler: _Scheduler) -> float:
    """Seconds in claims of all bells, as many at a time as the scheduler takes."""
    scheduler.bells.set(scheduler.due)
    seconds, claimed = 0.0, 0
    for _ in range(ceil(len(scheduler.due) / MOST_CLAIMED)):
        started = time.monotonic()
        claimed += len(scheduler.bells.claim(offset_ms=0, most=MOST_CLAIMED).rule_ids)
        seconds += time.monotonic() - started
    if claimed != len(scheduler.due):
        raise NotWhatWasMeant(f"{claimed} of {len(scheduler.due)} bells were claimed")
    return seconds


def _ask_all(ground: Ground, rule_ids: Sequence[str]) -> float:
    """Seconds of PostgreSQL in telling how all rules stand, without what Python makes of the rows."""
    statement = load_queries("checks")["standing"]
    with closing(psycopg2.connect(ground.postgres.url)) as connection, connection.cursor() as cursor:
        seconds = 0.0
        for start in range(0, len(rule_ids), MOST_CLAIMED):
            asked = cursor.mogrify(statement, {"rule_ids": list(rule_ids[start : start + MOST_CLAIMED])})
            seconds += _timed(partial(cursor.execute, asked))
    return seconds


def _timed(work: Callable[[], object]) -> float:
    started = time.monotonic()
    work()
    return time.monotonic() - started
