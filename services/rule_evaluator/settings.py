"""The settings of the rule-evaluator."""

from dataclasses import dataclass
from datetime import timedelta

from weathertrigger.settings import FORECAST_MAX_AGE, WEATHER_MAX_AGE
from weathertrigger.worker import WorkerSettings


@dataclass(frozen=True, kw_only=True)
class Settings(WorkerSettings):
    """What the rule-evaluator needs to know."""

    weather_max_age: timedelta = WEATHER_MAX_AGE.field()
    forecast_max_age: timedelta = FORECAST_MAX_AGE.field()
