"""Which credentials are set, by the names of their settings and never by value, and which accounts are without."""

import dataclasses

from services.automation_cli.connections import Settings
from services.automation_cli.doctor.finding import Finding, fault, ok, warning
from weathertrigger.credentials_at_rest import Keyring
from weathertrigger.environment import declarations
from weathertrigger.errors import AccountOff, SettingsError
from weathertrigger.outside.ads import ad_platforms
from weathertrigger.outside.by_account import ByAccount
from weathertrigger.outside.weather import weather_providers
from weathertrigger.platforms.port import AdPlatform
from weathertrigger.storage import accounts
from weathertrigger.storage.accounts import Account
from weathertrigger.storage.database import Transaction


def api_keys(tx: Transaction, settings: Settings) -> Finding:
    """Every platform with accounts that have no credentials of their own needs its key, and the weather one of its
    providers."""
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
    shared = {one.platform for one in accounts.all_accounts(tx) if one.credentials is None}
    without = sorted(shared - ad_platforms(settings).shared)
    return [f"Set the keys of {', '.join(without)}, here and where the services run."] if without else []


def credentials(tx: Transaction, settings: Settings) -> Finding:
    """Whether the credentials that accounts have of their own can be read here, and under which key they are."""
    own = [(one, one.credentials) for one in accounts.all_accounts(tx) if one.credentials is not None]
    keys = settings.credentials_keys or ()
    found = f"{len(own)} ad account(s) with credentials of their own, {len(keys)} key(s) set"
    platforms = ad_platforms(settings)
    faults = [reason for one, _ in own if (reason := _why_off(platforms, one))]
    if faults:
        return fault(
            f"{found}; {' '.join(faults)}",
            "Put CREDENTIALS_KEYS right, here and where ad-action runs, or give the account new ones "
            "(`automation-cli accounts set-credentials`).",
        )
    keyring = Keyring(keys)
    old = [one.id for one, stored in own if not keyring.is_under_first_key(stored.text)]
    if old:
        return warning(f"{found}; not under the first: {', '.join(old)}", "Run `automation-cli accounts rotate-keys`.")
    return ok(f"{found}; all under the first, so that the others may go" if own and len(keys) > 1 else found)


def _why_off(platforms: ByAccount[AdPlatform], account: Account) -> str | None:
    try:
        platforms.of(account)
    except AccountOff as reason:
        return str(reason)
    return None


def _set(settings: Settings) -> list[str]:
    """The settings without a default, which are credentials or belong to them, that have a value."""
    values = [getattr(settings, field.name) for field in dataclasses.fields(settings)]
    told = zip(declarations(type(settings)), values, strict=True)
    return [setting.name for setting, value in told if setting.default is None and value is not None]
