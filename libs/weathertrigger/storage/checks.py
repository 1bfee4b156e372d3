"""The schedule's columns and the executions: protocol S as PostgreSQL sees it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import orjson

from weathertrigger.domain.execution import Outcome, Trigger
from weathertrigger.domain.memory import Memory
from weathertrigger.domain.schedule import Daily, Grid, Schedule
from weathertrigger.instants import to_ms
from weathertrigger.storage import memories
from weathertrigger.storage.database import Row, Transaction
from weathertrigger.storage.queries import load_queries
from weathertrigger.time_zones import zone_named

_SQL = "checks"

EMPTY_METRICS: Mapping[str, int] = {
    "weatherApiCalls": 0,
    "metaApiCalls": 0,
    "googleApiCalls": 0,
    "totalExecutionTime": 0,
    "conditionsEvaluated": 0,
    "actionsExecuted": 0,
}
"""The keys of `execution_metrics`; the time is in milliseconds."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the truth says of a rule whose bell rang: its places, whether it looks at the forecast, its next check
    (None: paused), and whether it is outside its active hours, so that the check needs no weather."""

    rule_id: str
    place_ids: Sequence[str]
    looks_ahead: bool
    next_check_at: datetime | None
    clock: datetime
    rests: bool = False


class RuleRow(NamedTuple):
    """The columns of a locked rule that a check reads and leaves changed. A named tuple, for one is made and changed in
    every check: a dataclass takes four times as long."""

    id: str
    place_id: str
    version: int
    interval: timedelta
    memory: Memory
    next_slot_at: datetime
    slot_not_before: datetime | None
    next_boundary_at: datetime | None
    run_requested_at: datetime | None
    other_place_ids: Sequence[str] | None = None
    catch_up: timedelta | None = None  # how old a slot may be when it is checked; None: one interval, so never too old
    daily: Daily | None = None  # its slots, if they are at a local time

    @property
    def schedule(self) -> Schedule:
        """Where its slots are."""
        return self.daily or Grid(self.id, self.interval)

    @property
    def place_ids(self) -> Sequence[str]:
        """Every place that the rule looks at."""
        return (self.place_id, *self.other_place_ids) if self.other_place_ids else (self.place_id,)

    @property
    def next_check_at(self) -> datetime:
        """What PostgreSQL generates of these columns for an enabled rule."""
        if self.slot_not_before is self.next_boundary_at is self.run_requested_at is None:
            return self.next_slot_at
        slot = max(self.next_slot_at, self.slot_not_before or self.next_slot_at)
        return min(one for one in (slot, self.next_boundary_at, self.run_requested_at) if one)

    def only_moved_on_from(self, before: "RuleRow") -> bool:
        """Whether nothing but the next slot is another than it was."""
        return (
            (self.memory is before.memory or self.memory == before.memory)
            and self.slot_not_before == before.slot_not_before
            and self.next_boundary_at == before.next_boundary_at
            and self.run_requested_at == before.run_requested_at
        )


class ExecutionRow(NamedTuple):
    """One row to be of `automation_executions`; metrics and explanation are JSON text, each on one line. A named tuple:
    see RuleRow."""

    rule_id: str
    scheduled_for: datetime
    trigger: Trigger
    coalesced_from: datetime | None
    conditions_met: bool | None
    outcome: Outcome
    reason: str
    execution_metrics: str
    explanation: str | None
    error: str | None = None


def clock(tx: Transaction) -> datetime:
    """PostgreSQL's time now, in whole milliseconds: it decides (semantics 14)."""
    row = tx.row(load_queries(_SQL)["clock"])
    assert row is not None  # noqa: S101 - a SELECT without FROM has one row
    now: datetime = row.clock
    return now


def standing(tx: Transaction, rule_ids: Collection[str]) -> list[Standing]:
    """S3: the standing of every rule of these that still exists."""
    rows = tx.rows(load_queries(_SQL)["standing"], {"rule_ids": list(rule_ids)})
    return [Standing(row.id, _place_ids(row), row.looks_ahead, row.next_check_at, row.clock, row.rests) for row in rows]


def upcoming(tx: Transaction, horizon: timedelta) -> tuple[dict[str, datetime], datetime | None]:
    """S7: next check of every rule due within the horizon, and the clock (None when there is no such rule)."""
    rows = tx.rows(load_queries(_SQL)["upcoming"], {"horizon": horizon})
    return {row.id: row.next_check_at for row in rows}, rows[0].clock if rows else None


def coming(tx: Transaction, limit: int) -> list[Row]:
    """The checks that come next, with the clock: `id, user_id, interval_ms, daily_at, next_check_at, clock`."""
    return tx.rows(load_queries(_SQL)["coming"], {"limit": limit})


def next_checks(tx: Transaction, rule_ids: Collection[str]) -> dict[str, datetime | None]:
    """S6: the next check of each of these rules that still exists."""
    rows = tx.rows(load_queries(_SQL)["next_checks"], {"rule_ids": list(rule_ids)})
    return {row.id: row.next_check_at for row in rows}


def lock_due(tx: Transaction, checks: Mapping[str, int]) -> list[RuleRow]:
    """S5a: locks those of the checks (rule id to due time in ms) that are still due, in the order of their ids."""
    rows = tx.rows(load_queries(_SQL)["lock_due"], {"dues": _json(checks)})
    return [rule_row(row) for row in rows]


def rule_row(row: Row) -> RuleRow:
    """The columns of a row of `automation_rules`."""
    return RuleRow(
        id=row.id,
        place_id=row.place_id,
        version=row.version,
        interval=timedelta(milliseconds=row.interval_ms),
        memory=memories.of(row),
        next_slot_at=row.next_slot_at,
        slot_not_before=row.slot_not_before,
        next_boundary_at=row.next_boundary_at,
        run_requested_at=row.run_requested_at,
        other_place_ids=row.other_place_ids,
        catch_up=None if row.catch_up_ms is None else timedelta(milliseconds=row.catch_up_ms),
        daily=None if row.daily_at is None else Daily(row.daily_at, zone_named(row.daily_zone) or UTC),
    )


def _place_ids(row: Row) -> Sequence[str]:
    return (row.place_id, *row.other_place_ids) if row.other_place_ids else (row.place_id,)


class StoredRule(NamedTuple):
    """A rule's version, its canonical document (JSON text) and the time zone of its place's coordinates."""

    version: int
    text: str
    time_zone: str | None


def stored(tx: Transaction, rule_ids: Collection[str]) -> dict[str, StoredRule]:
    """What is to be compiled of each of these rules."""
    rows = tx.rows(load_queries(_SQL)["stored"], {"rule_ids": list(rule_ids)})
    return {row.id: StoredRule(row.version, row.document, row.time_zone) for row in rows}


def advance(tx: Transaction, rules: Sequence[RuleRow]) -> None:
    """S5d: stores the next slots of rules of which nothing else has changed."""
    next_slots = {rule.id: to_ms(rule.next_slot_at) for rule in rules}
    tx.execute(load_queries(_SQL)["advance"], {"next_slots": _json(next_slots)})


def settle(tx: Transaction, rules: Sequence[RuleRow]) -> None:
    """S5d: stores what the checks left of each rule."""
    rows = [
        {
            "id": rule.id,
            "next_slot_at": rule.next_slot_at,
            "slot_not_before": rule.slot_not_before,
            "next_boundary_at": rule.next_boundary_at,
            "run_requested_at": rule.run_requested_at,
            "state": rule.memory.state,
            "state_since": rule.memory.state_since,
            "unknown_since": rule.memory.unknown_since,
            "data_lost": rule.memory.data_lost,
            "active_case": rule.memory.case,
            "memory": memories.text(rule.memory),
        }
        for rule in rules
    ]
    tx.execute(load_queries(_SQL)["settle"], {"rules": _json(rows)})


def record(
    tx: Transaction, executions: Sequence[ExecutionRow], *, executed_at: datetime, worker_id: str
) -> dict[str, int]:
    """S5d: writes the executions and gives the id of the newest row of each rule that was new."""
    rows = [
        {
            "rule_id": row.rule_id,
            "scheduled_for": row.scheduled_for,
            "trigger": row.trigger,
            "coalesced_from": row.coalesced_from,
            "conditions_met": row.conditions_met,
            "outcome": row.outcome,
            "reason": row.reason,
            "error": row.error,
        }
        for row in executions
    ]
    written = tx.rows(
        load_queries(_SQL)["record"],
        {
            "rows": _json(rows),
            "execution_metrics": "\n".join([row.execution_metrics for row in executions]),
            "explanation": "\n".join([row.explanation or "" for row in executions]),
            "executed_at": executed_at,
            "worker_id": worker_id,
        },
    )
    return {row.rule_id: row.id for row in written}


def _json(document: object) -> str:
    """A batch as one text: psycopg2 quotes it, and PostgreSQL reads it, in less time than arrays of many values."""
    return orjson.dumps(document).decode()


@dataclass(frozen=True, slots=True)
class RunRequest:
    """A wish for a check. Ring only if it is new: one that was pending has rung, and may be at work."""

    next_check_at: datetime
    is_new: bool


def request_run(tx: Transaction, rule_id: str) -> RunRequest | None:
    """S9: asks for a check now; None when the rule is not there or is disabled."""
    row = tx.row(load_queries(_SQL)["request_run"], {"rule_id": rule_id})
    return RunRequest(row.next_check_at, row.is_new) if row else None
