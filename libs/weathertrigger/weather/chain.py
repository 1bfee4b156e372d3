"""Asks the providers one after the other, until every wish is met or nobody is left to ask."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

from weathertrigger.domain.forecast import Horizon
from weathertrigger.domain.weather import Place
from weathertrigger.errors import HeldBack
from weathertrigger.providers.port import WeatherProvider
from weathertrigger.weather.source import Source
from weathertrigger.weather.wish import Found, Wish

CONCURRENT_CALLS = 8

GoOn = Callable[[], Collection[str]]
"""Called before each round of calls, which takes ten seconds at most; gives the ids of the places still wanted."""


@dataclass(frozen=True, slots=True)
class _Batch:
    """Places about which one provider is asked the same in one call."""

    places: Sequence[Place]
    now: bool
    ahead: bool


class WeatherChain:
    """The providers that are on, the preferred one first. Safe to use from several threads."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = tuple(sources)

    @property
    def names(self) -> tuple[str, ...]:
        """The providers, in the order in which they are asked."""
        return tuple(source.provider.name for source in self._sources)

    @property
    def horizon(self) -> Horizon:
        """How far the preferred provider's forecast reaches; its answer is taken whenever there is one."""
        return self._sources[0].provider.horizon

    def ask(self, wishes: Sequence[Wish], go_on: GoOn) -> dict[str, Found]:
        """By place, what came of the wishes. No error of a provider is raised."""
        found = {wish.place.id: Found() for wish in wishes}
        # Threads of this call's own: behind the calls of others its leases would end.
        with ThreadPoolExecutor(CONCURRENT_CALLS, thread_name_prefix="weather-call") as threads:
            for rank, source in enumerate(self._sources):
                spared = [] if rank else [wish for wish in wishes if wish.starved]
                for wish in spared:
                    found[wish.place.id].errors.append(_is_spared(source))
                left = [wish.without(found[wish.place.id]) for wish in wishes if wish not in spared]
                _ask_source(source, [wish for wish in left if not wish.is_met], found, go_on, threads)
        return found


def _ask_source(
    source: Source, wishes: Sequence[Wish], found: dict[str, Found], go_on: GoOn, threads: ThreadPoolExecutor
) -> None:
    batches = list(_batches(wishes, source.provider))
    for first in range(0, len(batches), CONCURRENT_CALLS):
        wanted = go_on()
        batches_now = [kept for one in batches[first : first + CONCURRENT_CALLS] if (kept := _only(one, wanted)).places]
        if not batches_now:
            continue
        for answered in threads.map(lambda one: source.ask(one.places, now=one.now, ahead=one.ahead), batches_now):
            for place_id, answer in answered.answers.items():
                found[place_id].take(answer)
                found[place_id].calls[source.provider.name] += answered.calls.get(place_id, 0)


def _batches(wishes: Sequence[Wish], provider: WeatherProvider) -> Iterator[_Batch]:
    """Wishes of the same kind, as many places a call as the provider takes."""
    alike: dict[tuple[bool, bool], list[Place]] = defaultdict(list)
    for wish in wishes:
        both = wish.now and wish.ahead
        for kind in [(True, False), (False, True)] if both and not provider.both_in_one else [(wish.now, wish.ahead)]:
            alike[kind].append(wish.place)
    for (now, ahead), places in alike.items():
        for first in range(0, len(places), provider.most_places):
            yield _Batch(places[first : first + provider.most_places], now, ahead)


def _only(batch: _Batch, wanted: Collection[str]) -> _Batch:
    return _Batch([place for place in batch.places if place.id in wanted], batch.now, batch.ahead)


def _is_spared(source: Source) -> HeldBack:
    """A starved place: the plan of the day's calls changes with the rules, not by itself."""
    service = source.provider.name
    message = f"{service}: the day's calls are kept for rules of higher priority"
    return HeldBack(message, service=service, retry_after=timedelta(minutes=10))
