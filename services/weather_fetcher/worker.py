"""Where a weather-fetcher process is put together: `dramatiq services.weather_fetcher.worker:start`."""

import os

from services.weather_fetcher.actors import declare
from services.weather_fetcher.fetch_weather import FetchWeatherStep
from services.weather_fetcher.settings import Settings
from weathertrigger.broker import enqueue_all, letter
from weathertrigger.messages import EvaluateRules
from weathertrigger.outside.weather import weather_chain, weather_providers
from weathertrigger.queues import EVALUATION, ActorName
from weathertrigger.worker import refusing, start_worker


@refusing
def start() -> None:
    """Called by Dramatiq in each worker process."""
    settings = Settings.from_environment(os.environ)
    weather_providers(settings)  # before the worker enters the registry: without any it is refused
    worker = start_worker("weather-fetcher", settings)

    def publish(message: EvaluateRules) -> None:
        enqueue_all(worker.broker, [letter(ActorName.EVALUATE_RULES, EVALUATION, message)])

    step = FetchWeatherStep(
        database=worker.database,
        bells=worker.bells,
        redis=worker.redis,
        namespace=settings.redis_namespace,
        chain=weather_chain(settings, database=worker.database, redis=worker.redis, namespace=settings.redis_namespace),
        publish=publish,
        ages=settings.ages,
    )
    declare(worker.broker, worker.database, step)
