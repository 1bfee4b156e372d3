"""Long runs in which processes are killed and Redis forgets; an independent checker counts the slots afterwards."""

import os
import random
import time
from collections import Counter, defaultdict
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path
from signal import SIGKILL

import pytest

from services.automation_cli.running import environment_of
from tests.acceptance.up_process import UpProcess, up
from tests.processes import wait_until
from weathertrigger.broker import connect_redis
from weathertrigger.storage.database import Database, Row

pytestmark = pytest.mark.faults

_KILLED = ("scheduler", "weather-fetcher", "rule-evaluator", "ad-action")
_SECONDS = 60
_INTERVAL = timedelta(seconds=2)  # of every rule in the examples
_DONE_WITHIN = timedelta(seconds=45)


def test_killing_a_random_process_every_second_loses_and_repeats_nothing(tmp_path: Path) -> None:
    """For a minute a random service is killed every second, and Redis forgets everything once: every slot is accounted
    for exactly once, on the grid (semantics 11), at most 45 s late."""
    chance = random.Random(20130607)  # noqa: S311 - a run that can be repeated
    with up(tmp_path, MINIMUM_INTERVAL="2") as running:
        running.wait_for(r"check .* met, ")
        environment = environment_of(tmp_path)
        end = time.monotonic() + _SECONDS
        forgets_at = time.monotonic() + _SECONDS / 2
        while time.monotonic() < end:
            _kill(running, chance.choice(_KILLED))
            if forgets_at and time.monotonic() > forgets_at:
                connect_redis(environment["REDIS_URL"]).flushall()
                forgets_at = 0.0
            killed_at = time.monotonic()
            wait_until(lambda since=killed_at: time.monotonic() - since > 1)  # type: ignore[misc]  # bound at once
        with closing(Database(environment["DATABASE_URL"], application_name="checker", size=1)) as database:
            quiet_from = _clock(database)
            wait_until(lambda: _all_checked_since(database, quiet_from + timedelta(seconds=10)), patience_s=60)
            rows = _slots(database)
        assert running.interrupt() == 0
    _check(rows, quiet_from + timedelta(seconds=10))


def _kill(running: UpProcess, service: str) -> None:
    with suppress(ProcessLookupError):
        os.kill(running.pid_of(service), SIGKILL)


def _clock(database: Database) -> datetime:
    now: datetime = database.run(lambda tx: tx.rows("SELECT clock_ms() AS now"))[0].now
    return now


def _all_checked_since(database: Database, since: datetime) -> bool:
    late = "SELECT id FROM automation_rules WHERE next_slot_at <= %(since)s"
    return not database.run(lambda tx: tx.rows(late, {"since": since}))


def _slots(database: Database) -> list[Row]:
    statement = (
        "SELECT rule_id, scheduled_for, coalesced_from, executed_at FROM automation_executions"
        " WHERE trigger = 'slot' ORDER BY rule_id, scheduled_for"
    )
    return database.run(lambda tx: tx.rows(statement))


def _check(rows: list[Row], until: datetime) -> None:
    by_rule = defaultdict(list)
    for row in rows:
        by_rule[row.rule_id].append(row)
    assert by_rule
    for rule_id, checked in by_rule.items():
        accounted: Counter[datetime] = Counter()
        for row in checked:
            slot = row.coalesced_from or row.scheduled_for
            while slot <= row.scheduled_for:
                accounted[slot] += 1
                slot += _INTERVAL
        first = checked[0].coalesced_from or checked[0].scheduled_for
        expected = {first + number * _INTERVAL for number in range((until - first) // _INTERVAL + 1)}
        assert expected - accounted.keys() == set(), f"{rule_id}: missing"
        assert [slot for slot, times in accounted.items() if times > 1] == [], f"{rule_id}: twice"
        assert [slot for slot in accounted if (slot - first) % _INTERVAL] == [], f"{rule_id}: off the grid"
        latest = max(row.executed_at - (row.coalesced_from or row.scheduled_for) for row in checked)
        assert latest <= _DONE_WITHIN, f"{rule_id}: {latest} late"
