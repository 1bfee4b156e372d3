"""The scheduler: `python -m services.scheduler`. Any number of replicas may run; none of them is special."""

import os
import signal
import sys
import threading
from types import FrameType

from services.scheduler.dispatch_due_checks import DispatchDueChecks
from services.scheduler.ring_due_changes import RingDueChanges
from services.scheduler.rounds import Rounds, every
from services.scheduler.settings import Settings
from services.scheduler.sweep_schedule import SweepSchedule
from weathertrigger.errors import SettingsError
from weathertrigger.worker import start_worker

_SWEEP_SECONDS = 10.0
_RING_SECONDS = 2.0
_STOP_SECONDS = 10.0


def main() -> int:
    """Runs until SIGTERM or SIGINT (exit code 0), or until one of its rounds breaks (1)."""
    try:
        settings = Settings.from_environment(os.environ)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    worker = start_worker("scheduler", settings)
    dispatch = DispatchDueChecks(worker.database, worker.bells, worker.broker, settings.redis_namespace)
    rounds = [
        Rounds("dispatch-due-checks", dispatch),
        Rounds("sweep-schedule", every(_SWEEP_SECONDS, SweepSchedule(worker.database, worker.bells))),
        Rounds("ring-due-changes", every(_RING_SECONDS, RingDueChanges(worker.database, worker.broker))),
    ]
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    for one in rounds:
        one.start()
    while not stop.wait(0.5) and all(one.is_alive() for one in rounds):
        pass
    for one in rounds:
        one.stop()
    ended = [one.join(_STOP_SECONDS) for one in rounds]
    return 0 if stop.is_set() and all(ended) else 1


if __name__ == "__main__":
    sys.exit(main())
