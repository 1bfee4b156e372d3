"""The weather of the places of one message. A place that somebody else asks about is waited for, never asked twice."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from services.weather_fetcher.lease import Lease
from services.weather_fetcher.single_flight import SingleFlight
from weathertrigger.errors import HeldBack, NotFound, Rejected
from weathertrigger.providers.port import Weather
from weathertrigger.storage import readings
from weathertrigger.storage.database import Database
from weathertrigger.storage.readings import Ages, PlaceNow
from weathertrigger.weather.chain import WeatherChain
from weathertrigger.weather.keep_weather import keep_weather
from weathertrigger.weather.wish import Found, Wish

_ASKING_SECONDS = 60.0
"""So long a message may take for its calls: half of what Dramatiq gives a step. Then it is handed on as it is."""
_WAITING_SECONDS = 10.0
"""So long it waits for what others ask: as long as a call takes at most."""
_LOOK_SECONDS = 0.05
_IN_VAIN = timedelta(seconds=3)
"""So long nobody asks again after a first failure that may pass."""
_FINAL = timedelta(minutes=10)
"""So long after a first answer that will hardly be another one soon."""
_LONGEST_FINAL = timedelta(days=1)

_UNKNOWN = "the place is not known"
_TOO_SLOW = "other places took too long"
_OTHERS_TOO_SLOW = "another worker has been asking for this place for too long"


@dataclass(slots=True)
class Got:
    """What came of one place: a reading, or why there is none, and the calls that it took by service."""

    reading_id: int | None = None
    calls: Mapping[str, int] = field(default_factory=dict)
    reason: str | None = None


class GatherWeather:
    """Looks at what is stored, asks for what is missing, and waits for what others are asking for."""

    def __init__(
        self,
        *,
        database: Database,
        chain: WeatherChain,
        flight: SingleFlight,
        ages: Ages,
        lease: Lease,
        ahead: Collection[str],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._chain = chain
        self._flight = flight
        self._ages = ages
        self._lease = lease
        self._ahead = ahead
        self._monotonic = monotonic
        self._wishes: dict[str, Wish] = {}
        self.got = {place_id: Got() for place_id in lease.places}

    def look(self) -> set[str]:
        """Looks at what is stored; gives the places that nothing more is wanted of."""
        self._wishes = self._look(self.got)
        return self.got.keys() - self._wishes.keys()

    def ask(self) -> None:
        """Asks for what was missing. Places that a newer claim has taken meanwhile may stay empty."""
        end = self._monotonic() + _ASKING_SECONDS
        waiting_until = self._monotonic() + _WAITING_SECONDS
        while self._wishes:
            mine = self._flight.mark(self._wishes)
            if mine:
                self._ask(mine, end)
                waiting_until = self._monotonic() + _WAITING_SECONDS
            left = self._wishes.keys() - mine
            if not left or self._monotonic() >= min(waiting_until, end):
                self._give_up(left)
                return
            if not mine:
                time.sleep(_LOOK_SECONDS)
            self._lease.renew(at_once=False)
            self._wishes = self._look(left & self._lease.places.keys())

    def _look(self, place_ids: Iterable[str]) -> dict[str, Wish]:
        """What is still to be asked for; what is there already, and what was asked in vain a moment ago, is settled."""
        known = self._known(list(place_ids))
        wishes = {place_id: self._wish(one) for place_id, one in known.items()}
        in_vain = self._flight.failures([part for wish in wishes.values() for part in wish.parts])
        for place_id in place_ids:
            got, one = self.got[place_id], known.get(place_id)
            if one is None:
                got.reason = _UNKNOWN
                continue
            got.reading_id = one.reading_id or one.last_good_id
            got.reason = next((in_vain[part] for part in sorted(wishes[place_id].parts) if part in in_vain), None)
        open_wishes = {place_id: wish.without(in_vain) for place_id, wish in wishes.items()}
        return {place_id: wish for place_id, wish in open_wishes.items() if not wish.is_met}

    def _known(self, place_ids: Collection[str]) -> dict[str, PlaceNow]:
        with self._database.transaction() as tx:
            return readings.newest(tx, place_ids, self._ages)

    def _wish(self, one: PlaceNow) -> Wish:
        needs_forecast = one.place.id in self._ahead and not one.has_forecast
        return Wish(one.place, now=one.reading_id is None, ahead=needs_forecast, starved=one.starved)

    def _ask(self, mine: Collection[str], end: float) -> None:
        # Somebody may have stored a reading between our look and our mark.
        try:
            wishes = self._look(mine)
            found = self._chain.ask(list(wishes.values()), lambda: self._go_on(mine, end), self._keep) if wishes else {}
            for place_id, one in found.items():
                got = self.got[place_id]
                got.calls = dict(+one.calls)
                got.reason = one.why_not if one.errors else (_TOO_SLOW if got.reading_id is None else None)
            self._remember(wishes, found)
            self._lease.renew()
        finally:
            self._flight.end(mine)

    def _go_on(self, mine: Collection[str], end: float) -> Collection[str]:
        self._lease.renew()
        self._flight.keep(mine)
        return self._lease.places.keys() if self._monotonic() < end else ()

    def _keep(self, told: Mapping[str, Weather]) -> None:
        """Stored at once: whoever waits for one of these places has it, and nothing that comes later can lose it."""
        for place_id, reading_id in keep_weather(self._database, list(told.values())).items():
            self.got[place_id].reading_id = reading_id

    def _remember(self, wishes: Mapping[str, Wish], found: Mapping[str, Found]) -> None:
        """What was asked for in vain, for those who want it next. That a call was held back says nothing of a place."""
        final: dict[str, str] = {}
        passing: dict[str, str] = {}
        had: set[str] = set()
        for place_id, one in found.items():
            left = one.left_of(wishes[place_id])
            had |= wishes[place_id].parts - left.parts
            asked = [error for error in one.errors if not isinstance(error, HeldBack)]
            if asked and (why := one.why_not):
                is_final = all(isinstance(error, Rejected | NotFound) for error in asked)
                (final if is_final else passing).update(dict.fromkeys(left.parts, why))
        self._flight.forget_failures(had)
        self._flight.tell_failures(passing, _IN_VAIN, self._ages.refresh)
        self._flight.tell_failures(final, min(_FINAL, self._ages.refresh), _LONGEST_FINAL)

    def _give_up(self, left: Collection[str]) -> None:
        for place_id in left:
            self.got[place_id].reason = _OTHERS_TOO_SLOW
