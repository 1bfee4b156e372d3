"""Every ad platform by its name: adding one is a folder beside this file and a line here."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from weathertrigger.platforms.google_ads import client as google_ads
from weathertrigger.platforms.meta_ads import client as meta_ads
from weathertrigger.platforms.port import AdPlatform

PLATFORMS: Mapping[str, Callable[[Mapping[str, str]], AdPlatform]] = MappingProxyType(
    {
        meta_ads.NAME: meta_ads.build,
        google_ads.NAME: google_ads.build,
    }
)
"""Name -> how it is built from its settings (credentials, and `base_url` where it is not the vendor's own)."""
