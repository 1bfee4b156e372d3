"""Works ad accounts off once, without a queue: `python -m services.ad_action.direct ACCOUNT...`.

The step of the workers in a process of its own, for a command that must act while Redis or every worker is down. It
takes the same lease and fence, and asks the kill switch before each call, so it may run beside workers that live.
"""

import os
import sys
import time
from collections.abc import Callable, Sequence
from datetime import timedelta

from redis import RedisError

from services.ad_action.apply_changes import LEASE, ApplyChangesStep
from services.ad_action.restraint import Pace
from services.ad_action.settings import Settings
from weathertrigger.broker import connect_redis
from weathertrigger.environment import secret_values
from weathertrigger.errors import SettingsError, StorageError
from weathertrigger.logs import configure_logs
from weathertrigger.messages import ApplyChanges
from weathertrigger.outside.ad_gates import admissions
from weathertrigger.outside.ads import ad_platforms
from weathertrigger.storage import accounts
from weathertrigger.storage.database import Database
from weathertrigger.workers.name import worker_name

DONE, USAGE, DEGRADED = 0, 2, 6
_LOOK_SECONDS = 0.5
_PATIENCE = LEASE + timedelta(seconds=15)
"""Whoever died with the account keeps it until its lease is over."""


def main(account_ids: Sequence[str]) -> int:
    """Takes each account in turn; gives the exit code. What it says is for a person, on standard error."""
    try:
        settings = Settings.from_environment(os.environ)
        database = Database(settings.database_url, application_name="weathertrigger ad-action direct", size=4)
        platforms = ad_platforms(settings)
    except (SettingsError, StorageError) as error:
        return _say(str(error), USAGE)
    configure_logs("ad-action", level="warning", form=settings.log_format, secrets=secret_values(settings))
    step = ApplyChangesStep(
        database=database,
        platforms=platforms,
        gates=admissions(
            settings, redis=connect_redis(settings.redis_url), namespace=settings.redis_namespace, database=database
        ),
        pace=Pace(settings.raise_cool_down, settings.change_attempts),
        worker_id=worker_name("ad-action-direct", settings.worker_id),
    )
    try:
        return max([_work_off(database, step, account_id) for account_id in account_ids], default=DONE)
    except RedisError as error:
        return _say(f"Redis went away meanwhile: {error} Do it again: without Redis from the start it goes.", DEGRADED)
    except StorageError as error:
        return _say(str(error), DEGRADED)


def _work_off(database: Database, step: Callable[[ApplyChanges], None], account_id: str) -> int:
    """Waits for whoever is at the account, then does what is due on it."""
    deadline = time.monotonic() + _PATIENCE.total_seconds()
    told = False
    while left := _lease_left(database, account_id):
        if time.monotonic() > deadline:
            return _say(f"Somebody is still at {account_id}: a worker lives and does the same.", DEGRADED)
        if not told:
            told = True
            _say(f"Somebody has {account_id}, or died with it: waiting, at most {left.total_seconds():.0f} s.", DONE)
        time.sleep(_LOOK_SECONDS)
    step(ApplyChanges(account_id))
    return DONE


def _lease_left(database: Database, account_id: str) -> timedelta | None:
    with database.transaction() as tx:
        return accounts.lease_left(tx, account_id)


def _say(sentence: str, code: int) -> int:
    sys.stderr.write(sentence + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
