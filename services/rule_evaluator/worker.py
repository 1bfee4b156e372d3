"""Where a rule-evaluator process is put together: `dramatiq services.rule_evaluator.worker:start`."""

import os
from functools import partial

from services.rule_evaluator.actors import declare
from services.rule_evaluator.evaluate_rules import EvaluateRulesStep
from services.rule_evaluator.settings import Settings
from weathertrigger.doorbells import ring_accounts
from weathertrigger.worker import refusing, start_worker


@refusing
def start() -> None:
    """Called by Dramatiq in each worker process."""
    settings = Settings.from_environment(os.environ)
    worker = start_worker("rule-evaluator", settings)
    step = EvaluateRulesStep(
        database=worker.database,
        bells=worker.bells,
        ring=partial(ring_accounts, worker.broker),
        worker_id=worker.name,
        max_age=settings.weather_max_age,
        forecast_max_age=settings.forecast_max_age,
    )
    declare(worker.broker, worker.database, step)
