"""What the engine is doing, for whoever watches: checks and changes as they come, and totals since a starting point."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from weathertrigger.domain.change import ChangeState
from weathertrigger.domain.execution import Outcome, Trigger
from weathertrigger.domain.rule import FieldName, RuleState
from weathertrigger.storage.database import Transaction
from weathertrigger.storage.queries import load_queries

_SQL = "activity"


@dataclass(frozen=True, slots=True)
class StartingPoint:
    """The newest ids, the calls apart by service, and the open changes at one moment."""

    execution_id: int
    change_id: int
    notification_id: int
    calls_apart: Mapping[str, int]
    open_changes: frozenset[int]


@dataclass(frozen=True, slots=True)
class Check:
    """One recorded check."""

    id: int
    rule_id: str
    trigger: Trigger
    scheduled_for: datetime
    executed_at: datetime
    outcome: Outcome
    reason: str

    @property
    def lateness(self) -> timedelta:
        """From its time to its verdict."""
        return self.executed_at - self.scheduled_for


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one field; values are the platform's own text."""

    id: int
    account_id: str
    platform: str
    currency: str
    resource: str
    field: FieldName
    rule_id: str | None
    state: ChangeState
    from_value: str | None
    to_value: str | None
    error: str | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class WatchedRule:
    """A rule with its last check, if it had one; `clock` is the moment of looking."""

    id: str
    enabled: bool
    state: RuleState
    next_check_at: datetime | None
    outcome: Outcome | None
    reason: str | None
    scheduled_for: datetime | None
    executed_at: datetime | None
    clock: datetime


@dataclass(frozen=True, slots=True)
class Totals:
    """Since the starting point. `api_calls` by service; lateness in milliseconds, None before there is any."""

    checks: int
    outcomes: Mapping[str, int]
    changes: Mapping[str, int]
    api_calls: Mapping[str, int]
    lateness_p50: float | None
    lateness_p99: float | None


def starting_point(tx: Transaction) -> StartingPoint:
    """Where the tables stand now."""
    row = tx.row(load_queries(_SQL)["starting_point"])
    assert row is not None  # noqa: S101 - a SELECT without FROM has one row
    return StartingPoint(
        row.execution_id, row.change_id, row.notification_id, row.calls_apart, frozenset(row.open_changes)
    )


def checks_after(tx: Transaction, execution_id: int, limit: int) -> list[Check]:
    """The checks recorded after this one, oldest first."""
    rows = tx.rows(load_queries(_SQL)["checks_after"], {"id": execution_id, "limit": limit})
    return [
        Check(
            row.id,
            row.rule_id,
            Trigger(row.trigger),
            row.scheduled_for,
            row.executed_at,
            Outcome(row.outcome),
            row.reason,
        )
        for row in rows
    ]


def changes_after(tx: Transaction, change_id: int, still_open: Collection[int], limit: int) -> list[Change]:
    """The changes planned after this one, and those that were open when they were last looked at."""
    rows = tx.rows(load_queries(_SQL)["changes_after"], {"id": change_id, "open": list(still_open), "limit": limit})
    return [
        Change(
            row.id,
            row.account_id,
            row.platform,
            row.currency,
            row.resource,
            FieldName(row.field),
            row.rule_id,
            ChangeState(row.state),
            row.from_value,
            row.to_value,
            row.error,
            row.finished_at,
        )
        for row in rows
    ]


def rules(tx: Transaction, limit: int) -> tuple[list[WatchedRule], int]:
    """The first rules by id with their last checks, and how many rules there are in all."""
    rows = tx.rows(load_queries(_SQL)["rules"], {"limit": limit})
    found = [
        WatchedRule(
            row.id,
            row.enabled,
            RuleState(row.state),
            row.next_check_at,
            Outcome(row.outcome) if row.outcome else None,
            row.reason,
            row.scheduled_for,
            row.executed_at,
            row.clock,
        )
        for row in rows
    ]
    return found, rows[0].in_all if rows else 0


def totals(tx: Transaction, since: StartingPoint) -> Totals:
    """Everything since the starting point; it reads every row since then."""
    parameters = {"execution_id": since.execution_id, "change_id": since.change_id}
    row = tx.row(load_queries(_SQL)["totals"], parameters)
    assert row is not None  # noqa: S101 - an aggregate without GROUP BY has one row
    counted = {"openweather": row.weather_calls, "meta_ads": row.meta_calls, "google_ads": row.google_calls}
    apart = {service: calls - since.calls_apart.get(service, 0) for service, calls in row.calls_apart.items()}
    p50, p99 = row.lateness or (None, None)
    return Totals(
        checks=row.checks,
        outcomes=row.outcomes,
        changes=row.changes,
        api_calls={service: counted.get(service, 0) + apart.get(service, 0) for service in counted | apart},
        lateness_p50=p50,
        lateness_p99=p99,
    )
