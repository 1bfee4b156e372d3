"""What the providers said is stored, in one transaction; what cannot be is told once."""

import logging
from collections.abc import Collection

from weathertrigger.domain.weather import Reading
from weathertrigger.storage import forecasts, incidents, readings
from weathertrigger.storage.database import Database, Transaction
from weathertrigger.storage.incidents import IncidentKind
from weathertrigger.weather.wish import Found

log = logging.getLogger(__name__)


def keep_weather(database: Database, found: Collection[Found]) -> dict[str, int]:
    """Stores readings and forecasts; gives the ids of the readings by place."""
    new_readings = [one.reading for one in found if one.reading]
    new_forecasts = [one.forecast for one in found if one.forecast]

    def keep(tx: Transaction) -> dict[str, int]:
        if new_forecasts:
            forecasts.put(tx, new_forecasts)
        kept = readings.add(tx, new_readings) if new_readings else {}
        for reading in new_readings:
            _tell_implausible(tx, reading)
        return kept

    return database.run(keep) if new_readings or new_forecasts else {}


def _tell_implausible(tx: Transaction, reading: Reading) -> None:
    """Semantics 3: one warning for a place and metric, until a day has passed without such a value."""
    incidents.end_others(tx, IncidentKind.IMPLAUSIBLE, f"{reading.place_id} ", reading.discarded)
    for metric, value in reading.discarded.items():
        said = (
            f"{reading.provider} tells {metric.replace('_', ' ')} {value:,.6g} at {reading.place_id}, which cannot be"
        )
        message = f"{said}; it is taken as unknown."
        incidents.begin(tx, IncidentKind.IMPLAUSIBLE, f"{reading.place_id} {metric}", message)
