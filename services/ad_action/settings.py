"""The settings of ad-action."""

from dataclasses import dataclass

from weathertrigger import settings as declared
from weathertrigger.outside.settings import AdSettings
from weathertrigger.worker import WorkerSettings


@dataclass(frozen=True, kw_only=True)
class Settings(WorkerSettings, AdSettings):
    """What ad-action needs to know."""

    change_attempts: int = declared.CHANGE_ATTEMPTS.field()
