"""A worker whose job is told by the rule that its message is about: what it meets, and what it tells people.

Dramatiq starts it in place of `services.rule_evaluator.worker:start`; all but the step is the real one's.
"""

import logging
import os
import sys
from dataclasses import dataclass
from datetime import timedelta

from services.rule_evaluator.actors import declare
from weathertrigger.errors import HeldBack, RateLimited, SerialisationFailure, StorageUnavailable, Transient
from weathertrigger.messages import EvaluateRules
from weathertrigger.outside.settings import AdSettings, WeatherSettings
from weathertrigger.storage.database import Database, Transaction
from weathertrigger.storage.notifications import notify
from weathertrigger.worker import WorkerSettings, refusing, start_worker

TOLD = "Rule {} is paused: its calls to https://graph.example/?access_token={} fail."


WAITS = (
    StorageUnavailable("PostgreSQL: gone"),
    SerialisationFailure("PostgreSQL: deadlock"),
    Transient("503", service="meta_ads"),
    RateLimited("slower", service="openweather"),
    HeldBack("later", service="openweather", retry_after=timedelta(minutes=1)),
)
"""What a step ends with until its bell rings again."""


@dataclass(frozen=True, kw_only=True)
class Settings(WorkerSettings, AdSettings, WeatherSettings):
    """The settings of every worker, so that every secret is there."""


@refusing
def start() -> None:
    """Called by Dramatiq in each worker process."""
    settings = Settings.from_environment(os.environ)
    worker = start_worker("rule-evaluator", settings)
    declare(worker.broker, worker.database, Trouble(worker.database, settings))


class Trouble:
    """The step."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings

    def __call__(self, message: EvaluateRules) -> None:
        for reading in message.readings:
            for rule_id in reading.checks:
                self._meet(rule_id)

    def _meet(self, rule_id: str) -> None:
        what, _, number = rule_id.partition("-")
        match what:
            case "breaks":
                self._break()
            case "waits":
                raise WAITS[int(number)]
            case "tells":
                self._tell(rule_id, repeats=2)
            case "undone":
                self._tell(rule_id, repeats=9)
            case "looks":
                logging.getLogger(__name__).warning("sentry_sdk is %s", "sentry_sdk" in sys.modules)

    def _break(self) -> None:
        """As a library does that says too much: addresses, keys, tokens."""
        settings = self._settings
        try:
            self._ask()
        except ConnectionError as error:
            said = f"{settings.database_url} {settings.meta_access_token} Bearer {settings.google_ads_refresh_token}"
            raise ZeroDivisionError(said) from error

    def _ask(self) -> None:
        settings = self._settings
        raise ConnectionError(f"GET {settings.openweather_url}/data?appid={settings.openweather_api_key}")

    def _tell(self, rule_id: str, repeats: int) -> None:
        """In a transaction that meets conflicts before it is committed, or to the end."""
        attempts = []

        def work(tx: Transaction) -> None:
            attempts.append(1)
            message = TOLD.format(rule_id, self._settings.meta_access_token)
            notify(tx, kind="rule_paused", subject=rule_id, message=message)
            if len(attempts) <= repeats:
                raise SerialisationFailure("somebody else was quicker")

        self._database.run(work)
