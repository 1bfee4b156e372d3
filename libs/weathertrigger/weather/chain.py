"""Asks the providers one after the other, until every wish is met or nobody is left to ask."""

from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from weathertrigger.domain.weather import Place
from weathertrigger.errors import HeldBack
from weathertrigger.providers.port import Weather, WeatherProvider
from weathertrigger.weather.source import Answered, Batch, Source
from weathertrigger.weather.wish import Found, Wish

CONCURRENT_CALLS = 8
_MOST_HALVINGS = 16
"""So many further calls may be spent on finding the places for which a provider refuses a batch."""

GoOn = Callable[[], Collection[str]]
"""Called before each round of calls, which takes ten seconds at most; gives the ids of the places still wanted."""
Keep = Callable[[Mapping[str, Weather]], None]
"""Called after each round with what was new in it, by place, so that no answer waits for those of others."""


class WeatherChain:
    """The providers that are on, the preferred one first. Safe to use from several threads. Weather that was observed
    longer ago than `max_age` counts as none."""

    def __init__(self, sources: Sequence[Source], max_age: timedelta) -> None:
        self._sources = tuple(sources)
        self._max_age = max_age

    def ask(self, wishes: Sequence[Wish], go_on: GoOn, keep: Keep) -> dict[str, Found]:
        """By place, what came of the wishes. No error of a provider is raised."""
        found = {wish.place.id: Found() for wish in wishes}
        # Threads of this call's own: behind the calls of others its leases would end.
        with ThreadPoolExecutor(CONCURRENT_CALLS, thread_name_prefix="weather-call") as threads:
            for rank, source in enumerate(self._sources):
                spared = [] if rank else [wish for wish in wishes if wish.starved]
                for wish in spared:
                    found[wish.place.id].errors.append(_is_spared(source))
                left = [found[wish.place.id].left_of(wish) for wish in wishes if wish not in spared]
                for answered in _rounds(source, [wish for wish in left if not wish.is_met], go_on, threads):
                    keep(self._take(found, source.provider.name, answered))
        return found

    def _take(self, found: Mapping[str, Found], provider: str, round_: Sequence[Answered]) -> dict[str, Weather]:
        new: dict[str, Weather] = {}
        for answered in round_:
            for place_id, calls in answered.calls.items():
                found[place_id].calls[provider] += calls
            for place_id, answer in answered.answers.items():
                told = found[place_id].take(answer, self._max_age)
                if told.reading or told.forecast:
                    new[place_id] = _together(new.get(place_id), told)
        return new


def _rounds(
    source: Source, wishes: Sequence[Wish], go_on: GoOn, threads: ThreadPoolExecutor
) -> Iterator[Sequence[Answered]]:
    """The answers, so many calls at a time. A batch that is refused may be so for one of its places: it is halved."""
    waiting = deque(_batches(wishes, source.provider))
    halvings = _MOST_HALVINGS
    while waiting:
        wanted = go_on()
        taken = [waiting.popleft() for _ in range(min(CONCURRENT_CALLS, len(waiting)))]
        batches = [kept for one in taken if (kept := _only(one, wanted)).places]
        answers = []
        for batch, answered in zip(batches, threads.map(source.ask, batches), strict=True):
            if not answered.refused or len(batch.places) == 1:
                answers.append(answered)
            elif halvings > 0:
                halvings -= 2
                waiting.extend(batch.halves())
                answers.append(Answered({}, answered.calls))
            else:
                answers.append(Answered(dict.fromkeys(answered.answers, _is_in_bad_company(source)), answered.calls))
        yield answers


def _batches(wishes: Sequence[Wish], provider: WeatherProvider) -> Iterator[Batch]:
    """Wishes of the same kind, as many places a call as the provider takes."""
    alike: dict[tuple[bool, bool], list[Place]] = defaultdict(list)
    for wish in wishes:
        both = wish.now and wish.ahead
        for kind in [(True, False), (False, True)] if both and not provider.both_in_one else [(wish.now, wish.ahead)]:
            alike[kind].append(wish.place)
    for (now, ahead), places in alike.items():
        for first in range(0, len(places), provider.most_places):
            yield Batch(places[first : first + provider.most_places], now, ahead)


def _only(batch: Batch, wanted: Collection[str]) -> Batch:
    return Batch([place for place in batch.places if place.id in wanted], batch.now, batch.ahead)


def _together(one: Weather | None, other: Weather) -> Weather:
    return Weather(one.reading or other.reading, one.forecast or other.forecast) if one else other


def _is_spared(source: Source) -> HeldBack:
    """A starved place: the plan of the day's calls changes with the rules, not by itself."""
    service = source.provider.name
    message = f"{service}: the day's calls are kept for rules of higher priority"
    return HeldBack(message, service=service, retry_after=timedelta(minutes=10))


def _is_in_bad_company(source: Source) -> HeldBack:
    """A place that nothing may be wrong with: the others of its batch are found out first."""
    service = source.provider.name
    message = f"{service} refuses a question about several places, of which this is one"
    return HeldBack(message, service=service, retry_after=timedelta(minutes=1))
