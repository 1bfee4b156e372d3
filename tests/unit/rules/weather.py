"""One reading at one moment."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from weathertrigger.domain.weather import Metric, Reading, Value

AT = datetime(2026, 3, 1, 14, 6, tzinfo=UTC)


def reading(values: Mapping[Metric, Value], discarded: Mapping[Metric, float] | None = None) -> Reading:
    """What was observed six minutes before `AT`."""
    observed_at = AT - timedelta(minutes=6)
    return Reading("40.69,-74.17", "openweather", observed_at, AT, values, discarded or {}, id=7)
