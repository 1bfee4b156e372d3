"""The weather of one place for a person who asks: what is known if it is fresh, else what a provider says."""

from collections.abc import Mapping

from weathertrigger.domain.weather import Place, Reading
from weathertrigger.providers.port import Weather
from weathertrigger.rules.needs import Needs
from weathertrigger.storage import readings
from weathertrigger.storage.database import Database
from weathertrigger.storage.readings import Ages
from weathertrigger.weather.chain import WeatherChain
from weathertrigger.weather.keep_weather import keep_weather
from weathertrigger.weather.wish import Wish


def look_up(
    database: Database, chain: WeatherChain, place: Place, needs: Needs, ages: Ages
) -> tuple[Reading | None, str]:
    """The reading, or why there is none. What a call brings is kept, so that the next check need not ask again."""
    with database.transaction() as tx:
        known = readings.newest(tx, [place.id], ages)[place.id]
    wish = Wish(
        place,
        now=known.reading_id is None,
        ahead=needs.looks_ahead and not known.has_forecast,
        starved=known.starved,
    )
    kept: dict[str, int] = {}

    def keep(told: Mapping[str, Weather]) -> None:
        kept.update(keep_weather(database, list(told.values())))

    found = None if wish.is_met else chain.ask([wish], lambda: (place.id,), keep)[place.id]
    reading_id = kept.get(place.id) or known.reading_id or known.last_good_id
    why = (found and found.why_not) or "nobody says why"
    if reading_id is None:
        return None, why
    with database.transaction() as tx:
        return readings.by_id(tx, [reading_id])[reading_id], why
