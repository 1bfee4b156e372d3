"""The weather of the places of one message. A place that somebody else asks about is waited for, never asked twice."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from services.weather_fetcher.lease import Lease
from services.weather_fetcher.single_flight import SingleFlight
from weathertrigger.errors import NotFound, Rejected
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
"""So long nobody asks again after a failure that may pass; limits, cool-downs and breakers do the rest."""

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
        self._got = {place_id: Got() for place_id in lease.places}

    def __call__(self) -> dict[str, Got]:
        """By place; places that a newer claim has taken may be missing or empty."""
        end = self._monotonic() + _ASKING_SECONDS
        waiting_until = self._monotonic() + _WAITING_SECONDS
        wishes, left = self._look(self._got), set[str]()
        while wishes:
            if mine := self._flight.mark(wishes):
                self._ask(mine, end)
                waiting_until = self._monotonic() + _WAITING_SECONDS
            left = wishes.keys() - mine
            if not left or self._monotonic() >= min(waiting_until, end):
                break
            if not mine:
                time.sleep(_LOOK_SECONDS)
            self._lease.renew(at_once=False)
            wishes = self._look(left & self._lease.places.keys())
        for place_id in left if wishes else ():
            self._got[place_id].reason = _OTHERS_TOO_SLOW
        return self._got

    def _look(self, place_ids: Iterable[str]) -> dict[str, Wish]:
        """What is still to be asked for; what is there already, and what was asked in vain a moment ago, is settled."""
        known = self._known(list(place_ids))
        wishes = {place_id: self._wish(one) for place_id, one in known.items()}
        in_vain = self._flight.failures([part for wish in wishes.values() for part in _parts(wish)])
        for place_id in place_ids:
            one, wish = known.get(place_id), wishes.get(place_id)
            got = self._got[place_id]
            if one is None or wish is None:
                got.reason = _UNKNOWN
                continue
            got.reading_id = one.reading_id or one.last_good_id
            got.reason = next((in_vain[part] for part in _parts(wish) if part in in_vain), None)
        return {
            place_id: wish for place_id, wish in wishes.items() if not wish.is_met and not in_vain.keys() & _parts(wish)
        }

    def _known(self, place_ids: Collection[str]) -> dict[str, PlaceNow]:
        with self._database.transaction() as tx:
            return readings.newest(tx, place_ids, self._ages)

    def _wish(self, one: PlaceNow) -> Wish:
        needs_forecast = one.place.id in self._ahead and not one.has_forecast
        return Wish(one.place, now=one.reading_id is None, ahead=needs_forecast, starved=one.starved)

    def _ask(self, mine: Collection[str], end: float) -> None:
        def go_on() -> Collection[str]:
            self._lease.renew()
            self._flight.keep(mine)
            return self._lease.places.keys() if self._monotonic() < end else ()

        try:
            # Somebody may have stored a reading between our look and our mark.
            wishes = self._look(mine)
            found = self._chain.ask(list(wishes.values()), go_on) if wishes else {}
            kept = keep_weather(self._database, list(found.values()))
            for place_id, one in found.items():
                got = self._got[place_id]
                got.reading_id = kept.get(place_id, got.reading_id)
                got.calls = dict(+one.calls)
                got.reason = one.why_not if one.errors else (_TOO_SLOW if got.reading_id is None else None)
            self._flight.tell_failures(_failures(wishes, found, self._ages.refresh))
            self._lease.renew()
        finally:
            self._flight.end(mine)


def _parts(wish: Wish) -> set[str]:
    """What can be asked for in vain: the present weather of a place, and its forecast."""
    parts = {f"now:{wish.place.id}": wish.now, f"ahead:{wish.place.id}": wish.ahead}
    return {part for part, is_wanted in parts.items() if is_wanted}


def _failures(
    wishes: Mapping[str, Wish], found: Mapping[str, Found], refresh: timedelta
) -> dict[str, tuple[str, timedelta]]:
    """What was asked for in vain, why, and for how long that answers others who want it."""
    told: dict[str, tuple[str, timedelta]] = {}
    for place_id, one in found.items():
        why = one.why_not
        if why is not None:
            is_final = all(isinstance(error, Rejected | NotFound) for error in one.errors)
            told |= dict.fromkeys(_parts(wishes[place_id].without(one)), (why, refresh if is_final else _IN_VAIN))
    return told
