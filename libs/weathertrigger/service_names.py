"""The outside services as people call them."""

from collections.abc import Mapping
from types import MappingProxyType

_NAMES: Mapping[str, str] = MappingProxyType(
    {"openweather": "OpenWeather", "open_meteo": "Open-Meteo", "meta_ads": "Meta", "google_ads": "Google"}
)


def spoken_service(service: str) -> str:
    """`OpenWeather` for `openweather`; a service without a name of its own keeps our word for it."""
    return _NAMES.get(service, service)
