"""The processes of `up`: which commands, with which environment."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from services.automation_cli.up.data_folder import fresh_log
from services.automation_cli.up.supervisor import Command
from services.automation_cli.worker_commands import PACE, STARTS, module, worker_argv

REAL_KEYS = (
    "OPENWEATHER_API_KEY",
    "OPEN_METEO_URL",
    "OPEN_METEO_API_KEY",
    "META_ACCESS_TOKEN",
    "GOOGLE_ADS_REFRESH_TOKEN",
)
"""Any of these set means that the outside world is the real one."""

_STAND_INS = {
    "OPENWEATHER_API_KEY": "sandbox",
    "OPEN_METEO_API_KEY": "",
    "META_ACCESS_TOKEN": "sandbox",
    "META_APP_SECRET": "",
    "GOOGLE_ADS_CLIENT_ID": "sandbox",
    "GOOGLE_ADS_CLIENT_SECRET": "sandbox",
    "GOOGLE_ADS_REFRESH_TOKEN": "sandbox",
    "GOOGLE_ADS_DEVELOPER_TOKEN": "sandbox",
    "GOOGLE_ADS_LOGIN_CUSTOMER_ID": "",
}
_ADDRESSES = ("OPENWEATHER_URL", "OPEN_METEO_URL", "META_URL", "GOOGLE_ADS_URL", "GOOGLE_OAUTH_URL")
# A day passes in a minute, so rules look every few seconds, and at weather that is as young.
_DEMO_PACE = {
    "MINIMUM_INTERVAL": "1",
    "WEATHER_REFRESH": "1",
    "FORECAST_REFRESH": "1",
    "OPENWEATHER_CALLS_PER_MINUTE": "1000000",
    "OPENWEATHER_CALLS_PER_DAY": "100000000",
    "META_CALLS_PER_HOUR": "100000000",
    "META_BUDGET_CHANGES_PER_HOUR": "1000000",
    "RAISE_COOL_DOWN": "0",
    "GOOGLE_ADS_CALLS_PER_DAY": "100000000",
}
# Whoever presses Ctrl-C does not want to wait for long; what is left behind then is done at the next start.
_SHUTDOWN_MS = "3000"


def real_keys_in(environ: Mapping[str, str]) -> list[str]:
    """The names of the real API keys that are set."""
    return [name for name in REAL_KEYS if environ.get(name, "").strip()]


def sandbox_environment(url: str, environ: Mapping[str, str]) -> dict[str, str]:
    """What makes the sandbox at this URL the outside world, at a pace for watching unless the user chose one."""
    pace = {name: value for name, value in _DEMO_PACE.items() if not environ.get(name, "").strip()}
    return {**_STAND_INS, **dict.fromkeys(_ADDRESSES, url), **pace}


def sandbox_command(folder: Path, *, port: int, speed: float, start: datetime) -> Command:
    """The imitated outside world on this port."""
    options = ["--port", str(port), "--data", str(folder / "sandbox"), "--speed", f"{speed:g}"]
    return Command(
        "sandbox", module("services.sandbox", *options, "--start", start.isoformat()), fresh_log(folder, "sandbox")
    )


def service_commands(folder: Path, environment: Mapping[str, str]) -> list[Command]:
    """The scheduler and the workers."""
    commands = [Command("scheduler", module("services.scheduler"), fresh_log(folder, "scheduler"), environment)]
    for service in STARTS:
        argv = worker_argv(service, "--worker-shutdown-timeout", _SHUTDOWN_MS)
        commands.append(Command(service, argv, fresh_log(folder, service), {**environment, **PACE}))
    return commands
