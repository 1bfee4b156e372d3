"""What commands call the outside world with.

Weather providers and ad platforms, each behind the gate that is shared with the workers.
"""

from services.automation_cli.connections import Settings, connect_database
from weathertrigger.broker import connect_redis
from weathertrigger.limits.gate import Gate
from weathertrigger.outside.ad_gates import Admissions, admissions
from weathertrigger.outside.weather import weather_chain, weather_gate, weather_providers
from weathertrigger.storage.database import Database
from weathertrigger.weather.chain import WeatherChain


def connect_weather(settings: Settings, database: Database) -> WeatherChain:
    """The weather providers of the installation, each behind the gate that it shares with the workers."""
    redis = connect_redis(settings.redis_url)
    return weather_chain(settings, database=database, redis=redis, namespace=settings.redis_namespace)


def connect_gate(settings: Settings, service: str) -> Gate:
    """The gate before a weather provider that is on, shared with the workers; connects at the first use."""
    provider = next(one for one in weather_providers(settings) if one.name == service)
    redis = connect_redis(settings.redis_url)
    return weather_gate(
        settings, provider, database=connect_database(settings), redis=redis, namespace=settings.redis_namespace
    )


def connect_ad_gates(settings: Settings, database: Database) -> Admissions:
    """The gates before the ad platforms, which are shared with the workers. Without Redis calls are only counted."""
    redis = connect_redis(settings.redis_url)
    return admissions(settings, redis=redis, namespace=settings.redis_namespace, database=database)
