"""Every ad platform by its name: adding one is a folder beside this file and its lines here."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from weathertrigger.domain.money import MoneyCodec
from weathertrigger.platforms.account_look import AccountLook
from weathertrigger.platforms.credential_names import CredentialNames, names_of
from weathertrigger.platforms.google_ads import account_look as google_account_look
from weathertrigger.platforms.google_ads import client as google_ads
from weathertrigger.platforms.google_ads.credentials import GoogleCredentials
from weathertrigger.platforms.google_ads.money import GoogleMoney
from weathertrigger.platforms.meta_ads import account_look as meta_account_look
from weathertrigger.platforms.meta_ads import client as meta_ads
from weathertrigger.platforms.meta_ads.credentials import MetaCredentials
from weathertrigger.platforms.meta_ads.money import MetaMoney
from weathertrigger.platforms.port import AdPlatform

PLATFORMS: Mapping[str, Callable[[Mapping[str, str]], AdPlatform]] = MappingProxyType(
    {
        meta_ads.NAME: meta_ads.build,
        google_ads.NAME: google_ads.build,
    }
)
"""Name -> how it is built from its settings (credentials, and `base_url` where it is not the vendor's own)."""

ACCOUNT_LOOKS: Mapping[str, Callable[[Mapping[str, str]], AccountLook]] = MappingProxyType(
    {
        meta_ads.NAME: meta_account_look.build,
        google_ads.NAME: google_account_look.build,
    }
)
"""Name -> how a look at whole accounts is built, from the same settings."""

EXTERNAL_IDS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        meta_ads.NAME: meta_account_look.own_spelling,
        google_ads.NAME: google_account_look.own_spelling,
    }
)
"""Name -> the id of an ad account there in its one spelling, so that no account is known twice; a ValueError says what
it must be."""

CREDENTIALS: Mapping[str, CredentialNames] = MappingProxyType(
    {
        meta_ads.NAME: names_of(MetaCredentials),
        google_ads.NAME: names_of(GoogleCredentials),
    }
)
"""Name -> what its credentials are called."""

CAVEATS: Mapping[str, str] = MappingProxyType(
    {
        meta_ads.NAME: "Meta may begin an ad set's learning phase anew after its budget or bid was changed.",
        google_ads.NAME: (
            "Google may spend more than a daily budget on one day, and a raise lifts the ceiling of the whole day: "
            "putting it back does not take that back."
        ),
    }
)
"""Name -> what a change of a budget or a bid may bring with it there (semantics 22)."""

MONEY: Mapping[str, MoneyCodec] = MappingProxyType(
    {
        meta_ads.NAME: MetaMoney(),
        google_ads.NAME: GoogleMoney(),
    }
)
"""Name -> how it writes money."""
