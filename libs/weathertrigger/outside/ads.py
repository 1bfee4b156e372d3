"""The ad platforms, by credentials of the settings or of an account's own."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from weathertrigger import settings as declared
from weathertrigger.credentials_at_rest import Keyring
from weathertrigger.outside.by_account import ByAccount
from weathertrigger.outside.own_credentials import OwnCredentials
from weathertrigger.outside.settings import AdSettings
from weathertrigger.platforms.account_look import AccountLook
from weathertrigger.platforms.port import AdPlatform
from weathertrigger.platforms.registry import ACCOUNT_LOOKS, PLATFORMS

T = TypeVar("T")


def ad_platforms(settings: AdSettings) -> ByAccount[AdPlatform]:
    """The client for each ad account."""
    return _by_account(settings, PLATFORMS)


def account_looks(settings: AdSettings) -> ByAccount[AccountLook]:
    """What looks at each ad account as a whole."""
    return _by_account(settings, ACCOUNT_LOOKS)


def _by_account(settings: AdSettings, builders: Mapping[str, Callable[[Mapping[str, str]], T]]) -> ByAccount[T]:
    given, addresses = _credentials(settings), _addresses(settings)
    own = OwnCredentials(Keyring(settings.credentials_keys or ()), addresses)
    return ByAccount(
        {name: builders[name]({**credentials, **addresses[name]}) for name, credentials in given.items()},
        lambda account: builders[account.platform](own.of(account)),
        never_in_sandbox={name for name, urls in addresses.items() if _VENDORS.intersection(urls.values())},
    )


_VENDORS = frozenset(one.default for one in (declared.META_URL, declared.GOOGLE_ADS_URL, declared.GOOGLE_OAUTH_URL))


def _credentials(settings: AdSettings) -> dict[str, dict[str, str]]:
    """Those of the settings; a platform whose first one is not set is off."""
    given = {
        "meta_ads": {"access_token": settings.meta_access_token, "app_secret": settings.meta_app_secret},
        "google_ads": {
            "client_id": settings.google_ads_client_id,
            "client_secret": settings.google_ads_client_secret,
            "refresh_token": settings.google_ads_refresh_token,
            "developer_token": settings.google_ads_developer_token,
            "login_customer_id": settings.google_ads_login_customer_id,
        },
    }
    return {
        name: {key: value for key, value in credentials.items() if value is not None}
        for name, credentials in given.items()
        if next(iter(credentials.values())) is not None
    }


def _addresses(settings: AdSettings) -> dict[str, dict[str, str]]:
    """Where each platform is and what it allows; never what an account's credentials say."""
    return {
        "meta_ads": {
            "base_url": settings.meta_url,
            "budget_changes_per_hour": str(settings.meta_budget_changes_per_hour),
        },
        "google_ads": {"base_url": settings.google_ads_url, "oauth_url": settings.google_oauth_url},
    }
