"""The settings of the rule-evaluator."""

from dataclasses import dataclass

from weathertrigger.worker import WorkerSettings


@dataclass(frozen=True, kw_only=True)
class Settings(WorkerSettings):
    """What the rule-evaluator needs to know."""
