"""The merge stands under the locks of its fields, and these are taken in the order of their ids (semantics 19, C2).

Both are shown with many real connections at once: every message decides all fields, in the order that its own rules
name them. Without the lock, the last to decide has not seen the others' verdicts; without the order they wait in a
circle.

Taken away once: without the lock the crowd ends with a wrong winner in the first rounds; with the locks in another
order it is caught in deadlocks, and every way of locking is found out by itself.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest

from tests.integration.changes_model.platform import PlatformInMemory
from tests.integration.engine import WORKER, Engine
from tests.integration.rule_documents import DRY, META, RAIN, Document, budget, rule
from weathertrigger.clock import utc_now
from weathertrigger.domain.change import Carrier
from weathertrigger.domain.rule import FieldName
from weathertrigger.operations.delete_rules import delete_rules

AD_SETS = [f"1{number:03}" for number in range(40)]
CROWD, ROUNDS = 8, 8
DEADLOCKS = "SELECT pg_stat_force_next_flush(), deadlocks FROM pg_stat_database WHERE datname = current_database()"


def fields_of(engine: Engine) -> list[int]:
    """The ids of the fields, in their order. The platform is in memory."""
    carriers = [Carrier(f"ad_set/{one}", FieldName.DAILY_BUDGET) for one in AD_SETS]
    engine.platforms = {"meta_ads": PlatformInMemory(dict.fromkeys(carriers, "5000"), utc_now)}
    engine.apply(rule("first", *map(budget, AD_SETS), enabled=False))
    return [row.id for row in engine.rows("SELECT id FROM ad_fields ORDER BY id")]


def test_many_messages_at_once_decide_as_one_after_the_other(engine: Engine) -> None:
    """Semantics 19: after each round every field has the winner that all stored states together mean, and PostgreSQL
    has ended no deadlock."""
    there = fields_of(engine)
    chance = Random(11)  # noqa: S311 - nothing secret hangs on it
    names = [f"rule-{number}" for number in range(CROWD)]
    for number, name in enumerate(names):
        engine.apply(rule(name, *map(budget, chance.sample(AD_SETS, len(AD_SETS))), priority=number))
    with ThreadPoolExecutor(CROWD) as crowd:
        for _ in range(ROUNDS):
            weather = {name: chance.choice((RAIN, DRY)) for name in names}
            list(crowd.map(lambda name, seen=weather: engine.judge(seen[name], name), names))
            highest = max((name for name in names if weather[name] is RAIN), default=None)
            winners = engine.rows("SELECT winner ->> 'rule' AS rule FROM ad_fields")
            assert [row.rule for row in winners] == [highest] * len(there)
    assert engine.row(DEADLOCKS).deadlocks == 0


def verdict(engine: Engine) -> None:
    engine.judge(RAIN, "wet")


def edit(engine: Engine) -> None:
    engine.apply(wet(priority=2))


def deletion(engine: Engine) -> None:
    delete_rules(engine.database, ["wet"], leave=False, worker_id=WORKER)


def look(engine: Engine) -> None:
    engine.act(META)


def wet(**more: object) -> Document:
    """Names its fields in another order than that of their ids."""
    return rule("wet", *map(budget, Random(3).sample(AD_SETS, len(AD_SETS))), **more)  # noqa: S311 - no secret


@pytest.mark.parametrize("step", [verdict, edit, deletion, look])
def test_whoever_waits_for_a_field_has_locked_none_behind_it(engine: Engine, step: Callable[[Engine], None]) -> None:
    """C2, C6 and S8: fields are locked in the order of their ids, so nobody waits in a circle."""
    there = fields_of(engine)
    engine.apply(wet())
    if step is look:
        verdict(engine)
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    held, free = there[len(there) // 2], "SELECT id FROM ad_fields ORDER BY id FOR UPDATE SKIP LOCKED"
    with ThreadPoolExecutor(1) as thread:
        with engine.database.transaction() as tx:
            tx.rows("SELECT 1 FROM ad_fields WHERE id = %(id)s FOR UPDATE", {"id": held})
            done = thread.submit(step, engine)
            while not engine.value(waiting) and not done.done():
                time.sleep(0.01)
            assert not done.done()
            assert [row.id for row in engine.rows(free)] == there[there.index(held) + 1 :]
        done.result()
