"""`automation-cli doctor`: looks at everything that the engine stands on. Changes nothing."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from types import MappingProxyType
from typing import Any as Info  # what INFO of Redis says: text and numbers
from typing import cast

import click
from redis import Redis, RedisError

from services.automation_cli.connections import Settings, connect_database, read_cli_settings
from services.automation_cli.doctor import keys, postgresql, redis_server
from services.automation_cli.doctor.alerts import alerts
from services.automation_cli.doctor.clocks import clocks
from services.automation_cli.doctor.finding import Finding, Verdict, fault, warning
from services.automation_cli.doctor.incidents import open_incidents
from services.automation_cli.doctor.stopped import pauses_in_force
from services.automation_cli.output import output_option, show
from services.automation_cli.refusals import Faulty
from weathertrigger.broker import connect_redis
from weathertrigger.errors import WeatherTriggerError
from weathertrigger.storage.database import Database, Transaction

Found = Finding | Mapping[str, Finding]
"""One finding, or several by what each is about."""

_COLUMNS = ("about", "verdict", "found", "advice")

_POSTGRESQL: Mapping[str, Callable[[Transaction, Settings], Found]] = MappingProxyType(
    {
        "PostgreSQL": postgresql.server,
        "migrations": postgresql.migrations,
        "installation": postgresql.kind,
        "API keys": keys.api_keys,
        "credentials": keys.credentials,
        "workers": postgresql.workers,
        "alerts": alerts,
        "incidents": open_incidents,
        "pauses": pauses_in_force,
    }
)
_REDIS = MappingProxyType(
    {
        "Redis": redis_server.server,
        "Redis eviction": redis_server.eviction,
        "Redis memory": redis_server.memory,
        "Redis persistence": redis_server.persistence,
        "Redis keys": redis_server.keys,
    }
)
"""What is looked at in each server; the first look tells whether it can be reached at all."""
_ADVICE = MappingProxyType(
    {
        "PostgreSQL": "Start it, or put DATABASE_URL right.",
        "Redis": "Start it, or put REDIS_URL right.",
    }
)


@click.command()
@output_option
def doctor(output: str) -> None:
    """Look at PostgreSQL, Redis, clocks, keys, workers and the services outside: what is well, what is not, what to do.

    Each thing is `ok`, a `warning` (the engine works) or a `fault` (it does not); with a fault the exit code is 6.
    Of keys only the names are shown, as they are set where this command runs. Changes nothing.
    """
    settings = read_cli_settings()
    findings = _examine(settings)
    rows = [
        {"about": about, "verdict": one.verdict.value, "found": one.found, "advice": one.advice}
        for about, one in findings.items()
    ]
    show(rows, output=output, columns=_COLUMNS, empty="")
    faults = [about for about, one in findings.items() if one.verdict is Verdict.FAULT]
    if faults:
        raise Faulty(f"{len(faults)} fault(s): {', '.join(faults)}.")


def _examine(settings: Settings) -> Mapping[str, Finding]:
    database = connect_database(settings)
    done = _Examination()
    with connect_redis(settings.redis_url) as redis:
        info = cache(lambda: cast("Mapping[str, Info]", redis.info()))
        for about, look in _POSTGRESQL.items():
            done.look(about, ("PostgreSQL",), partial(_in_transaction, database, settings, look))
        for about, look_at in _REDIS.items():
            done.look(about, ("Redis",), partial(_with_info, redis, info, look_at))
        done.look("clocks", ("PostgreSQL", "Redis"), lambda: clocks(database, redis))
    return done.findings


def _in_transaction(database: Database, settings: Settings, look: Callable[[Transaction, Settings], Found]) -> Found:
    with database.transaction() as tx:
        return look(tx, settings)


def _with_info(
    redis: Redis, info: Callable[[], Mapping[str, Info]], look: Callable[[Redis, Mapping[str, Info]], Finding]
) -> Finding:
    return look(redis, info())


class _Examination:
    """One look after the other; where a server is away, what needs it is not tried."""

    def __init__(self) -> None:
        self.findings: dict[str, Finding] = {}
        self._away: set[str] = set()

    def look(self, about: str, needs: Sequence[str], ask: Callable[[], Found]) -> None:
        """Keeps what is found, or what went wrong."""
        for server in needs:
            if server in self._away:
                self.findings[about] = warning("not looked at", f"See {server}.")
                return
        try:
            found = ask()
            self.findings |= {about: found} if isinstance(found, Finding) else found
        except (WeatherTriggerError, RedisError) as error:
            self.findings[about] = fault(str(error), _ADVICE.get(about, ""))
            self._away |= {about} & set(_ADVICE)
