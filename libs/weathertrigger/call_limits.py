"""How many calls each service allows, as long as nothing else is agreed with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class CallLimit:
    """So many calls in a window that slides; of each ad account, or of all accounts together."""

    calls: int
    window: timedelta
    per_account: bool = False


CALL_LIMITS: Mapping[str, CallLimit] = MappingProxyType(
    {
        "meta_ads": CallLimit(200, timedelta(hours=1), per_account=True),
        "google_ads": CallLimit(10_000, timedelta(hours=24)),
        "openweather": CallLimit(1_000, timedelta(hours=24)),
    }
)
"""By service. Google counts by cloud project and OpenWeather by key, which an installation has one of."""
