"""A gate before a service that stays in trouble: every wait is longer than the last one, until it answers."""

from contextlib import ExitStack, suppress
from datetime import timedelta

import pytest
from redis import Redis

from tests.integration.gate_calls import (
    BROKEN,
    KEYS,
    SERVICE,
    clock_ms,
    fail,
    gate_on,
    is_let_in,
    let_the_breaker_try,
    open_the_breaker,
    refusal,
)
from weathertrigger.errors import NotFound, QuotaExhausted, RateLimited, ServiceError, Unauthorised
from weathertrigger.limits.gate import Gate
from weathertrigger.storage.database import Database

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
LIMITED = RateLimited("", service=SERVICE)


@pytest.fixture
def gate(redis_client: Redis, database: Database) -> Gate:
    return gate_on(redis_client, database)


def wait(gate: Gate) -> timedelta:
    """How long nobody may ask, to the second."""
    return timedelta(seconds=round(refusal(gate).retry_after.total_seconds() + 0.4))


def let_the_cool_down_end(redis: Redis) -> None:
    """As if its time were over."""
    redis.hset(KEYS.cool_down, "until", clock_ms(redis) - 1)


def limited_again(gate: Gate, redis: Redis, answer: ServiceError = LIMITED) -> timedelta:
    """One more limit that is told as soon as we ask again: how long nobody may ask then."""
    let_the_cool_down_end(redis)
    assert fail(gate, answer) is answer
    return wait(gate)


# --- the breaker


def test_each_probe_that_fails_doubles_the_wait(gate: Gate, redis_client: Redis) -> None:
    """Up to a quarter of an hour: an outage of a day costs a hundred calls, not the quota."""
    open_the_breaker(gate)
    waits = [wait(gate)]
    for _ in range(7):
        let_the_breaker_try(redis_client, waits[-1].total_seconds() - 1)
        assert not is_let_in(gate)
        let_the_breaker_try(redis_client, waits[-1].total_seconds())
        assert fail(gate) is BROKEN
        waits.append(wait(gate))
    assert [one // SECOND for one in waits] == [30, 60, 120, 240, 480, 900, 900, 900]


def test_a_probe_that_is_answered_begins_the_waits_anew(gate: Gate, redis_client: Redis) -> None:
    """The next outage is met as the first one was."""
    open_the_breaker(gate)
    for _ in range(3):
        let_the_breaker_try(redis_client, 900)
        assert fail(gate) is BROKEN
    let_the_breaker_try(redis_client, 900)
    assert is_let_in(gate)
    open_the_breaker(gate)
    assert wait(gate) == timedelta(seconds=30)


def test_a_probe_that_says_nothing_does_not_lengthen_the_wait(gate: Gate, redis_client: Redis) -> None:
    """Such as one that a time limit of ours has ended: the next call is the probe."""
    open_the_breaker(gate)
    let_the_breaker_try(redis_client)
    with suppress(KeyError), gate.admit():
        raise KeyError
    assert fail(gate) is BROKEN
    assert wait(gate) == MINUTE


# --- limits


@pytest.mark.parametrize("answer", [LIMITED, QuotaExhausted("", service=SERVICE)])
def test_each_limit_in_a_row_doubles_the_cool_down(gate: Gate, redis_client: Redis, answer: ServiceError) -> None:
    """From a minute to an hour: a burst costs a minute, a day that is used up a call an hour."""
    waits = [limited_again(gate, redis_client, answer) // MINUTE for _ in range(9)]
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_good_answer_ends_the_row(gate: Gate, redis_client: Redis) -> None:
    """A refusal does not, nor what says nothing of limits."""
    for _ in range(3):
        limited_again(gate, redis_client)
    let_the_cool_down_end(redis_client)
    fail(gate, NotFound("", service=SERVICE))
    fail(gate, Unauthorised("", service=SERVICE))
    assert limited_again(gate, redis_client) == 8 * MINUTE
    let_the_cool_down_end(redis_client)
    assert is_let_in(gate)
    assert limited_again(gate, redis_client) == MINUTE


def test_calls_at_the_same_time_are_told_of_one_limit(gate: Gate, redis_client: Redis) -> None:
    """However many of them are refused, and however late."""
    with ExitStack() as stack:
        for _ in range(8):
            stack.enter_context(suppress(RateLimited))
            stack.enter_context(gate.admit())
        fail(gate, LIMITED)
        let_the_cool_down_end(redis_client)
        raise LIMITED
    assert wait(gate) == MINUTE
    assert limited_again(gate, redis_client) == 2 * MINUTE


def test_a_good_answer_to_an_older_call_ends_no_row(gate: Gate, redis_client: Redis) -> None:
    """It was let out before the limit was reached, and was only slow."""
    with gate.admit():
        fail(gate, LIMITED)
    assert limited_again(gate, redis_client) == 2 * MINUTE


@pytest.mark.parametrize("seconds", [5, 3 * 3600])
def test_a_hint_is_obeyed_as_it_is(gate: Gate, redis_client: Redis, seconds: int) -> None:
    """However often it is said; it says how long its limit lasts, so it belongs to no row."""
    told = RateLimited("", service=SERVICE, retry_after=timedelta(seconds=seconds))
    assert [limited_again(gate, redis_client, told) // SECOND for _ in range(3)] == [seconds] * 3
    let_the_cool_down_end(redis_client)
    assert fail(gate, LIMITED) is LIMITED
    assert wait(gate) == MINUTE


def test_another_cool_down_leaves_the_row_as_it_is(gate: Gate, redis_client: Redis) -> None:
    """Credentials that are refused are no limit, nor is what we were asked to slow down."""
    limited_again(gate, redis_client)
    let_the_cool_down_end(redis_client)
    gate.slow_down(timedelta(seconds=5), "half of its calls are used")
    assert limited_again(gate, redis_client) == 2 * MINUTE
