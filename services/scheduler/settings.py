"""The settings of the scheduler."""

from dataclasses import dataclass
from datetime import timedelta

from weathertrigger.settings import WORKER_GRACEFUL_SHUTDOWN_TIMEOUT
from weathertrigger.worker import WorkerSettings


@dataclass(frozen=True, kw_only=True)
class Settings(WorkerSettings):
    """What the scheduler needs to know."""

    graceful_shutdown_timeout: timedelta = WORKER_GRACEFUL_SHUTDOWN_TIMEOUT.field()
