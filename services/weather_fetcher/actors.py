"""The actor of the weather-fetcher."""

from collections.abc import Callable

from weathertrigger.actors import declare_actor
from weathertrigger.deliveries.queue_broker import QueueBroker
from weathertrigger.messages import FetchWeather
from weathertrigger.queues import WEATHER, ActorName
from weathertrigger.storage.database import Database


def declare(broker: QueueBroker, database: Database, step: Callable[[FetchWeather], None]) -> None:
    """Makes `step` the consumer of `fetch_weather`."""
    declare_actor(broker, database, name=ActorName.FETCH_WEATHER, queue=WEATHER, kind=FetchWeather, step=step)
