"""Which credentials are set, by the names of their settings and never by value, and which accounts are without."""

import dataclasses

from services.automation_cli.connections import Settings
from services.automation_cli.doctor.finding import Finding, fault, ok
from weathertrigger.environment import declarations
from weathertrigger.errors import SettingsError
from weathertrigger.outside.ads import ad_platforms
from weathertrigger.outside.weather import weather_providers
from weathertrigger.storage import accounts
from weathertrigger.storage.database import Transaction


def api_keys(tx: Transaction, settings: Settings) -> Finding:
    """Every platform with accounts needs its key, and the weather one of its providers."""
    found = f"set: {', '.join(_set(settings)) or 'none'}"
    advice = [*_of_weather(settings), *_of_platforms(tx, settings)]
    return fault(found, " ".join(advice)) if advice else ok(found)


def _of_weather(settings: Settings) -> list[str]:
    try:
        weather_providers(settings)
    except SettingsError as error:
        return [f"{each}." for each in error.faults]
    return []


def _of_platforms(tx: Transaction, settings: Settings) -> list[str]:
    without = {one.platform for one in accounts.all_accounts(tx)} - set(ad_platforms(settings))
    return [f"Set the keys of {', '.join(sorted(without))}, here and where the services run."] if without else []


def _set(settings: Settings) -> list[str]:
    """The settings without a default, which are credentials or belong to them, that have a value."""
    values = [getattr(settings, field.name) for field in dataclasses.fields(settings)]
    told = zip(declarations(type(settings)), values, strict=True)
    return [setting.name for setting, value in told if setting.default is None and value is not None]
