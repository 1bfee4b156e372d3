"""Every weather provider by its name: adding one is a folder beside this file and a line here."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from weathertrigger.providers.open_meteo import client as open_meteo
from weathertrigger.providers.openweather import client as openweather
from weathertrigger.providers.port import WeatherProvider

PROVIDERS: Mapping[str, Callable[[Mapping[str, str]], WeatherProvider]] = MappingProxyType(
    {
        openweather.NAME: openweather.build,
        open_meteo.NAME: open_meteo.build,
    }
)
"""Name -> how it is built from its settings (keys, and `base_url` where it is not the vendor's own)."""
