"""The weather providers that the settings name, in the order in which they are asked."""

from collections.abc import Mapping
from functools import partial

from redis import Redis

from weathertrigger.call_limits import most_in_a_day, weather_limits
from weathertrigger.errors import SettingsError
from weathertrigger.limits.gate import Gate
from weathertrigger.outside.settings import WeatherSettings
from weathertrigger.providers.port import WeatherProvider
from weathertrigger.providers.registry import PROVIDERS
from weathertrigger.storage.database import Database
from weathertrigger.weather.chain import WeatherChain
from weathertrigger.weather.source import Source

_FREE_HOST_OF_OPEN_METEO = "https://api.open-meteo.com"


def weather_providers(settings: WeatherSettings) -> list[WeatherProvider]:
    """The providers that are on, the preferred one first. A service without its key is off (semantics 27).

    Raises:
        SettingsError: there is none.
    """
    given = {name: one for name, one in _given(settings).items() if one is not None}
    if not given:
        raise SettingsError(
            ["OPENWEATHER_API_KEY is not set, nor is OPEN_METEO_URL, and there is no weather without one of them"]
        )
    return [PROVIDERS[name](one) for name, one in given.items()]


def preferred_provider(settings: WeatherSettings) -> tuple[WeatherProvider, int] | None:
    """The provider that is asked first, and the calls that it allows in a day; None where every one is off."""
    try:
        first = weather_providers(settings)[0]
    except SettingsError:
        return None
    return first, most_in_a_day(weather_limits(settings)[first.name])


def is_open_meteo_free(settings: WeatherSettings) -> bool:
    """Whether Open-Meteo is asked at the host that is for non-commercial use."""
    return (settings.open_meteo_url or "").rstrip("/") == _FREE_HOST_OF_OPEN_METEO


def weather_chain(settings: WeatherSettings, *, database: Database, redis: Redis, namespace: str) -> WeatherChain:
    """The providers, each behind its gate.

    Raises:
        SettingsError: there is none.
    """
    gate = partial(weather_gate, settings, database=database, redis=redis, namespace=namespace)
    sources = [Source(provider, gate(provider)) for provider in weather_providers(settings)]
    return WeatherChain(sources, settings.weather_max_age)


def weather_gate(
    settings: WeatherSettings, provider: WeatherProvider, *, database: Database, redis: Redis, namespace: str
) -> Gate:
    """What stands before every call of this provider, shared with all who call it."""
    return Gate(
        redis=redis,
        namespace=namespace,
        database=database,
        service=provider.name,
        limits=weather_limits(settings)[provider.name],
        most_at_once=provider.most_at_once,
    )


def _given(settings: WeatherSettings) -> dict[str, Mapping[str, str] | None]:
    """What each provider is built from, in the order in which they are asked; None where it is off."""
    openweather = open_meteo = None
    if key := settings.openweather_api_key:
        openweather = {"api_key": key, "base_url": settings.openweather_url, "api": settings.openweather_api}
    if settings.open_meteo_url or settings.open_meteo_api_key:
        open_meteo = {"base_url": settings.open_meteo_url or "", "api_key": settings.open_meteo_api_key or ""}
    return {"openweather": openweather, "open_meteo": open_meteo}
