"""The list of imitated APIs. Each is one folder; adding one is a folder and a line here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from flask import Blueprint, Response

from services.sandbox.google_ads import errors as google_ads_errors
from services.sandbox.google_ads import routes as google_ads
from services.sandbox.meta_ads import errors as meta_ads_errors
from services.sandbox.meta_ads import routes as meta_ads
from services.sandbox.oauth import routes as oauth
from services.sandbox.open_meteo import errors as open_meteo_errors
from services.sandbox.open_meteo import routes as open_meteo
from services.sandbox.openweather import errors as openweather_errors
from services.sandbox.openweather import routes as openweather
from services.sandbox.world import World


@dataclass(frozen=True, slots=True)
class Imitation:
    """One imitated API: its routes, how it fails with a status, how it says that there were too many calls.

    `limits` are the words by which it tells its limits apart; without one it says what is most usual.
    """

    routes: Callable[[World], Blueprint]
    failed: Callable[[int], Response]
    rate_limited: Callable[[str | None], Response]
    limits: tuple[str, ...] = ()


IMITATIONS: Mapping[str, Imitation] = MappingProxyType(
    {
        "openweather": Imitation(
            openweather.routes, openweather_errors.failed, lambda _: openweather_errors.rate_limited()
        ),
        "open_meteo": Imitation(
            open_meteo.routes, open_meteo_errors.failed, open_meteo_errors.rate_limited, open_meteo_errors.LIMITS
        ),
        "meta_ads": Imitation(meta_ads.routes, meta_ads_errors.failed, lambda _: meta_ads_errors.rate_limited()),
        "google_ads": Imitation(
            google_ads.routes, google_ads_errors.failed, lambda _: google_ads_errors.rate_limited()
        ),
        "oauth": Imitation(oauth.routes, oauth.failed, lambda _: oauth.failed(429)),
    }
)
"""By the service's name in the journal and in faults, which is also the name of its blueprint."""
