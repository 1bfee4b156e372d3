"""What Dramatiq's worker tells of its life (running, stopping, stopped), and how it stops without keeping anything."""

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator

from dramatiq import MessageProxy, Worker
from dramatiq.common import iter_queue
from dramatiq.errors import ConnectionClosed
from dramatiq.middleware import Middleware

from weathertrigger.alerts import flush_alerts
from weathertrigger.deliveries.queue_broker import QueueBroker
from weathertrigger.storage.worker_registry import WorkerStatus
from weathertrigger.workers.life import WorkerLife
from weathertrigger.workers.watchdog import Watchdog

log = logging.getLogger(__name__)

UNFINISHED = 1
"""Exit code of a worker that had to leave a job behind."""


class Lifecycle(Middleware):
    """Of one worker process and its broker. `end` ends the process at once with an exit code."""

    def __init__(self, life: WorkerLife, broker: QueueBroker, end: Callable[[int], object]) -> None:
        self._life = life
        self._queue_broker = broker
        self._end = end
        self._watchdog: Watchdog | None = None

    def after_worker_boot(self, _broker: object, worker: Worker) -> None:
        """Every thread is there, and must stay."""
        self._watchdog = Watchdog(lambda: _threads(worker), self._end)
        self._watchdog.start()
        self._life.is_now(WorkerStatus.RUNNING)

    def before_worker_shutdown(self, _broker: object, worker: Worker) -> None:
        """What runs is finished. What was only fetched is given back at once, and nothing more is taken."""
        if self._watchdog:
            self._watchdog.call_off()
        self._life.is_now(WorkerStatus.STOPPING)
        self._queue_broker.is_stopping = True
        _give_back(worker)

    def after_worker_shutdown(self, _broker: object, worker: Worker) -> None:
        """In time, or not: then the process ends here with another exit code than 0, and the checks ring again."""
        self._life.end()
        if unfinished := sum(thread.is_alive() for thread in worker.workers):
            log.error("the time to stop is over", extra={"unfinished_jobs": unfinished})
            self._end(UNFINISHED)
        flush_alerts()


def _threads(worker: Worker) -> Iterator[threading.Thread]:
    yield from tuple(worker.consumers.values())
    yield from tuple(worker.workers)


def _give_back(worker: Worker) -> None:
    by_queue: dict[str, list[MessageProxy]] = defaultdict(list)
    for item in iter_queue(worker.work_queue):  # type: ignore[no-untyped-call]  # Dramatiq leaves it untyped
        by_queue[item.message.queue_name].append(item.message)
    for queue, messages in by_queue.items():
        try:
            worker.consumers[queue].requeue_messages(messages)
        except ConnectionClosed as error:
            log.info("messages are not given back", extra={"queue": queue, "error": str(error)})
