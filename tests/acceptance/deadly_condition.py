"""A rule-evaluator that dies of one stored condition, as one would of a bug in the interpreter or of too little memory.

Dramatiq starts it in place of `services.rule_evaluator.worker:start`.
"""

import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from signal import SIGKILL

from services.rule_evaluator import evaluate_rules, worker
from weathertrigger.domain.condition import Comparator, Comparison, Threshold
from weathertrigger.domain.memory import Memory
from weathertrigger.domain.weather import Metric
from weathertrigger.rules.evaluation import MAX_AGE
from weathertrigger.rules.judge import Criteria, Judgement, PlaceWeather, judge

DEADLY = Comparison(Metric.TEMPERATURE, (Threshold(Comparator.ABOVE, 66.6),), "C")


def start() -> None:
    """Called by Dramatiq in each worker process."""
    assert evaluate_rules.judge is judge  # type: ignore[attr-defined]  # it is imported there
    evaluate_rules.judge = _judge_or_die  # type: ignore[attr-defined]
    worker.start()


def _judge_or_die(
    criteria: Criteria,
    memory: Memory,
    weather: Mapping[str, PlaceWeather],
    at: datetime,
    *,
    max_age: timedelta = MAX_AGE,
) -> Judgement:
    if criteria.condition == DEADLY:
        os.kill(os.getpid(), SIGKILL)
    return judge(criteria, memory, weather, at, max_age=max_age)
