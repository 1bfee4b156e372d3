"""The gate before every call, in one process: what it lets out, what it makes of what came back, whom it tells."""

from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import timedelta
from typing import NoReturn, cast

import pytest
from redis import Redis, RedisError

from tests.integration.commands import NOWHERE
from tests.integration.gate_calls import (
    BROKEN,
    KEYS,
    NAMESPACE,
    SERVICE,
    clock_ms,
    fail,
    gate_on,
    is_let_in,
    let_the_breaker_try,
    open_the_breaker,
    refusal,
    told,
    troubles,
)
from weathertrigger.broker import connect_redis
from weathertrigger.call_limits import CallLimit
from weathertrigger.errors import (
    Busy,
    Conflict,
    HeldBack,
    NotFound,
    QuotaExhausted,
    RateLimited,
    Rejected,
    ServiceError,
    SettingsError,
    StorageUnavailable,
    Transient,
    Unauthorised,
)
from weathertrigger.instants import from_ms
from weathertrigger.limits.gate import Gate
from weathertrigger.limits.keys import GateKeys
from weathertrigger.limits.passage import LEASE
from weathertrigger.limits.troubles import SETTLED, TROUBLES, end_of_breakers
from weathertrigger.storage import incidents
from weathertrigger.storage.database import Database, Transaction
from weathertrigger.storage.incidents import IncidentKind

SOON = timedelta(seconds=1)
MINUTE, DAY = timedelta(minutes=1), timedelta(hours=24)


class Interruption(BaseException):
    """Such as Dramatiq's time limit."""


@pytest.fixture
def gate(redis_client: Redis, database: Database) -> Gate:
    return gate_on(redis_client, database)


def counted(database: Database) -> int:
    with database.transaction() as tx:
        return int(tx.rows("SELECT coalesce(sum(calls), 0) AS calls FROM api_calls")[0].calls)


# --- what is let out


def test_a_call_is_counted_before_it_goes_out(gate: Gate, database: Database) -> None:
    """As many as it costs, so that a crash counts too much and never too little."""
    with gate.admit(3):
        assert counted(database) == 3
        state = gate.state()
        assert (state.limits[0].used, state.limits[0].left, state.in_flight) == (3, 100_000 - 3, 1)
    assert gate.state().in_flight == 0


def test_nothing_waits_for_a_limit(redis_client: Redis, database: Database) -> None:
    """Refused at once, with the time when there is room; neither counted nor a failure."""
    gate = gate_on(redis_client, database, [CallLimit(2, MINUTE), CallLimit(3, DAY)])
    assert [is_let_in(gate) for _ in range(3)] == [True, True, False]
    held = refusal(gate)
    assert not isinstance(held, Busy)
    assert MINUTE - timedelta(seconds=10) < held.retry_after <= MINUTE
    assert str(held) == "openweather: its limit of 2 calls in 1 min has no room for 1 more"
    assert counted(database) == 2
    out = gate.state().limits[0].oldest_out_at
    assert out is not None
    assert abs(out - from_ms(clock_ms(redis_client)) - held.retry_after) < SOON
    assert redis_client.hget(KEYS.breaker, "failures") is None


def test_a_call_that_costs_more_than_the_limit(redis_client: Redis, database: Database) -> None:
    """It is refused for the whole window, and told how much a smaller one may cost; nothing else is refused."""
    gate = gate_on(redis_client, database, [CallLimit(5, MINUTE)])
    held = refusal(gate, 6)
    assert (held.retry_after, held.left) == (MINUTE, 5)
    assert str(held) == "openweather: its limit of 5 calls in 1 min has no room for 6 more, only for 5"
    assert is_let_in(gate, 5)
    assert refusal(gate).left == 0


def test_what_is_left_is_of_the_tightest_limit(redis_client: Redis, database: Database) -> None:
    """Whichever of them has to be waited for the longest; as much as it says goes out."""
    gate = gate_on(redis_client, database, [CallLimit(5, MINUTE), CallLimit(8, DAY)])
    assert is_let_in(gate, 3)
    assert refusal(gate, 6).left == 2
    assert not is_let_in(gate, 3)
    assert is_let_in(gate, 2)


def test_calls_at_once(redis_client: Redis, database: Database) -> None:
    """As many as may be; the next one is told that it is only for a moment."""
    gate = gate_on(redis_client, database, most_at_once=3)
    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(gate.admit())
        held = refusal(gate)
        assert isinstance(held, Busy)
        assert held.retry_after <= SOON
        assert gate.state().in_flight == 3
    assert is_let_in(gate)


def test_limits_that_do_not_go_together(redis_client: Redis, database: Database) -> None:
    """Are refused when the gate is made."""
    with pytest.raises(SettingsError, match="60 calls in 1 min, 50 calls in 24 h"):
        gate_on(redis_client, database, [CallLimit(60, MINUTE), CallLimit(50, DAY)])


# --- what came back


def test_five_failures_in_a_row_open_the_breaker(gate: Gate) -> None:
    """An answer in between begins a new row, be it a refusal."""
    for answer in (None, NotFound("", service=SERVICE), Rejected("", service=SERVICE), Conflict("", service=SERVICE)):
        assert [fail(gate) for _ in range(4)] == [BROKEN] * 4
        assert is_let_in(gate) if answer is None else fail(gate, answer) is answer
    open_the_breaker(gate)
    held = refusal(gate)
    assert timedelta(seconds=25) < held.retry_after <= timedelta(seconds=30)
    assert "has failed too often" in str(held)


@pytest.mark.parametrize(
    "error",
    [
        Interruption(),
        KeyboardInterrupt(),
        ValueError("a fault of ours"),
        HeldBack("by another gate", service="another", retry_after=SOON),
    ],
)
def test_what_says_nothing_of_the_service(gate: Gate, redis_client: Redis, error: BaseException) -> None:
    """Neither a failure nor an answer; the place is free again, and the next call may be the probe."""
    assert [fail(gate) for _ in range(4)] == [BROKEN] * 4
    assert fail(gate, error) is error
    assert gate.state().in_flight == 0
    assert fail(gate) is BROKEN
    let_the_breaker_try(redis_client)
    assert fail(gate, error) is error
    assert (gate.state().breaker, gate.state().in_flight) == ("half-open", 0)
    assert is_let_in(gate)
    assert gate.state().breaker == "closed"


@pytest.mark.parametrize("answer", [None, RateLimited("", service=SERVICE), Unauthorised("", service=SERVICE)])
def test_a_probe_that_is_answered_closes_the_breaker(
    gate: Gate, redis_client: Redis, answer: ServiceError | None
) -> None:
    """One call tries, the others are held back; then all count from nothing again."""
    open_the_breaker(gate)
    let_the_breaker_try(redis_client)
    with suppress(RateLimited, Unauthorised), gate.admit():
        assert gate.state().breaker == "half-open"
        assert not isinstance(refusal(gate), Busy)
        if answer is not None:
            raise answer
    assert gate.state().breaker == "closed"
    redis_client.delete(KEYS.cool_down)
    assert [fail(gate) for _ in range(4)] == [BROKEN] * 4
    assert is_let_in(gate)


def test_a_probe_that_fails_opens_the_breaker_again(gate: Gate, redis_client: Redis) -> None:
    """For the whole time, and more."""
    open_the_breaker(gate)
    let_the_breaker_try(redis_client)
    assert fail(gate) is BROKEN
    assert gate.state().breaker == "open"
    assert refusal(gate).retry_after > timedelta(seconds=25)


def test_another_process_that_notices_late_forgets_no_failure(
    gate: Gate, redis_client: Redis, database: Database
) -> None:
    """pybreaker would forget what all have counted, when it sees that somebody else has closed the breaker."""
    other = gate_on(redis_client, database)
    open_the_breaker(gate)
    assert not is_let_in(other)
    let_the_breaker_try(redis_client)
    assert is_let_in(gate)
    assert [fail(one) for one in (gate, gate, other, gate)] == [BROKEN] * 4
    assert gate.state().breaker == "closed"
    assert fail(other) is BROKEN
    assert gate.state().breaker == "open"


@pytest.mark.parametrize("late", [None, BROKEN])
def test_calls_that_end_late_do_not_decide_over_a_probe(
    gate: Gate, redis_client: Redis, late: ServiceError | None
) -> None:
    """One that was let in before the breaker opened, and hung for longer than its lease."""
    with suppress(Transient), gate.admit():
        open_the_breaker(gate)
        let_the_breaker_try(redis_client)
        redis_client.delete(KEYS.in_flight)
        probe = gate.admit()
        probe.__enter__()
        if late is not None:
            raise late
    assert gate.state().breaker == "half-open"
    probe.__exit__(None, None, None)
    assert gate.state().breaker == "closed"


def test_a_probe_waits_until_nobody_is_in_flight(gate: Gate, redis_client: Redis) -> None:
    """Half open means one call, also where an old one still hangs."""
    with gate.admit():
        open_the_breaker(gate)
        let_the_breaker_try(redis_client)
        assert not is_let_in(gate)
        assert gate.state().breaker == "open"
    assert is_let_in(gate)


def test_the_place_of_a_dead_holder_is_free_after_its_lease(redis_client: Redis, database: Database) -> None:
    """No longer than that, and nobody cleans up."""
    gate = gate_on(redis_client, database, most_at_once=1)
    stuck = gate.admit()
    stuck.__enter__()
    assert not is_let_in(gate)
    assert timedelta() < timedelta(milliseconds=redis_client.pttl(KEYS.in_flight)) <= LEASE
    member = cast("list[bytes]", redis_client.zrange(KEYS.in_flight, 0, -1))[0]
    redis_client.zadd(KEYS.in_flight, {member: clock_ms(redis_client) - 1})
    assert is_let_in(gate)


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (RateLimited("", service=SERVICE, retry_after=timedelta(seconds=40)), 40),
        (RateLimited("", service=SERVICE), 60),
        (RateLimited("", service=SERVICE, retry_after=timedelta(days=400)), 86_400),
        (QuotaExhausted("", service=SERVICE), 60),
        (Unauthorised("", service=SERVICE), 900),
    ],
)
def test_a_cool_down_holds_everybody_back(
    gate: Gate, redis_client: Redis, database: Database, answer: ServiceError, seconds: int
) -> None:
    """As long as the service asked for, else the length of its limits; a day at most."""
    assert fail(gate, answer) is answer
    held = refusal(gate_on(redis_client, database))
    assert seconds - 5 < held.retry_after.total_seconds() <= seconds
    state = gate.state()
    assert state.breaker == "closed"
    assert state.cool_down_until is not None
    assert str(state.cool_down_why) in str(held)


def test_a_hint_of_no_time_at_all_is_a_moment(gate: Gate) -> None:
    """Else nobody would wait."""
    fail(gate, RateLimited("", service=SERVICE, retry_after=timedelta()))
    assert timedelta() < refusal(gate).retry_after <= SOON


def test_a_quota_holds_until_its_own_time(gate: Gate, redis_client: Redis) -> None:
    """By the clock of Redis; one that should be over already is waited for a moment."""
    until = from_ms(clock_ms(redis_client)) + timedelta(hours=5)
    fail(gate, QuotaExhausted("", service=SERVICE, until=until))
    state = gate.state()
    assert state.cool_down_until is not None
    assert abs(state.cool_down_until - until) < SOON
    redis_client.delete(KEYS.cool_down)
    fail(gate, QuotaExhausted("", service=SERVICE, until=until - DAY))
    assert refusal(gate).retry_after <= SOON


def test_a_cool_down_is_never_shortened(gate: Gate) -> None:
    """By calls that were in flight when it began."""
    with ExitStack() as stack:
        stack.enter_context(pytest.raises(RateLimited))
        stack.enter_context(gate.admit())
        fail(gate, RateLimited("", service=SERVICE, retry_after=timedelta(hours=1)))
        raise RateLimited("", service=SERVICE, retry_after=timedelta(seconds=2))
    assert refusal(gate).retry_after > timedelta(minutes=59)


# --- who is told


def test_an_open_breaker_is_told_once(gate: Gate, redis_client: Redis, database: Database) -> None:
    """When it opens, not when a probe fails, and again when the service has answered for five minutes."""
    open_the_breaker(gate)
    for seconds in (30, 60, 120):
        let_the_breaker_try(redis_client, seconds)
        assert fail(gate) is BROKEN
        redis_client.delete(KEYS.told(IncidentKind.BREAKER_OPEN))
    assert told(database) == ["breaker_open"]
    assert troubles(database) == [("breaker_open", "openweather")]
    let_the_breaker_try(redis_client, 240)
    assert is_let_in(gate)
    assert end_of_breakers(redis_client, database, NAMESPACE) == 0
    assert told(database) == ["breaker_open"]
    redis_client.hincrby(KEYS.breaker, "since", -(SETTLED // timedelta(milliseconds=1)))
    assert end_of_breakers(redis_client, database, NAMESPACE) == 1
    assert told(database) == ["breaker_open", "breaker_open_ended"]
    assert troubles(database) == []
    assert end_of_breakers(redis_client, database, NAMESPACE) == 0


def test_a_service_that_works_now_and_then_is_one_trouble(gate: Gate, redis_client: Redis, database: Database) -> None:
    """Three times its breaker opens, and closes for less than five minutes: it is told once that it has begun, and once
    that it is over."""
    for _ in range(3):
        open_the_breaker(gate)
        let_the_breaker_try(redis_client, 30)
        assert is_let_in(gate)
        redis_client.hincrby(KEYS.breaker, "since", -240_000)
        assert end_of_breakers(redis_client, database, NAMESPACE) == 0
        redis_client.delete(KEYS.told(IncidentKind.BREAKER_OPEN))
    redis_client.hincrby(KEYS.breaker, "since", -60_000)
    assert end_of_breakers(redis_client, database, NAMESPACE) == 1
    assert told(database) == ["breaker_open", "breaker_open_ended"]


def test_a_breaker_that_redis_has_forgotten_ends_with_the_first_answer(
    gate: Gate, redis_client: Redis, database: Database
) -> None:
    """Nobody would ever say that it is closed."""
    open_the_breaker(gate)
    redis_client.flushall()
    assert end_of_breakers(redis_client, database, NAMESPACE) == 0
    assert is_let_in(gate)
    assert troubles(database) == []


def test_openings_and_closings_are_logged(gate: Gate, redis_client: Redis, caplog: pytest.LogCaptureFixture) -> None:
    """Each once, with whose breaker it is."""
    open_the_breaker(gate)
    let_the_breaker_try(redis_client, 30)
    assert is_let_in(gate)
    said = [record for record in caplog.records if record.name.endswith("limits.breaker")]
    assert [record.getMessage() for record in said] == ["circuit breaker is open", "circuit breaker is closed"]
    assert {vars(record)["breaker"] for record in said} == {KEYS.breaker}


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("unauthorised", Unauthorised("", service=SERVICE)),
        ("quota_exhausted", QuotaExhausted("", service=SERVICE)),
    ],
)
def test_a_refusal_is_told_once_and_ended_by_a_good_answer(
    gate: Gate, redis_client: Redis, database: Database, kind: str, answer: ServiceError
) -> None:
    """What ends it is a call that goes well; that the service refuses something else does not."""
    for _ in range(3):
        fail(gate, answer)
        redis_client.delete(KEYS.cool_down)
    fail(gate, NotFound("", service=SERVICE))
    assert told(database) == [kind]
    assert is_let_in(gate)
    assert is_let_in(gate)
    assert told(database) == [kind, f"{kind}_ended"]


@pytest.mark.parametrize("answer", [Unauthorised("", service=SERVICE), QuotaExhausted("", service=SERVICE)])
def test_a_refusal_is_not_ended_by_a_late_answer(
    gate: Gate, redis_client: Redis, database: Database, answer: ServiceError
) -> None:
    """A key expires while a call is under way that was let in before, and ends well; a call that is let in later ends
    the trouble."""
    with gate.admit():
        fail(gate, answer)
    assert len(told(database)) == 1
    redis_client.delete(KEYS.cool_down)
    assert is_let_in(gate)
    assert len(told(database)) == 2


def test_our_own_limit_of_a_day_is_told_like_a_quota(redis_client: Redis, database: Database) -> None:
    """Once, until a tenth of it is left again: else each call that leaves the window would be told twice."""
    gate = gate_on(redis_client, database, [CallLimit(15, MINUTE), CallLimit(20, DAY)])
    assert is_let_in(gate, 15)
    refusal(gate)
    assert told(database) == []
    make_hits_older(redis_client, MINUTE * 2)
    assert is_let_in(gate, 5)
    assert not is_let_in(gate)
    assert not is_let_in(gate)
    assert told(database) == ["quota_exhausted"]
    make_hits_older(redis_client, DAY, only=1)
    assert is_let_in(gate)
    assert not is_let_in(gate)
    make_hits_older(redis_client, DAY, only=2)
    assert is_let_in(gate)
    assert told(database) == ["quota_exhausted"]
    make_hits_older(redis_client, DAY, only=2)
    assert is_let_in(gate)
    assert told(database) == ["quota_exhausted", "quota_exhausted_ended"]


def test_a_batch_that_is_too_big_uses_up_no_quota(redis_client: Redis, database: Database) -> None:
    """As long as a smaller one would go out: batches and single calls in turn would be told and ended each round."""
    gate = gate_on(redis_client, database, [CallLimit(100, DAY)])
    for _ in range(3):
        assert refusal(gate, 120, smallest=2).left > 90
        assert is_let_in(gate, 2)
    assert is_let_in(gate, 92)
    assert refusal(gate, 120, smallest=2).left == 2
    assert told(database) == []
    assert is_let_in(gate)
    assert refusal(gate, 120, smallest=2).left == 1
    assert told(database) == ["quota_exhausted"]
    assert is_let_in(gate)
    assert told(database) == ["quota_exhausted"]


def make_hits_older(redis: Redis, by: timedelta, only: int = 1000) -> None:
    """As if the oldest hits had been made so much earlier."""
    found = cast("list[tuple[bytes, float]]", redis.zrange(KEYS.hits, 1, only, withscores=True))
    redis.zadd(KEYS.hits, {name: score - by / timedelta(milliseconds=1) for name, score in found})


def test_a_good_call_asks_postgresql_for_nothing_more(
    gate: Gate, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the first one; two statements count it."""
    assert is_let_in(gate)
    statements: list[str] = []

    def noting(original: Callable[..., object]) -> Callable[..., object]:
        def noted(self: Transaction, statement: str, parameters: object = None) -> object:
            statements.append(statement)
            return original(self, statement, parameters)

        return noted

    for method in ("execute", "row", "rows"):
        monkeypatch.setattr(Transaction, method, noting(getattr(Transaction, method)))
    assert is_let_in(gate)
    assert len(statements) == 2


@pytest.mark.parametrize("kind", TROUBLES)
def test_a_lost_marker_leaves_no_trouble_open(
    redis_client: Redis, database: Database, kind: IncidentKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each process looks after its start and every few minutes."""
    now = [1000.0]
    gate = gate_on(redis_client, database)
    monkeypatch.setattr(gate._outcomes._troubles, "_monotonic", lambda: now[0])

    def open_trouble() -> None:
        with database.transaction() as tx:
            incidents.begin(tx, kind, SERVICE, "it began")

    for pause in (0, 301, 301):
        now[0] += pause
        open_trouble()
        assert is_let_in(gate)
        assert troubles(database) == []
    open_trouble()
    assert is_let_in(gate)
    assert troubles(database) == [(kind, SERVICE)]


def test_the_trouble_of_an_open_breaker_is_not_ended_by_a_late_answer(gate: Gate, database: Database) -> None:
    """A call that began before the breaker opened and ends well after it."""
    with gate.admit():
        open_the_breaker(gate)
    assert troubles(database) == [("breaker_open", SERVICE)]


# --- Redis and PostgreSQL


def test_without_redis_nothing_goes_out(database: Database) -> None:
    """Its error comes as it is: the messages of workers come from there too."""
    with connect_redis(f"redis://{NOWHERE}/0") as redis, pytest.raises(RedisError):
        is_let_in(gate_on(redis, database))


def test_without_postgresql_nothing_goes_out(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be counted is not called; the place is free again, and the service has not failed."""
    monkeypatch.setattr(Database, "run", unavailable)
    for _ in range(6):
        with pytest.raises(StorageUnavailable), gate.admit():
            pytest.fail("it was let in")
    state = gate.state()
    assert (state.in_flight, state.breaker) == (0, "closed")


def test_what_cannot_be_told_now_is_told_later(
    gate: Gate, redis_client: Redis, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came of the call is what the caller hears; the trouble is told as soon as it is met again."""
    assert is_let_in(gate)
    run = Database.run
    with suppress(Unauthorised), gate.admit():
        monkeypatch.setattr(Database, "run", unavailable)
        raise Unauthorised("", service=SERVICE)
    monkeypatch.setattr(Database, "run", run)
    redis_client.delete(KEYS.cool_down)
    assert told(database) == []
    fail(gate, Unauthorised("", service=SERVICE))
    redis_client.delete(KEYS.cool_down)
    assert told(database) == ["unauthorised"]
    with gate.admit():
        monkeypatch.setattr(Database, "run", unavailable)
    monkeypatch.setattr(Database, "run", run)
    assert told(database) == ["unauthorised"]
    assert is_let_in(gate)
    assert told(database) == ["unauthorised", "unauthorised_ended"]


def unavailable(*_: object) -> NoReturn:
    raise StorageUnavailable("away")


def test_every_key_runs_out_and_is_the_services_own(gate: Gate, redis_client: Redis) -> None:
    """Whatever has happened."""
    fail(gate, Unauthorised("", service=SERVICE))
    redis_client.delete(KEYS.cool_down)
    fail(gate, RateLimited("", service=SERVICE))
    redis_client.delete(KEYS.cool_down)
    with gate.admit():
        open_the_breaker(gate)
        fail(gate, RateLimited("", service=SERVICE))
        keys = cast("list[bytes]", redis_client.keys())
        assert len(keys) >= 5
        for key in keys:
            assert key.startswith(b"wt-test:gate:openweather::")
            assert redis_client.pttl(key) > 0, key


@pytest.mark.parametrize("lose", [Redis.script_flush, Redis.flushall])
def test_a_redis_that_forgets_in_the_middle_of_a_call(
    redis_client: Redis, database: Database, lose: Callable[[Redis], object]
) -> None:
    """The call goes on, and the next ones are counted with what was called before."""
    gate = gate_on(redis_client, database, [CallLimit(4, DAY)])
    with gate.admit(2):
        lose(redis_client)
    assert is_let_in(gate)
    with gate.admit():
        lose(redis_client)
    assert not is_let_in(gate)


def test_calls_that_others_have_made_are_known_to_an_empty_redis(redis_client: Redis, database: Database) -> None:
    """An hour's calls are as old as its end, those of the present hour are of now; of this service alone."""
    gate = gate_on(redis_client, database, [CallLimit(10, timedelta(hours=1)), CallLimit(20, timedelta(hours=2))])
    with database.transaction() as tx:
        tx.execute(
            "CREATE OR REPLACE FUNCTION clock_ms() RETURNS timestamptz LANGUAGE sql VOLATILE PARALLEL SAFE"
            " RETURN timestamptz '2026-07-01 10:20:00Z'"
        )
        tx.execute(
            "INSERT INTO api_calls VALUES ('openweather', '', '2026-07-01 07:00Z', 1000),"
            " ('openweather', '', '2026-07-01 08:00Z', 4), ('openweather', '', '2026-07-01 09:00Z', 3),"
            " ('openweather', '', '2026-07-01 10:00Z', 2), ('open_meteo', '', '2026-07-01 10:00Z', 100)"
        )
    assert is_let_in(gate)
    hour, two = gate.state().limits
    assert (hour.used, two.used) == (3 + 2 + 1, 4 + 3 + 2 + 1)
    out = hour.oldest_out_at
    assert out is not None
    expected = timedelta(minutes=40) + LEASE
    assert abs(out - from_ms(clock_ms(redis_client)) - expected) < timedelta(seconds=5)


def test_a_flush_between_token_and_count(
    redis_client: Redis, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The call is neither in the hits nor in what they were made anew from: it takes its token once more."""
    gate = gate_on(redis_client, database, [CallLimit(2, DAY)])
    other = gate_on(redis_client, database, [CallLimit(2, DAY)])
    run = Database.run
    lost = [True]

    def flush_first(self: Database, work: Callable[[Transaction], object]) -> object:
        if lost.pop() if lost else False:
            redis_client.delete(KEYS.hits)
            assert is_let_in(other)
        return run(self, work)

    monkeypatch.setattr(Database, "run", flush_first)
    assert is_let_in(gate)
    assert not is_let_in(other)
    assert gate.state().limits[0].used == 2


def test_a_call_that_is_not_ready_in_time_does_not_go_out(
    gate: Gate, redis_client: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its place may be somebody else's already."""
    run = Database.run

    def slow(self: Database, work: Callable[[Transaction], object]) -> object:
        redis_client.delete(KEYS.in_flight)
        return run(self, work)

    monkeypatch.setattr(Database, "run", slow)
    assert "not ready in time" in str(refusal(gate))


def test_the_key_names() -> None:
    """They are of the service and the account, so that `rate-limit-stats` and people find them."""
    assert GateKeys("wt", "meta_ads", "meta-acme").hits == "wt:gate:meta_ads:meta-acme:hits"
