"""A process in which a thread that does the work has died ends, and one that stops in order is left alone."""

import subprocess
import sys
import threading
from collections.abc import Iterator

import dramatiq
import pytest
from dramatiq.middleware import Middleware
from redis import Redis

from tests.integration.lives import Living
from tests.integration.workers import NAMESPACE, QUEUE, consume, doorbell, working
from tests.processes import wait_until
from weathertrigger.broker import enqueue_all, make_broker
from weathertrigger.deliveries.queue_broker import QueueBroker
from weathertrigger.storage.database import Database
from weathertrigger.workers.lifecycle import Lifecycle
from weathertrigger.workers.watchdog import EXIT_CODE, Watchdog

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")

_DYING = """
import sys, time
from dramatiq import Worker
from weathertrigger.broker import connect_redis, make_broker
from weathertrigger.workers.watchdog import Watchdog
broker = make_broker(connect_redis(sys.argv[1]), "wt")
broker.declare_queue("evaluation")
broker.consume = lambda *_, **__: sys.exit("the consumer dies")
worker = Worker(broker, worker_threads=1)
worker.start()
Watchdog(lambda: [*worker.consumers.values(), *worker.workers]).start()
time.sleep(600)
"""


class Deadly(Middleware):
    """Something that ends the thread that runs it."""

    def after_ack(self, _broker: object, message: dramatiq.MessageProxy) -> None:
        if message.kwargs["account_id"] == "deadly":
            raise SystemExit


@pytest.fixture
def ends() -> list[int]:
    """The exit codes with which the process would have ended."""
    return []


@pytest.fixture
def broker(database: Database, redis_client: Redis, ends: list[int]) -> Iterator[QueueBroker]:
    """One whose worker has a lifecycle, with its watchdog."""
    made = make_broker(redis_client, NAMESPACE, [Deadly()])
    life = Living().on(database)
    life.start()
    made.add_middleware(Lifecycle(life, made, end=ends.append))
    consume(made, database, lambda _: None)
    yield made
    life.end()


def watchdogs() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == "watchdog"]


def test_a_dead_thread_ends_a_real_process(redis_url: str) -> None:
    """At once, with its exit code, however many other threads are well."""
    command = [sys.executable, "-c", _DYING, redis_url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == EXIT_CODE == 70, done.stderr
    assert "a thread has died, and the process ends with it" in done.stderr


def test_a_worker_thread_that_dies(broker: QueueBroker, ends: list[int]) -> None:
    """By what a hook raises; the other threads would go on as if nothing was."""
    with working(broker):
        enqueue_all(broker, [doorbell("deadly"), doorbell("good")])
        wait_until(lambda: ends)
        assert ends == [EXIT_CODE]


def test_a_stop_in_order(broker: QueueBroker, ends: list[int]) -> None:
    """The watchdog watches until the stop begins, and has nothing to say about the threads that end then."""
    with working(broker):
        enqueue_all(broker, [doorbell("good")])
        wait_until(lambda: not broker.client.hlen(f"{NAMESPACE}:dramatiq:{QUEUE}.msgs"))
        assert watchdogs()
    wait_until(lambda: not watchdogs())
    assert ends == []


def test_threads_that_are_well() -> None:
    """It looks again and again, at the threads that there are at that moment."""
    looks: list[int] = []
    ends: list[int] = []

    def threads() -> list[threading.Thread]:
        looks.append(1)
        return [threading.main_thread()] if len(looks) < 3 else [threading.Thread()]

    Watchdog(threads, ends.append).start()
    wait_until(lambda: ends)
    assert len(looks) == 3
