"""Starts that nobody has reported: a check that ends every process that touches it is found out (S3, S5)."""

import pytest
from redis import Redis

from tests.integration.engine import Engine
from tests.integration.rule_documents import NEWARK, rule
from tests.integration.test_dispatch import ring, score, sent
from weathertrigger.errors import StorageUnavailable
from weathertrigger.instants import to_ms
from weathertrigger.schedule.bells import Bells
from weathertrigger.schedule.starts import ALONE_FROM, ENDED_FROM, Unreported

DUE = 1_800_000_000_000
DAY_MS = 86_400_000


def dies(engine: Engine, dues: dict[str, int], times: int = 1) -> None:
    """So many workers begin these checks and are never heard of again; their leases are over."""
    for _ in range(times):
        engine.bells.starts.begin(1, dues)


def unreported(engine: Engine, *rule_ids: str) -> dict[str, Unreported]:
    """What a claim of these rules says, whose bells ring."""
    engine.redis.zadd(engine.bells.key, dict.fromkeys(rule_ids, 1))
    return dict(engine.bells.claim(offset_ms=0, most=100).unreported)


def test_a_start_counts_when_its_lease_is_over(engine: Engine) -> None:
    """S3: not while the lease runs, for the step may be at work; then against each of its checks."""
    starts = engine.bells.starts
    start = starts.begin(to_ms(engine.value("SELECT clock_ms()")) + 60_000, {"a": DUE, "b": DUE})
    assert unreported(engine, "a", "b") == {}
    assert starts.at_work_now() == 1
    starts.extend(start, 1)
    assert unreported(engine, "a", "b", "c") == {"a": Unreported(DUE, 1), "b": Unreported(DUE, 1)}
    assert starts.at_work_now() == 0


def test_an_extended_start_does_not_count(engine: Engine) -> None:
    """S5: whoever renews the lease is at work. One that was counted or reported is not brought back by it."""
    starts = engine.bells.starts
    later = to_ms(engine.value("SELECT clock_ms()")) + 60_000
    starts.extend(starts.begin(1, {"a": DUE}), later)
    assert unreported(engine, "a") == {}
    gone = starts.begin(1, {"b": DUE})
    starts.report(gone, ["b"])
    starts.extend(gone, later)
    assert starts.at_work_now() == 1


@pytest.mark.parametrize("counted", [False, True])
def test_a_report_takes_a_start_back(engine: Engine, counted: bool) -> None:
    """S5: before it was counted and after, and again is as good as once. The starts of others stay."""
    starts = engine.bells.starts
    late = starts.begin(1, {"a": DUE, "b": DUE})
    dies(engine, {"a": DUE})
    if counted:
        unreported(engine, "a", "b")
    for _ in range(2):
        starts.report(late, ["a", "b"])
    assert unreported(engine, "a", "b") == {"a": Unreported(DUE, 1)}


def test_a_later_check_begins_anew(engine: Engine) -> None:
    """Starts count for one due time; what is left of an earlier one does not come back over a later one."""
    dies(engine, {"a": DUE}, 3)
    unreported(engine, "a")
    dies(engine, {"a": DUE + 1})
    assert unreported(engine, "a") == {"a": Unreported(DUE + 1, 1)}
    dies(engine, {"a": DUE})
    assert unreported(engine, "a") == {"a": Unreported(DUE + 1, 1)}


def test_ends_that_a_step_can_tell_of_are_reported(engine: Engine) -> None:
    """S5: done, or PostgreSQL or Redis away; an error that nobody foresaw is left as death leaves it."""
    starts = engine.bells.starts
    with starts.at_work(1, {"done": DUE}):
        pass
    with pytest.raises(StorageUnavailable), starts.at_work(1, {"away": DUE}):
        raise StorageUnavailable
    with pytest.raises(ZeroDivisionError), starts.at_work(1, {"unforeseen": DUE}):
        raise ZeroDivisionError
    assert unreported(engine, "done", "away", "unforeseen") == {"unforeseen": Unreported(DUE, 1)}


def test_the_steps_report_what_they_do(engine: Engine) -> None:
    """Fetcher and evaluator leave nothing behind when they end as they should."""
    engine.apply(rule("wet"))
    engine.sandbox.set_clock("2013-06-01T12:00")
    engine.fetcher()(engine.leased({NEWARK.id: engine.make_due("wet")}))
    engine.evaluator()(engine.published[0])
    assert [engine.redis.exists(key) for key in engine.bells.starts.keys] == [0, 0, 0]


def test_checks_that_were_begun_twice_in_vain_travel_alone(engine: Engine) -> None:
    """S3, S4: each in a message of its own under a lease of its own; the others go on together."""
    names = ["a", "b", "c", "d"]
    engine.apply(*(rule(name) for name in names))
    dues = ring(engine, *names)
    dies(engine, {one: dues[one] for one in ("a", "b")}, ALONE_FROM)
    dies(engine, {"c": dues["c"]}, ALONE_FROM - 1)
    chances = iter((0.0, 0.5))
    engine.dispatcher(chance=lambda: next(chances))()
    together, *alone = sent(engine)
    assert list(together.places.values()) == [{"c": dues["c"], "d": dues["d"]}]
    assert [list(one.places.values()) for one in alone] == [[{"a": dues["a"]}], [{"b": dues["b"]}]]
    assert [one.lease - together.lease for one in alone] == [0, 7500]
    assert [score(engine, one) for one in names] == [alone[0].lease, alone[1].lease, together.lease, together.lease]


def test_a_check_that_ended_seven_workers_is_ended(engine: Engine) -> None:
    """S3: recorded as failed with the reason; its rule goes on with the next slot, and so do the others."""
    engine.apply(rule("poison"), rule("well"))
    dues = ring(engine, "poison", "well")
    dies(engine, {"poison": dues["poison"]}, ENDED_FROM)
    engine.dispatcher()()
    (row,) = engine.executions("poison")
    assert (row.outcome, row.trigger, row.success, to_ms(row.scheduled_for)) == (
        "failed",
        "slot",
        False,
        dues["poison"],
    )
    assert row.reason == "Failed: 7 workers began this check and none of them has been heard of again."
    next_due = engine.dues("poison")["poison"]
    assert next_due == dues["poison"] + 1_800_000
    assert score(engine, "poison") == next_due
    assert [list(one.places.values()) for one in sent(engine)] == [[{"well": dues["well"]}]]
    assert engine.executions("well") == []


def test_a_check_that_cannot_be_ended_holds_nobody_up(engine: Engine) -> None:
    """S3: PostgreSQL refuses its row; the others are handed on and ended, and it rings again when the claim is over."""
    engine.apply(rule("poison"), rule("poison-too"), rule("well"))
    dues = ring(engine, "poison", "poison-too", "well")
    dies(engine, {one: dues[one] for one in ("poison", "poison-too")}, ENDED_FROM)
    engine.execute("ALTER TABLE automation_executions ADD CONSTRAINT nothing CHECK (rule_id <> 'poison')")
    engine.dispatcher()()
    assert [list(one.places.values()) for one in sent(engine)] == [[{"well": dues["well"]}]]
    assert [(row.rule_id, row.outcome) for row in engine.executions()] == [("poison-too", "failed")]
    assert engine.dues("poison") == {"poison": dues["poison"]}
    assert (score(engine, "poison") or 0) > dues["poison"]


def test_after_that_the_rule_travels_alone_from_the_beginning(engine: Engine) -> None:
    """The next check of such a rule takes no other with it."""
    engine.apply(rule("poison"), rule("well"))
    dies(engine, ring(engine, "poison"), ENDED_FROM)
    engine.dispatcher()()
    next_due = engine.dues("poison")["poison"]
    assert unreported(engine, "poison") == {"poison": Unreported(next_due, ALONE_FROM)}


def test_a_check_that_went_well_ends_the_suspicion(engine: Engine) -> None:
    """What is known of an earlier check is forgotten, and the rule travels with the others again."""
    engine.apply(rule("healed"), rule("well"))
    dues = ring(engine, "healed", "well")
    engine.bells.starts.suspect({"healed": dues["healed"] - DAY_MS})
    engine.dispatcher()()
    (message,) = sent(engine)
    assert list(message.places.values()) == [dues]
    assert engine.redis.exists(engine.bells.starts.keys[2]) == 0


def test_an_edit_comes_before_the_end(engine: Engine) -> None:
    """S3: a check that is not due any more is not ended: the bell goes where it belongs."""
    engine.apply(rule("poison"))
    dues = ring(engine, "poison")
    dies(engine, dues, ENDED_FROM)
    engine.execute("UPDATE automation_rules SET next_slot_at = next_slot_at + interval '30 min'")
    engine.dispatcher()()
    assert engine.executions() == []
    assert score(engine, "poison") == dues["poison"] + 1_800_000


def test_a_flushed_redis_forgets_and_goes_on(engine: Engine) -> None:
    """Everything here may be lost: it costs patience, no check."""
    engine.apply(rule("wet"))
    dies(engine, ring(engine, "wet"), 5)
    engine.redis.flushall()
    dues = ring(engine, "wet")
    engine.dispatcher()()
    (message,) = sent(engine)
    assert list(message.places.values()) == [dues]


def test_ids_of_any_kind(redis_client: Redis) -> None:
    """Rule ids go through Lua's JSON and come back as they were."""
    odd = ["rule with spaces", 'quote"d', "back\\slash", "ümläut", "雨", "1"]
    bells = Bells(redis_client, "wt")
    bells.starts.begin(1, dict.fromkeys(odd, DUE))
    redis_client.zadd(bells.key, dict.fromkeys(odd, 1))
    assert bells.claim(offset_ms=0, most=10).unreported == dict.fromkeys(odd, Unreported(DUE, 1))
