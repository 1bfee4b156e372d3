"""Gates of a test, and processes of their own that call through them."""

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from multiprocessing import get_context

import pytest
from redis import Redis, RedisError

from weathertrigger.broker import connect_redis
from weathertrigger.call_limits import CallLimit
from weathertrigger.errors import Busy, HeldBack, ServiceError, Transient
from weathertrigger.limits.cost import NOTHING
from weathertrigger.limits.gate import Gate
from weathertrigger.limits.keys import GateKeys
from weathertrigger.storage import incidents
from weathertrigger.storage.database import Database

NAMESPACE = "wt-test"
SERVICE = "openweather"
KEYS = GateKeys(NAMESPACE, SERVICE)
PLENTY = (CallLimit(100_000, timedelta(days=1)),)
PATIENCE_SECONDS = 60.0
BROKEN = Transient("openweather does not answer", service=SERVICE)


@dataclass(frozen=True)
class Ground:
    """Where the servers are; goes to other processes."""

    database_url: str
    redis_url: str
    limits: tuple[CallLimit, ...] = PLENTY
    reset: timedelta = timedelta(seconds=30)
    most_at_once: int = 16


@dataclass(frozen=True)
class Made:
    """One call that went out: by the clock of Redis, when its block began, and when it had asked to be let in."""

    asked_ms: int
    began_ms: int


def gate_on(redis: Redis, database: Database, limits: Sequence[CallLimit] = PLENTY, **options: object) -> Gate:
    return Gate(redis=redis, namespace=NAMESPACE, database=database, service=SERVICE, limits=limits, **options)  # type: ignore[arg-type]  # those of the gate


@contextmanager
def opened(ground: Ground, threads: int = 1) -> Iterator[tuple[Gate, Redis]]:
    """A gate of this process's own."""
    database = Database(ground.database_url, application_name="weathertrigger tests", size=threads)
    redis = connect_redis(ground.redis_url)
    try:
        yield (
            gate_on(redis, database, ground.limits, reset=ground.reset, most_at_once=ground.most_at_once),
            redis,
        )
    finally:
        database.close()
        redis.close()


def clock_ms(redis: Redis) -> int:
    seconds, micros = redis.time()
    return int(seconds) * 1000 + int(micros) // 1000


def fail(gate: Gate, error: BaseException = BROKEN, *, account: str = "") -> BaseException | None:
    """One call that ends with this error; gives what came out."""
    try:
        with gate.admit(account=account):
            raise error
    except type(error) as raised:
        return raised
    except HeldBack as held:
        return held


def is_let_in(gate: Gate, cost: int = 1, *, account: str = "", keep_back: Fraction = NOTHING) -> bool:
    """One call that goes well, if it may."""
    try:
        with gate.admit(cost, account=account, keep_back=keep_back):
            return True
    except HeldBack:
        return False


def refusal(
    gate: Gate, cost: int = 1, *, account: str = "", smallest: int = 1, keep_back: Fraction = NOTHING
) -> HeldBack:
    """Why a call may not be made."""
    with (
        pytest.raises(HeldBack) as caught,
        gate.admit(cost, account=account, smallest=smallest, keep_back=keep_back),
    ):
        pytest.fail("it was let in")
    return caught.value


def told(database: Database) -> list[str]:
    """The notifications by their kinds, in their order."""
    with database.transaction() as tx:
        return [row.kind for row in tx.rows("SELECT kind FROM notifications ORDER BY id")]


def troubles(database: Database) -> list[tuple[str, str]]:
    with database.transaction() as tx:
        return [(row.kind, row.subject) for row in incidents.listed(tx)]


def let_the_breaker_try(redis: Redis, seconds: float = 30) -> None:
    """As if the breaker had been open for so long."""
    redis.hset(KEYS.breaker, "opened_at", clock_ms(redis) - int(seconds * 1000))


def open_the_breaker(gate: Gate) -> None:
    for _ in range(5):
        assert fail(gate) is BROKEN
    assert gate.state().breaker == "open"


def calling(ground: Ground, threads: int = 2) -> list[Made]:
    """Calls as fast as the gate lets it until a day's calls are used up; when Redis is away it tries again."""
    with opened(ground, threads) as (gate, redis), ThreadPoolExecutor(threads) as several:

        def call_on(_: int) -> list[Made]:
            made: list[Made] = []
            until = time.monotonic() + PATIENCE_SECONDS
            while time.monotonic() < until:
                try:
                    asked = clock_ms(redis)
                    with gate.admit():
                        made.append(Made(asked, clock_ms(redis)))
                except HeldBack as held:
                    if held.retry_after > timedelta(hours=1):
                        return made
                    time.sleep(min(held.retry_after.total_seconds(), 0.05))
                except RedisError:
                    time.sleep(0.05)
            raise AssertionError("the day's calls were never used up")

        return [one for made in several.map(call_on, range(threads)) for one in made]


def failing(ground: Ground, attempts: int, threads: int, hang_seconds: float) -> None:
    """Each thread calls a service that hangs and then fails, whatever the gate says of it before; `went_out` counts."""
    with opened(ground, threads) as (gate, redis), ThreadPoolExecutor(threads) as several:
        together = threading.Barrier(threads)

        def call(_: int) -> None:
            together.wait()
            for _ in range(attempts):
                try:
                    with gate.admit():
                        redis.incr("went_out")
                        time.sleep(hang_seconds)
                        raise BROKEN
                except Busy:
                    time.sleep(0.01)
                except ServiceError:
                    pass

        list(several.map(call, range(threads)))


def probing(ground: Ground, seconds: float, hang_seconds: float) -> None:
    """Asks all the time for a service that hangs and fails. `probes` are the times when calls went out, `at_once` how
    many were out then."""
    with opened(ground) as (gate, redis):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                with gate.admit():
                    redis.rpush("at_once", redis.incr("out"))
                    redis.rpush("probes", clock_ms(redis))
                    time.sleep(hang_seconds)
                    redis.decr("out")
                    raise BROKEN
            except ServiceError:
                time.sleep(0.005)


def hanging(ground: Ground) -> None:
    """Holds a place until it is killed."""
    with opened(ground) as (gate, redis), gate.admit():
        redis.set("holder", os.getpid())
        time.sleep(600)


def in_processes(count: int, work: Callable[..., object], *arguments: object, **named: object) -> list[object]:
    """What the work gave in each of so many processes, all at the same time."""
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as processes:
        futures = [processes.submit(work, *arguments, **named) for _ in range(count)]
        return [one.result() for one in futures]
