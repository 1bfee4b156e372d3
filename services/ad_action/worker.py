"""Where an ad-action process is put together: `dramatiq services.ad_action.worker:start`.

It consumes the queues of all platforms; `--queues actions.meta_ads` makes it a bulkhead for one.
"""

import os

from services.ad_action.actors import declare
from services.ad_action.apply_changes import ApplyChangesStep
from services.ad_action.restraint import Pace
from services.ad_action.settings import Settings
from weathertrigger.outside.ad_gates import ad_gates
from weathertrigger.outside.ads import ad_platforms
from weathertrigger.platforms.registry import PLATFORMS
from weathertrigger.worker import refusing, start_worker


@refusing
def start() -> None:
    """Called by Dramatiq in each worker process."""
    settings = Settings.from_environment(os.environ)
    platforms = ad_platforms(settings)
    worker = start_worker("ad-action", settings)
    gates = ad_gates(settings, redis=worker.redis, namespace=settings.redis_namespace, database=worker.database)
    step = ApplyChangesStep(
        database=worker.database,
        platforms=platforms,
        gates=gates,
        pace=Pace(settings.raise_cool_down, settings.change_attempts),
        worker_id=worker.name,
    )
    declare(worker.broker, worker.database, step, list(PLATFORMS))
