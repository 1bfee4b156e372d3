"""The scheduler: `python -m services.scheduler`. Any number of replicas may run; none of them is special."""

import os
import signal
import sys
import time
from datetime import timedelta
from functools import partial
from types import FrameType

from services.scheduler.dispatch_due_checks import DispatchDueChecks
from services.scheduler.end_breaker_troubles import EndBreakerTroubles
from services.scheduler.end_poison import EndPoison
from services.scheduler.end_quiet_troubles import EndQuietTroubles
from services.scheduler.expire_readings import ExpireReadings
from services.scheduler.keep_dead_letters import KeepDeadLetters
from services.scheduler.metrics.serve import serve_metrics
from services.scheduler.plan_day import PlanDay
from services.scheduler.retire_stale_workers import RetireStaleWorkers
from services.scheduler.ring_due_changes import RingDueChanges
from services.scheduler.rounds import Rounds, every
from services.scheduler.settings import Settings
from services.scheduler.sweep_schedule import SweepSchedule
from weathertrigger.doorbells import ring_accounts
from weathertrigger.errors import SettingsError, UsageError
from weathertrigger.outside.weather import preferred_provider
from weathertrigger.stop_request import StopRequest
from weathertrigger.storage.worker_registry import WorkerStatus
from weathertrigger.worker import USAGE, Worker, say_refusal, start_worker

_SWEEP_SECONDS = 10.0
_RING_SECONDS = 2.0
_KEEP_SECONDS = 5.0
_RETIRE_SECONDS = 10.0
_PLAN_SECONDS = 300.0
_TROUBLES_SECONDS = 10.0
_EXPIRE_SECONDS = 3600.0


def main() -> int:
    """Runs until SIGTERM, SIGINT or a request to stop (exit code 0), or until one of its rounds breaks (1)."""
    try:
        settings = Settings.from_environment(os.environ)
        serve_metrics(settings)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return USAGE
    stop = StopRequest()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.ask()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    try:
        worker = start_worker("scheduler", settings, stop=stop.ask)
    except UsageError as error:
        return say_refusal(error)
    return _run(worker, _rounds(worker, settings), stop, settings.graceful_shutdown_timeout)


def _rounds(worker: Worker, settings: Settings) -> list[Rounds]:
    database, redis, namespace = worker.database, worker.redis, settings.redis_namespace
    retention = timedelta(days=settings.weather_retention_days)
    preferred = preferred_provider(settings)
    end_poison = EndPoison(database, worker.bells, partial(ring_accounts, worker.broker), worker.name)
    dispatch = DispatchDueChecks(database, worker.bells, worker.broker, namespace, end_poison=end_poison)
    return [
        Rounds("dispatch-due-checks", dispatch),
        Rounds("sweep-schedule", every(_SWEEP_SECONDS, SweepSchedule(database, worker.bells))),
        Rounds("ring-due-changes", every(_RING_SECONDS, RingDueChanges(database, worker.broker))),
        Rounds("keep-dead-letters", every(_KEEP_SECONDS, KeepDeadLetters(database, redis, namespace))),
        Rounds("retire-stale-workers", every(_RETIRE_SECONDS, RetireStaleWorkers(database, redis, namespace))),
        Rounds("expire-readings", every(_EXPIRE_SECONDS, ExpireReadings(database, retention))),
        Rounds("end-breaker-troubles", every(_TROUBLES_SECONDS, EndBreakerTroubles(database, redis, namespace))),
        Rounds("end-quiet-troubles", every(_EXPIRE_SECONDS, EndQuietTroubles(database))),
        *(
            [Rounds("plan-day", every(_PLAN_SECONDS, PlanDay(database, *preferred, settings.ages)))]
            if preferred
            else []
        ),
    ]


def _run(worker: Worker, rounds: list[Rounds], stop: StopRequest, time_to_stop: timedelta) -> int:
    for one in rounds:
        one.start()
    worker.life.is_now(WorkerStatus.RUNNING)
    while not stop.wait(0.5) and all(one.is_alive() for one in rounds):
        pass
    worker.life.is_now(WorkerStatus.STOPPING)
    for one in rounds:
        one.stop()
    by = time.monotonic() + time_to_stop.total_seconds()
    ended = [one.join(max(by - time.monotonic(), 0)) for one in rounds]
    worker.life.end()
    return 0 if stop.is_asked() and all(ended) else 1


if __name__ == "__main__":
    sys.exit(main())
