"""S5, first half: one reading per place and refresh, whoever asks, then on to the rule-evaluator. Always hands on."""

import time
from collections.abc import Callable, Mapping

from redis import Redis

from services.weather_fetcher.gather_weather import GatherWeather, Got
from services.weather_fetcher.lease import Lease
from services.weather_fetcher.single_flight import SingleFlight
from weathertrigger.errors import DoorbellExpired
from weathertrigger.messages import EvaluateRules, FetchWeather, ReadingChecks
from weathertrigger.schedule.bells import Bells
from weathertrigger.storage.database import Database
from weathertrigger.storage.readings import Ages
from weathertrigger.weather.chain import WeatherChain

Publish = Callable[[EvaluateRules], None]


class FetchWeatherStep:
    """Takes checks by place, gives the same checks by reading."""

    def __init__(
        self,
        *,
        database: Database,
        bells: Bells,
        redis: Redis,
        namespace: str,
        chain: WeatherChain,
        publish: Publish,
        ages: Ages,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._bells = bells
        self._redis = redis
        self._namespace = namespace
        self._chain = chain
        self._publish = publish
        self._ages = ages
        self._monotonic = monotonic

    def __call__(self, message: FetchWeather) -> None:
        """Finds or fetches a reading for every place of the message.

        Raises:
            DoorbellExpired: newer claims have taken all of its checks.
        """
        lease = Lease(self._database, self._bells, message, self._monotonic)
        lease.renew()
        if not lease.places:
            raise DoorbellExpired("newer claims have taken all checks of this message")
        dues = {rule_id: due for batch in lease.places.values() for rule_id, due in batch.items()}
        with self._bells.starts.at_work(lease.token, dues) as start:
            lease.covers(start)
            gather = GatherWeather(
                database=self._database,
                chain=self._chain,
                flight=SingleFlight(self._redis, self._namespace),
                ages=self._ages,
                lease=lease,
                ahead=frozenset(message.ahead),
                monotonic=self._monotonic,
            )
            ready = gather.look()
            if len(ready) < len(lease.places):
                self._hand_on(lease.token, lease.part_with(ready), gather.got)
                gather.ask()
            self._hand_on(lease.token, lease.places, gather.got)

    def _hand_on(self, token: int, places: Mapping[str, dict[str, int]], got: Mapping[str, Got]) -> None:
        """Checks whose weather is there do not wait for that of others."""
        if places:
            self._publish(EvaluateRules(token, _by_reading(places, got)))


def _by_reading(places: Mapping[str, dict[str, int]], got: Mapping[str, Got]) -> list[ReadingChecks]:
    return [
        ReadingChecks(place_id, one.reading_id, one.calls, batch, one.reason)
        for place_id, batch in places.items()
        if (one := got[place_id])
    ]
