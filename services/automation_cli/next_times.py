"""When a rule is checked next, and when time alone may change it: as JSON and as people read it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol, TypedDict

from services.automation_cli.output import cell


class Timed(Protocol):
    """A rule's row of `storage.rules.get`, or its preview."""

    @property
    def next_check_at(self) -> datetime | None: ...
    @property
    def next_slot_at(self) -> datetime: ...
    @property
    def next_boundary_at(self) -> datetime | None: ...


class NextTimes(TypedDict):
    """`next_check_at` is what comes first of the next slot, the boundary and a check that somebody asked for; None: the
    rule is disabled. `next_boundary_at` is the end of a hold, of active hours or of patience without data."""

    next_check_at: datetime | None
    next_slot_at: datetime
    next_boundary_at: datetime | None


def next_times(rule: Timed) -> NextTimes:
    """As JSON has them."""
    return NextTimes(
        next_check_at=rule.next_check_at, next_slot_at=rule.next_slot_at, next_boundary_at=rule.next_boundary_at
    )


def told_next_times(times: NextTimes) -> Iterator[str]:
    """A line each."""
    yield f"Next check: {_when(times['next_check_at'], 'none, the rule is disabled')}"
    yield f"Next boundary: {_when(times['next_boundary_at'], 'none')}"


def _when(at: datetime | None, otherwise: str) -> str:
    return f"{cell(at)} UTC" if at else otherwise
