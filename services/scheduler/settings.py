"""The settings of the scheduler."""

from dataclasses import dataclass

from weathertrigger.worker import WorkerSettings


@dataclass(frozen=True, kw_only=True)
class Settings(WorkerSettings):
    """What the scheduler needs to know."""
