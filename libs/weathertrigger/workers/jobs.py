"""Counts the jobs of this process: a job is a message, from being begun to its end. One that ends in a way that nobody
foresaw is refused, so that its message is kept among the dead ones."""

import threading

import dramatiq
from dramatiq.middleware import Middleware
from structlog.contextvars import bind_contextvars, unbind_contextvars

from weathertrigger.storage.worker_registry import JobCounts


class Jobs(Middleware):
    """What every job comes to. A step that says so itself (`fail`, `expire`) is right, however its actor returned."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts = {"succeeded": 0, "failed": 0, "expired": 0, "current": 0}
        self._mine = threading.local()

    @property
    def counts(self) -> JobCounts:
        """So far."""
        with self._lock:
            return JobCounts(**self._counts)

    def fail(self) -> None:
        """The job of this thread did not do what it was for."""
        self._mine.words = ("failed",)

    def expire(self) -> None:
        """The job of this thread came too late to be of use."""
        self._mine.words = ("succeeded", "expired")

    def before_process_message(self, _broker: object, message: dramatiq.MessageProxy) -> None:
        """A job begins. What is logged until its end names its message, as `dead-letters` does."""
        bind_contextvars(message_id=_name_of(message))
        self._mine.words = ("succeeded",)
        self._count("current", 1)

    def after_process_message(
        self,
        _broker: object,
        message: dramatiq.MessageProxy,
        *,
        result: object = None,  # noqa: ARG002  Dramatiq gives it by this name
        exception: BaseException | None = None,
    ) -> None:
        """A job ends."""
        if exception:
            message.fail()
        for word in ("failed",) if exception else self._mine.words:
            self._count(word, 1)
        self._count("current", -1)
        unbind_contextvars("message_id")

    def after_skip_message(self, broker: dramatiq.Broker, message: dramatiq.MessageProxy) -> None:
        """A job ends that was not done."""
        self.after_process_message(broker, message)

    def _count(self, word: str, more: int) -> None:
        with self._lock:
            self._counts[word] += more


def _name_of(message: dramatiq.MessageProxy) -> str:
    redis_id = message.options.get("redis_message_id", message.message_id)
    return redis_id.decode(errors="backslashreplace") if isinstance(redis_id, bytes) else str(redis_id)
