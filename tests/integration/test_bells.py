"""The bells in a real Redis: leases, compare-and-set, repair, back-pressure (protocol S, S1 to S7)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis

from weathertrigger.instants import from_ms, to_ms
from weathertrigger.schedule.bells import CLAIM_LEASE, Bells

KEY = "wt:due"


@pytest.fixture
def bells(redis_client: Redis) -> Bells:
    return Bells(redis_client, "wt")


def now_ms(redis_client: Redis) -> int:
    seconds, micros = redis_client.time()
    return int(seconds) * 1000 + int(micros) // 1000


def score(redis_client: Redis, rule_id: str) -> int | None:
    found = redis_client.zscore(KEY, rule_id)
    return None if found is None else int(found)


def test_a_claim_moves_the_bell_forward(bells: Bells, redis_client: Redis) -> None:
    """S2: the oldest first, to the lease's end; a check that nobody finishes rings again by itself."""
    now = now_ms(redis_client)
    redis_client.zadd(KEY, {"late": now - 5000, "later": now - 1000, "not yet": now + 60_000})
    claim = bells.claim(offset_ms=0, most=10)
    assert claim.rule_ids == ["late", "later"]
    assert claim.token == to_ms(claim.now + CLAIM_LEASE)
    assert score(redis_client, "late") == score(redis_client, "later") == claim.token
    assert claim.next_bell == from_ms(claim.token)
    assert bells.claim(offset_ms=0, most=10).rule_ids == []
    redis_client.zadd(KEY, {"late": claim.token - 3000})
    assert bells.claim(offset_ms=0, most=10).rule_ids == ["late"]


def test_a_claim_takes_no_more_than_asked(bells: Bells, redis_client: Redis) -> None:
    """The rest stay as they are, and the next bell is theirs."""
    now = now_ms(redis_client)
    redis_client.zadd(KEY, {f"rule-{number}": now - 1000 + number for number in range(10)})
    claim = bells.claim(offset_ms=0, most=4)
    assert claim.rule_ids == ["rule-0", "rule-1", "rule-2", "rule-3"]
    assert claim.next_bell == from_ms(now - 996)


def test_two_claimers_never_get_one_rule(redis_client: Redis) -> None:
    """Eight schedulers claim a thousand bells: each bell once."""
    redis_client.zadd(KEY, {f"rule-{number}": number + 1 for number in range(1000)})
    several = [Bells(redis_client, "wt") for _ in range(8)]

    def claim_all(bells: Bells) -> list[str]:
        claimed: list[str] = []
        while batch := bells.claim(offset_ms=0, most=7).rule_ids:
            claimed += batch
        return claimed

    with ThreadPoolExecutor(8) as threads:
        claimed = [one for batch in threads.map(claim_all, several) for one in batch]
    assert len(claimed) == 1000
    assert len(set(claimed)) == 1000


def test_the_clock_that_decides_is_postgresqls(bells: Bells, redis_client: Redis) -> None:
    """S1: with PostgreSQL a minute ahead a bell rings a minute earlier, and the lease is in its clock."""
    redis_client.zadd(KEY, {"soon": now_ms(redis_client) + 30_000})
    assert bells.claim(offset_ms=0, most=10).rule_ids == []
    claim = bells.claim(offset_ms=60_000, most=10)
    assert claim.rule_ids == ["soon"]
    assert abs(to_ms(claim.now) - now_ms(redis_client) - 60_000) < 5000
    assert bells.claim(offset_ms=-60_000, most=10).rule_ids == []


def test_the_clock_that_rings(bells: Bells, redis_client: Redis) -> None:
    """S1: it is Redis's, in whole milliseconds."""
    before = now_ms(redis_client)
    assert before <= bells.clock_ms() <= now_ms(redis_client)


def test_a_move_compares(bells: Bells, redis_client: Redis) -> None:
    """S3 to S6: only what stands at the expected score moves; None takes the bell away; what is missing stays so."""
    redis_client.zadd(KEY, {"ours": 100, "theirs": 101, "gone": 100})
    moved = bells.move(100, {"ours": from_ms(5000), "theirs": from_ms(5000), "gone": None, "missing": from_ms(5000)})
    assert sorted(moved) == ["gone", "ours"]
    assert {name: score(redis_client, name) for name in ("ours", "theirs", "gone", "missing")} == {
        "ours": 5000,
        "theirs": 101,
        "gone": None,
        "missing": None,
    }


def test_times_keep_every_millisecond(bells: Bells, redis_client: Redis) -> None:
    """A score is compared exactly, so no millisecond may be lost on the way, for thousands of rules at once."""
    at = datetime(2031, 3, 4, 5, 6, 7, 891_000, UTC)
    names = [f"rule-{number}" for number in range(2500)]
    bells.set(dict.fromkeys(names, at))
    assert len(bells.move(to_ms(at), dict.fromkeys(names, at + timedelta(milliseconds=1)))) == 2500
    assert score(redis_client, "rule-2499") == to_ms(at) + 1


def test_a_restore_adds_and_lowers_only_what_is_no_lease(bells: Bells, redis_client: Redis) -> None:
    """S7: missing bells come back, those that would ring far too late are lowered, leases and early bells stay."""
    clock = from_ms(now_ms(redis_client))
    lease, early, far = (clock + timedelta(seconds=seconds) for seconds in (15, -5, 600))
    bells.set({"leased": lease, "early": early, "late": far})
    assert bells.restore(dict.fromkeys(["leased", "early", "late", "missing"], clock), clock) == 2
    assert {name: score(redis_client, name) for name in ("leased", "early", "late", "missing")} == {
        "leased": to_ms(lease),
        "early": to_ms(early),
        "late": to_ms(clock),
        "missing": to_ms(clock),
    }
    assert bells.restore({"late": clock + timedelta(seconds=9)}, clock) == 0


def test_full_queues_hold_the_claims_back(bells: Bells, redis_client: Redis) -> None:
    """S2: while both queues together are full nothing is claimed, and the bells stay."""
    redis_client.zadd(KEY, {"due": 1})
    redis_client.rpush("first", "a", "b")
    redis_client.rpush("second", "c")
    held_back = bells.claim(offset_ms=0, most=10, queues=["first", "second"], most_waiting=3)
    assert (held_back.rule_ids, held_back.next_bell) == ([], from_ms(1))
    assert bells.claim(offset_ms=0, most=10, queues=["first", "second"], most_waiting=4).rule_ids == ["due"]


def test_scripts_that_redis_has_forgotten(bells: Bells, redis_client: Redis) -> None:
    """SCRIPT FLUSH, or a restart, costs nothing: every script is loaded again when it is needed, in pipelines too."""
    redis_client.zadd(KEY, {"due": 1})
    bells.claim(offset_ms=0, most=10)
    redis_client.script_flush()
    redis_client.zadd(KEY, {"due": 1})
    assert bells.claim(offset_ms=0, most=10).rule_ids == ["due"]
    redis_client.script_flush()
    assert bells.restore({"new": from_ms(7)}, from_ms(7)) == 1
    redis_client.script_flush()
    assert bells.move(7, {"new": from_ms(8)}) == ["new"]
    redis_client.script_flush()
    with redis_client.pipeline(transaction=True) as pipeline:
        pipeline.script_flush()  # at the worst moment: after everything was prepared
        bells.move(8, {"new": from_ms(9)}, pipeline)
        pipeline.execute()
    assert score(redis_client, "new") == 9


def test_an_edit_sets_its_bells(bells: Bells, redis_client: Redis) -> None:
    """S8: without comparing; None takes the bell away."""
    redis_client.zadd(KEY, {"paused": 5})
    bells.set({"paused": None, "edited": from_ms(77)})
    assert (score(redis_client, "paused"), score(redis_client, "edited")) == (None, 77)
