"""How often a rule is checked, as lists show it."""

from datetime import timedelta
from typing import Protocol

from weathertrigger.rule_files.durations import spoken
from weathertrigger.rules.time_documents import time_document


class Scheduled(Protocol):
    """A rule's row with the columns of its schedule."""

    @property
    def interval_ms(self) -> int: ...
    @property
    def daily_at(self) -> int | None: ...


def spoken_schedule(rule: Scheduled) -> str:
    """`30 min`, or of a rule with a local time of day `24 h at 06:00`."""
    every = spoken(timedelta(milliseconds=rule.interval_ms))
    return every if rule.daily_at is None else f"{every} at {time_document(rule.daily_at)}"
