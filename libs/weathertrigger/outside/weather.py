"""The weather provider that the settings name."""

from dataclasses import dataclass

from weathertrigger import settings as declared
from weathertrigger.errors import SettingsError
from weathertrigger.providers.port import WeatherProvider
from weathertrigger.providers.registry import PROVIDERS


@dataclass(frozen=True, kw_only=True)
class WeatherSettings:
    """Keys and addresses of the weather providers, and how many calls their plans allow."""

    openweather_api_key: str | None = declared.OPENWEATHER_API_KEY.field()
    openweather_url: str = declared.OPENWEATHER_URL.field()
    openweather_calls_per_minute: int = declared.OPENWEATHER_CALLS_PER_MINUTE.field()
    openweather_calls_per_day: int = declared.OPENWEATHER_CALLS_PER_DAY.field()
    open_meteo_api_key: str | None = declared.OPEN_METEO_API_KEY.field()
    open_meteo_calls_per_day: int = declared.OPEN_METEO_CALLS_PER_DAY.field()


def weather_provider(settings: WeatherSettings) -> WeatherProvider:
    """The provider of the weather.

    Raises:
        SettingsError: there is no key for any.
    """
    if settings.openweather_api_key is None:
        raise SettingsError(["OPENWEATHER_API_KEY is not set, and there is no weather without it"])
    given = {"api_key": settings.openweather_api_key, "base_url": settings.openweather_url}
    return PROVIDERS["openweather"](given)
