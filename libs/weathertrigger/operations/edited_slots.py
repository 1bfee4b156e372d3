"""What an edit does to the slots of a rule (S8): those that it overtakes, and what comes first after it."""

from datetime import UTC, datetime

from weathertrigger.domain.active_hours import stretch
from weathertrigger.domain.execution import Trigger
from weathertrigger.domain.rule import Rule
from weathertrigger.domain.schedule import Daily, Grid, Schedule
from weathertrigger.storage.rules import Kept, Superseded
from weathertrigger.time_zones import zone_of


def overtaken(rule: Rule, kept: Kept, at: datetime) -> list[Superseded]:
    """S8: a slot that was due when the grid was edited or the rule paused; a run that a pause overtook."""
    found = []
    before = kept.rule
    if before.enabled and kept.next_slot_at <= at and (not rule.enabled or schedule_of(rule) != schedule_of(before)):
        slot = schedule_of(before).latest(at)
        first = kept.next_slot_at if kept.next_slot_at < slot else None
        found.append(Superseded(rule.id, slot, Trigger.SLOT, first))
    if kept.run_requested_at and not rule.enabled:
        found.append(Superseded(rule.id, kept.run_requested_at, Trigger.MANUAL))
    return found


def first_boundary(rule: Rule, at: datetime) -> datetime | None:
    """S5c: when the active hours of a rule begin or end next; None: it has none, or never."""
    return None if rule.active is None else stretch(rule.active, zone_of(rule.place) or UTC, at)[1]


def first_slot(rule: Rule, kept: Kept | None, at: datetime) -> datetime:
    """S8: a new grid, or a rule that goes on after a pause, begins with the first slot from now."""
    if kept and kept.rule.enabled and rule.enabled and schedule_of(kept.rule) == schedule_of(rule):
        return kept.next_slot_at
    return schedule_of(rule).after(at)


def schedule_of(rule: Rule) -> Schedule:
    """Where the slots of the rule are."""
    return Grid(rule.id, rule.interval) if rule.at is None else Daily(rule.at, zone_of(rule.place) or UTC)
