"""The hours around now at places, as far as conditions need them, read from PostgreSQL."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from weathertrigger.domain.series import Series
from weathertrigger.rules.needs import Needs, together
from weathertrigger.storage import forecasts, readings
from weathertrigger.storage.database import Transaction
from weathertrigger.time_zones import zone_named


def series_of(
    tx: Transaction, needs: Iterable[tuple[str, Needs]], at: datetime, forecast_max_age: timedelta
) -> dict[str, Series]:
    """By place, of those pairs of place and needs that look further than the present: one query for each kind.

    The zone is that of the place's coordinates.
    """
    each: dict[str, list[Needs]] = defaultdict(list)
    for place_id, one in needs:
        if one.looks_around:
            each[place_id].append(one)
    if not each:
        return {}
    wanted = {place_id: together(of_place) for place_id, of_place in each.items()}
    metrics = together(list(wanted.values())).metrics
    ahead = [place_id for place_id, one in wanted.items() if one.looks_ahead]
    forecast = forecasts.of(tx, ahead, metrics) if ahead else {}
    back = {place_id: one.looks_back_hours for place_id, one in wanted.items() if one.looks_back_hours}
    since = {place_id: at - timedelta(hours=hours) for place_id, hours in back.items()}
    past = readings.hour_by_hour(tx, since, metrics) if since else {}
    zones = readings.time_zones(tx, list(wanted))
    return {
        place_id: Series(
            at, past.get(place_id, {}), forecast.get(place_id), zone_named(zones.get(place_id)), forecast_max_age
        )
        for place_id in wanted
    }
