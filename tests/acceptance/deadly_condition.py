"""A rule-evaluator that dies of one stored condition, as one would of a bug in the interpreter or of too little memory.

Dramatiq starts it in place of `services.rule_evaluator.worker:start`.
"""

import os
from datetime import datetime, timedelta
from signal import SIGKILL

from services.rule_evaluator import evaluate_rules, worker
from weathertrigger.domain.condition import Comparator, Comparison, Condition, Threshold
from weathertrigger.domain.series import Series
from weathertrigger.domain.weather import Metric, Reading
from weathertrigger.rules.evaluation import MAX_AGE, Result, evaluate

DEADLY = Comparison(Metric.TEMPERATURE, (Threshold(Comparator.ABOVE, 66.6),), "C")


def start() -> None:
    """Called by Dramatiq in each worker process."""
    evaluate_rules.evaluate = _evaluate_or_die  # type: ignore[attr-defined]  # it is imported there
    worker.start()


def _evaluate_or_die(
    condition: Condition,
    reading: Reading | None,
    *,
    at: datetime,
    max_age: timedelta = MAX_AGE,
    series: Series | None = None,
) -> Result:
    if condition == DEADLY:
        os.kill(os.getpid(), SIGKILL)
    return evaluate(condition, reading, at=at, max_age=max_age, series=series)
