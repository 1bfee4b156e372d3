"""What the providers said is stored, in one transaction; what cannot be is told once."""

from collections.abc import Collection
from dataclasses import replace

from weathertrigger.domain.weather import Reading
from weathertrigger.providers.port import Weather
from weathertrigger.storage import checks, forecasts, incidents, readings
from weathertrigger.storage.database import Database, Transaction
from weathertrigger.storage.incidents import IncidentKind


def keep_weather(database: Database, told: Collection[Weather]) -> dict[str, int]:
    """Stores readings and forecasts, fetched at PostgreSQL's time: it decides when they are old, and no host's clock.
    Gives the ids of the readings by place."""
    new_readings = [one.reading for one in told if one.reading]
    new_forecasts = [one.forecast for one in told if one.forecast]

    def keep(tx: Transaction) -> dict[str, int]:
        at = checks.clock(tx)
        if new_forecasts:
            forecasts.put(tx, [replace(one, fetched_at=at) for one in new_forecasts])
        kept = readings.add(tx, [replace(one, fetched_at=at) for one in new_readings]) if new_readings else {}
        for reading in new_readings:
            _tell_implausible(tx, reading)
        return kept

    return database.run(keep) if new_readings or new_forecasts else {}


def _tell_implausible(tx: Transaction, reading: Reading) -> None:
    """Semantics 3: one warning for a place and metric, until a day has passed without such a value."""
    for metric, value in reading.discarded.items():
        said = (
            f"{reading.provider} tells {metric.replace('_', ' ')} {value:,.6g} at {reading.place_id}, which cannot be"
        )
        message = f"{said}; it is taken as unknown."
        incidents.begin(tx, IncidentKind.IMPLAUSIBLE, f"{reading.place_id} {metric}", message)
