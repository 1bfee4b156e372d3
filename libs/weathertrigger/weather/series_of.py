"""The hours around now at places, as far as conditions need them, read from PostgreSQL."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from weathertrigger.domain.series import Series
from weathertrigger.rules.needs import Needs
from weathertrigger.storage import forecasts, readings
from weathertrigger.storage.database import Transaction


def series_of(
    tx: Transaction, needs: Iterable[tuple[str, Needs]], at: datetime, forecast_max_age: timedelta
) -> dict[str, Series]:
    """By place, of those pairs of place and needs that look further than the present: one query for each kind."""
    wanted: dict[str, list[Needs]] = defaultdict(list)
    for place_id, one in needs:
        if one.looks_ahead or one.looks_back_hours:
            wanted[place_id].append(one)
    if not wanted:
        return {}
    ahead = [place_id for place_id, each in wanted.items() if any(one.looks_ahead for one in each)]
    back = {place_id: max(one.looks_back_hours for one in each) for place_id, each in wanted.items()}
    forecast = forecasts.of(tx, ahead) if ahead else {}
    since = at - timedelta(hours=max(back.values()))
    past = readings.hour_by_hour(tx, [place_id for place_id, hours in back.items() if hours], since)
    zones = readings.time_zones(tx, list(wanted))
    return {
        place_id: Series(
            at,
            past.get(place_id, {}),
            forecast.get(place_id),
            ZoneInfo(zones[place_id]) if place_id in zones else None,
            forecast_max_age,
        )
        for place_id in wanted
    }
