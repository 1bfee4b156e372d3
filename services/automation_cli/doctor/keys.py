"""Which credentials are set, by the names of their settings and never by value, and which accounts are without."""

import dataclasses

from services.automation_cli.connections import Settings
from services.automation_cli.doctor.finding import Finding, fault, ok
from weathertrigger.environment import declarations
from weathertrigger.outside.ads import ad_platforms
from weathertrigger.storage import accounts
from weathertrigger.storage.database import Transaction


def api_keys(tx: Transaction, settings: Settings) -> Finding:
    """Every platform with accounts needs its key, and so does the weather."""
    found = f"set: {', '.join(_set(settings)) or 'none'}"
    platforms = ad_platforms(settings)
    without = {one.platform for one in accounts.all_accounts(tx)} - set(platforms)
    missing = sorted(without) if settings.openweather_api_key else ["openweather", *sorted(without)]
    if missing:
        return fault(found, f"Set the keys of {', '.join(missing)}, here and where the services run.")
    return ok(found)


def _set(settings: Settings) -> list[str]:
    """The settings without a default, which are credentials or belong to them, that have a value."""
    values = [getattr(settings, field.name) for field in dataclasses.fields(settings)]
    told = zip(declarations(type(settings)), values, strict=True)
    return [setting.name for setting, value in told if setting.default is None and value is not None]
