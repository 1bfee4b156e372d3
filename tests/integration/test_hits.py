"""The rate limiter on a real Redis: exact sliding windows, whatever happens to Redis, whoever asks."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from fractions import Fraction
from math import ceil
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyrate_limiter import Limiter, RateItem
from redis import Redis

from weathertrigger.call_limits import CallLimit
from weathertrigger.limits.cost import NOTHING, Cost
from weathertrigger.limits.hits import KEPT_LONGER, Aged, History, Hits, Refusal
from weathertrigger.limits.keys import SEEDED, GateKeys

KEYS = GateKeys("wt", "any_service")
DAY = timedelta(days=1)
START = 1_800_000_000_000
HOUR = 4
"""So many ms are the hour of these tests, by which the history knows the calls."""


def ms(number: int) -> timedelta:
    return timedelta(milliseconds=number)


LIMITS = [CallLimit(2, ms(3)), CallLimit(3, ms(6)), CallLimit(4, ms(10))]


def item(weight: int = 1) -> RateItem:
    return RateItem(secrets.token_urlsafe(9), 0, weight)


def empty(_: timedelta) -> Sequence[Aged]:
    return []


class World:
    """A clock that stands still, and what was taken: the times, one for each hit."""

    def __init__(self, redis: Redis, history: Callable[["World"], History]) -> None:
        self.now = START
        self.taken: list[int] = []
        self.redis = redis
        redis.flushall()
        self.hits = Hits(redis, KEYS, LIMITS, history(self), now_ms=lambda: self.now)

    def left(self, at: int, keep_back: Fraction = NOTHING) -> int:
        """Counted by hand: how many calls the windows that end then have room for, beside what is kept back."""
        return min(
            limit.calls - ceil(limit.calls * keep_back) - sum(one >= at - limit.window // ms(1) for one in self.taken)
            for limit in LIMITS
        )

    def take(self, weight: int, keep_back: Fraction = NOTHING) -> Refusal | None:
        """None if it was taken."""
        refusal = self.hits.take(secrets.token_urlsafe(9), Cost(weight, keep_back=keep_back))
        if refusal is None:
            self.taken += [self.now] * weight
        return refusal

    def by_the_hour(self, window: timedelta) -> list[Aged]:
        """What PostgreSQL would say: an hour's calls are as old as its end, those of the present hour are of now."""
        hours: dict[int, int] = {}
        for one in self.taken:
            hours[one // HOUR] = hours.get(one // HOUR, 0) + 1
        ages = [(max(self.now - (hour + 1) * HOUR, 0), calls) for hour, calls in hours.items()]
        return [Aged(ms(age), calls) for age, calls in sorted(ages) if ms(age) <= window]

    def assert_never_too_many(self) -> None:
        """In no window that slides over what was taken are there more hits than its limit."""
        for limit in LIMITS:
            for first, beyond in zip(self.taken, self.taken[limit.calls :], strict=False):
                assert beyond - first > limit.window // ms(1)


@pytest.fixture(scope="module")
def redis(redis_url: str) -> Iterator[Redis]:
    """One client for all the examples."""
    with closing(Redis.from_url(redis_url)) as client:
        yield client


_SHARES = st.sampled_from([NOTHING, NOTHING, Fraction(1, 5), Fraction(1, 2)])


@settings(max_examples=300)
@given(steps=st.lists(st.tuples(st.integers(0, 6), st.integers(1, 3), _SHARES), max_size=40))
def test_exactly_as_counted_by_hand(redis: Redis, steps: list[tuple[int, int, Fraction]]) -> None:
    """Taken exactly where every window has room; a refusal's wait ends at the first millisecond that has, and it says
    how many calls would have been taken."""
    world = World(redis, lambda _: empty)
    for pause, weight, keep_back in steps:
        world.now += pause
        left = world.left(world.now, keep_back)
        refusal = world.take(weight, keep_back)
        assert (refusal is None) is (weight <= left)
        if refusal is None:
            continue
        assert refusal.left == max(left, 0)
        assert sum(refusal.used) == sum(
            sum(one >= world.now - limit.window // ms(1) for one in world.taken) for limit in LIMITS
        )
        if refusal.wait is None:
            assert world.left(world.now + 1000, keep_back) < weight
        else:
            wait = refusal.wait // ms(1)
            assert world.left(world.now + wait, keep_back) >= weight
            assert world.left(world.now + wait - 1, keep_back) < weight
    world.assert_never_too_many()


_LOSSES = st.sampled_from(["nothing", "nothing", "nothing", "scripts", "everything"])


@settings(max_examples=300)
@given(steps=st.lists(st.tuples(st.integers(0, 6), st.integers(1, 2), _LOSSES), max_size=40))
def test_never_too_many_whatever_redis_forgets(redis: Redis, steps: list[tuple[int, int, str]]) -> None:
    """Without its scripts it goes on; without its keys it begins with what PostgreSQL knows, which is not exact and
    never too little."""
    world = World(redis, lambda world: world.by_the_hour)
    for pause, weight, lost in steps:
        world.now += pause
        if lost == "scripts":
            redis.script_flush()
        elif lost == "everything":
            redis.flushall()
        world.take(weight)
    world.assert_never_too_many()


def test_the_whole_limit_can_be_used(redis: Redis) -> None:
    """At the first possible moment, again and again."""
    world = World(redis, lambda _: empty)
    while len(world.taken) < 12:
        if refusal := world.take(1):
            assert refusal.wait is not None
            world.now += refusal.wait // ms(1)
    assert [one - START for one in world.taken] == [0, 0, 4, 7, 11, 11, 15, 18, 22, 22, 26, 29]


def test_more_than_the_limit_never_fits(redis: Redis) -> None:
    """Refused without a wait, with what would fit; nothing is taken."""
    redis.flushall()
    hits = Hits(redis, KEYS, LIMITS, empty)
    decision = hits.put_decision(item(3))
    assert (decision.allowed, decision.retry_after_ms) == (False, None)
    refusal = hits.take("three", Cost(3))
    assert refusal is not None
    assert (refusal.rate.limit, refusal.left, hits.count()) == (2, 2, 0)


def test_it_is_a_bucket_like_any_other(redis: Redis) -> None:
    """pyrate-limiter's own limiter works with it, and waits as long as it says."""
    redis.flushall()
    hits = Hits(redis, KEYS, [CallLimit(2, ms(300))], empty)
    limiter = Limiter(hits)
    assert [limiter.try_acquire(name, blocking=False) for name in ("one", "two", "three")] == [True, True, False]
    refused = item()
    assert not hits.put(refused)
    assert 0 < cast("int", hits.waiting(refused)) <= 301
    assert limiter.try_acquire("three", timeout=10)
    hits.flush()
    assert (hits.count(), hits.waiting(item())) == (0, 0)


def test_the_longest_wait_is_told(redis: Redis) -> None:
    """Where several limits are reached, the one that takes the longest."""
    world = World(redis, lambda _: empty)
    for pause, weight in ((0, 2), (4, 1), (3, 1)):
        world.now += pause
        assert world.take(weight) is None
    decision = world.hits.put_decision(item())
    assert decision.failing_rate is not None
    assert (decision.failing_rate.limit, decision.retry_after_ms) == (4, 4)


def test_a_host_whose_clock_is_wrong_does_no_harm(redis: Redis) -> None:
    """The time of an item is not looked at: the clock is that of Redis."""
    redis.flushall()
    hits = Hits(redis, KEYS, [CallLimit(10, DAY)], empty)
    far = [RateItem(secrets.token_urlsafe(9), at, 1) for at in (0, 10**15)] * 10
    assert sum(hits.put(RateItem(secrets.token_urlsafe(9), one.timestamp, 1)) for one in far) == 10


def test_hits_of_a_shorter_window_are_not_enough(redis: Redis) -> None:
    """With a longer window in the settings, what a shorter one has kept is made anew from the history."""
    redis.flushall()
    assert Hits(redis, KEYS, [CallLimit(5, ms(1000))], empty).put(item(5))
    longer = Hits(redis, KEYS, [CallLimit(5, ms(1000)), CallLimit(9, DAY)], lambda _: [Aged(ms(60_000), 8)])
    assert [longer.put(item()), longer.put(item())] == [True, False]
    assert not Hits(redis, KEYS, [CallLimit(1, ms(60_000))], empty).put(item())
    assert longer.count() == 9


def test_seeds_are_no_more_than_the_limit(redis: Redis) -> None:
    """Of a history that is too long, the youngest are enough."""
    redis.flushall()
    hits = Hits(redis, KEYS, [CallLimit(5, DAY)], lambda _: [Aged(ms(0), 3), Aged(ms(1000), 10**9)])
    decision = hits.put_decision(item())
    assert hits.count() == 5
    assert decision.retry_after_ms is not None
    assert DAY - ms(2000) < ms(decision.retry_after_ms) < DAY


def test_seeding_begins_again_if_redis_forgets_meanwhile(redis: Redis) -> None:
    """The history that was read before the loss is of no use: others may have made calls since."""
    redis.flushall()
    reads: list[int] = []

    def history(_: timedelta) -> Sequence[Aged]:
        reads.append(len(reads))
        if len(reads) == 1:
            redis.flushall()
            return []
        return [Aged(ms(0), 5)]

    assert not Hits(redis, KEYS, [CallLimit(5, DAY)], history).put(item())
    assert len(reads) == 2


def test_the_first_seeds_hold(redis: Redis) -> None:
    """Who read the history at the same time and writes later does not take away what was called since."""
    redis.flushall()
    other = Hits(redis, KEYS, [CallLimit(5, DAY)], empty)

    def history(_: timedelta) -> Sequence[Aged]:
        assert other.put(item(4))
        return []

    assert not Hits(redis, KEYS, [CallLimit(5, DAY)], history).put(item(2))
    assert other.count() == 4


def test_every_key_runs_out(redis: Redis) -> None:
    """An hour and more after the last hit has left the longest window; nothing else is left behind."""
    redis.flushall()
    Hits(redis, KEYS, [CallLimit(5, ms(60_000))], empty).put(item())
    assert [key.decode() for key in cast("list[bytes]", redis.keys())] == [KEYS.hits]
    assert ms(59_000) < ms(redis.pttl(KEYS.hits)) - KEPT_LONGER <= ms(60_000)


def test_what_is_too_old_is_dropped(redis: Redis) -> None:
    """There are never more hits than the limit, and the newest are looked at first."""
    world = World(redis, lambda _: empty)
    for _ in range(50):
        world.now += 3
        world.take(1)
    assert redis.zcard(KEYS.hits) - 1 == world.hits.count() == 4
    ages = [world.now - found.timestamp for found in map(world.hits.peek, range(3)) if found]
    assert ages == [0, 3, 6]
    assert world.hits.peek(9) is None
    world.hits.flush()
    assert redis.zscore(KEYS.hits, SEEDED) is None


def test_a_hit_takes_eighty_bytes(redis: Redis) -> None:
    """So that a limit of a million calls a day is known to want 80 MB (docs/decisions/0020)."""
    redis.flushall()
    hits = Hits(redis, KEYS, [CallLimit(2000, DAY)], empty)
    for _ in range(1000):
        assert hits.put(item())
    used = redis.memory_usage(KEYS.hits, samples=0)
    assert used is not None
    assert used / hits.count() < 100
