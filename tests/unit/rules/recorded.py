"""Recordings and rules for backtests."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from weathertrigger.domain.condition import Comparator, Comparison, Threshold, When
from weathertrigger.domain.weather import Metric, Reading
from weathertrigger.rules.backtest import Span, Trial, backtest
from weathertrigger.rules.judge import THE_PLACE, Criteria
from weathertrigger.rules.needs import needs_of
from weathertrigger.rules.replayed_weather import Recording

START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
WET = Comparison(Metric.RAIN, (Threshold(Comparator.ABOVE, 0.5),), "mm/h")


def hourly(values: Sequence[float | None], metric: Metric = Metric.RAIN, zone: tzinfo | None = None) -> Recording:
    """An observation every full hour from `START` on; None: there is none."""
    return Recording(
        [
            Reading("here", "recording", at, at, {metric: value})
            for at, value in ((START + hour * HOUR, value) for hour, value in enumerate(values))
            if value is not None
        ],
        zone,
    )


def every(interval: timedelta, first: timedelta = timedelta()) -> Callable[[datetime], datetime]:
    """Slots at START + first + k * interval."""

    def next_slot(after: datetime) -> datetime:
        return START + first + ((after - START - first) // interval + 1) * interval

    return next_slot


def tried(
    condition: When, recording: Recording, hours: float, next_slot: Callable[[datetime], datetime] | None = None
) -> Trial:
    """The run of a rule for so many hours, checked every full hour unless something else is said."""
    criteria = Criteria(condition, needs_of(condition))
    span = Span(START, START + hours * HOUR)
    return backtest(criteria, {THE_PLACE: recording}, span, next_slot or every(HOUR))


def hours(trial: Trial) -> list[tuple[float, float]]:
    """The times in which the rule was active, in hours from `START` on."""
    return in_hours(trial.active)


def in_hours(spans: Sequence[Span]) -> list[tuple[float, float]]:
    """Beginning and end in hours from `START` on."""
    return [((span.start - START) / HOUR, (span.end - START) / HOUR) for span in spans]
