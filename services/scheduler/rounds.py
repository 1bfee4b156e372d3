"""Runs one job again and again in a thread, whatever happens to it, until it is told to stop."""

import logging
import threading
from collections.abc import Callable

from redis.exceptions import RedisError

from weathertrigger.errors import WeatherTriggerError
from weathertrigger.jitter import full_jitter

log = logging.getLogger(__name__)


class Rounds:
    """`job` gives the seconds until its next round. After a failure of Redis or PostgreSQL it tries again, slower and
    slower, up to every five seconds."""

    def __init__(self, name: str, job: Callable[[], float]) -> None:
        self._name = name
        self._job = job
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begins with the first round at once."""
        self._thread.start()

    def stop(self) -> None:
        """No further round begins."""
        self._stop.set()

    def join(self, seconds: float) -> bool:
        """Waits for the round that runs; False when it did not end in time."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def is_alive(self) -> bool:
        """False after a stop, or when the job broke in a way that nobody foresaw."""
        return self._thread.is_alive()

    def _run(self) -> None:
        failures = 0
        while not self._stop.is_set():
            try:
                wait = self._job()
                failures = 0
            except (WeatherTriggerError, RedisError) as error:
                failures += 1
                wait = 0.2 + full_jitter(failures, base=0.2, cap=5.0)
                log.warning(
                    "round failed", extra={"round": self._name, "error": str(error), "again_in": round(wait, 1)}
                )
            self._stop.wait(wait)


def every(seconds: float, job: Callable[[], object]) -> Callable[[], float]:
    """The job as one that runs again after so many seconds."""

    def run() -> float:
        job()
        return seconds

    return run
