"""What is expected of the weather at one place, hour by hour and day by day."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum

from weathertrigger.domain.weather import Metric, Value

Values = Mapping[Metric, Value]
"""What is known of an hour, in canonical units; a metric that is not there is unknown."""

_SECONDS_PER_HOUR = 3600


class EachDay(StrEnum):
    """What stands for the hours of a local day."""

    MIN = "min"
    MAX = "max"
    MEAN = "mean"
    SUM = "sum"


DayFigures = Mapping[EachDay, Mapping[Metric, float]]
"""What a provider says of a whole day itself, in canonical units; the sum of mm/h over a day is mm."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """One answer of one provider about the weather to come at one place.

    `hours` are numbered from the epoch (`hour_of`); the values of an hour are those of its beginning, and what falls in
    it is mm in that hour. `days` are local dates of the place, as far as the provider sums days up itself.
    """

    place_id: str
    provider: str
    fetched_at: datetime
    hours: Mapping[int, Values]
    days: Mapping[date, DayFigures] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Horizon:
    """How far ahead a provider's forecast reaches: whole hours from when it is fetched, and local days, today being the
    first, which are known whenever it is used.

    Of its last hours so many may be `lost`: it comes in steps, is used for an hour and a bit, and windows begin up to
    half an hour late. `day_figures` are what it says of days that its hours do not reach, `never` what it never says.
    """

    hours: int
    days: int
    lost: int = 0
    day_figures: Mapping[EachDay, frozenset[Metric]] = field(default_factory=dict)
    never: frozenset[Metric] = frozenset()

    @property
    def sure_hours(self) -> int:
        """So many hours ahead are known whenever it is used."""
        return self.hours - self.lost

    @property
    def last_day_of_hours(self) -> int:
        """The last day, today being 0, of which three quarters of the hours are known even at midnight."""
        return (self.sure_hours - 18) // 24


def hour_of(instant: datetime) -> int:
    """The number of the hour that an instant lies in: whole hours since the epoch."""
    return int(instant.timestamp()) // _SECONDS_PER_HOUR


def beginning_of(hour: int) -> datetime:
    """When an hour begins, in UTC."""
    return datetime.fromtimestamp(hour * _SECONDS_PER_HOUR, UTC)
