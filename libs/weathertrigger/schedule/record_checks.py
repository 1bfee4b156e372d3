"""S5b to S5d in the caller's transaction: what verdicts leave of locked rules is recorded, stored and planned."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

import orjson

from weathertrigger.domain.execution import Outcome
from weathertrigger.domain.memory import Memory
from weathertrigger.domain.rule import RuleState
from weathertrigger.planning import Cause, plan_changes
from weathertrigger.rules.judge import Judgement
from weathertrigger.schedule.settle_check import Answered, Settled
from weathertrigger.storage import accounts, checks
from weathertrigger.storage.checks import ExecutionRow, RuleRow
from weathertrigger.storage.database import Transaction


class Judged(NamedTuple):
    """A judgement as its execution tells it; `explanation` is JSON. With an `error` the rule could not be judged."""

    judgement: Judgement
    reason: str
    explanation: str | None = None
    conditions_evaluated: int = 0
    error: str | None = None

    @property
    def outcome(self) -> Outcome:
        """The word for what came of the check."""
        if self.error is not None:
            return Outcome.FAILED
        if self.judgement.truth is None and not self.judgement.has_data:
            return Outcome.NO_DATA
        return _OUTCOMES[self.judgement.truth]


_OUTCOMES = {True: Outcome.MET, False: Outcome.NOT_MET, None: Outcome.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the transaction leaves to be done after its commit: bells to set, accounts (id to platform) to ring; and
    what it wrote: every row, the rules whose state is another one now, and the rules of which a row was new."""

    next_checks: Mapping[str, datetime]
    accounts: Mapping[str, str]
    rows: Sequence[ExecutionRow]
    changed: Sequence[RuleRow]
    new: Collection[str]


def record_checks(
    tx: Transaction,
    locked: Sequence[RuleRow],
    settled: Sequence[Settled],
    judged: Mapping[str, Judged],
    at: datetime,
    *,
    worker_id: str,
    elapsed_ms: int = 0,
    calls: Mapping[str, int] | None = None,
) -> Recorded:
    """Keeps what one evaluation at `at` settled of these locked rules, each with its verdict (by rule id); `calls` are
    the API calls that a rule's first row is to say."""
    rows = _rows(settled, judged, calls or {}, at, elapsed_ms)
    ids = checks.record(tx, rows, executed_at=at, worker_id=worker_id) if rows else {}
    _store(tx, locked, [one.rule for one in settled])
    changed = _changed(locked, settled)
    causes = {rule.id: Cause(judged[rule.id].reason, ids.get(rule.id)) for rule in changed}
    rung = accounts.platforms(tx, plan_changes(tx, causes, at)) if causes else {}
    return Recorded({one.rule.id: one.rule.next_check_at for one in settled}, rung, rows, changed, ids.keys())


def _rows(
    settled: Sequence[Settled], judged: Mapping[str, Judged], calls: Mapping[str, int], at: datetime, elapsed_ms: int
) -> list[ExecutionRow]:
    rows = []
    for one in settled:
        for number, answered in enumerate(one.answered):
            verdict = _missed(one.rule, answered, at) if answered.missed else judged[one.rule.id]
            made = 0 if number else calls.get(one.rule.id, 0)
            rows.append(
                ExecutionRow(
                    rule_id=one.rule.id,
                    scheduled_for=answered.scheduled_for,
                    trigger=answered.trigger,
                    coalesced_from=answered.coalesced_from,
                    conditions_met=verdict.judgement.truth,
                    outcome=Outcome.MISSED if answered.missed else verdict.outcome,
                    reason=verdict.reason,
                    execution_metrics=_metrics(made, elapsed_ms, verdict.conditions_evaluated),
                    explanation=verdict.explanation,
                    error=verdict.error,
                )
            )
    return rows


@lru_cache(maxsize=1024)  # the rows of one message share a few
def _metrics(calls: int, elapsed_ms: int, evaluated: int) -> str:
    metrics = {
        **checks.EMPTY_METRICS,
        "weatherApiCalls": calls,
        "totalExecutionTime": elapsed_ms,
        "conditionsEvaluated": evaluated,
    }
    return orjson.dumps(metrics).decode()


def _missed(rule: RuleRow, answered: Answered, at: datetime) -> Judged:
    late = timedelta(seconds=round((at - answered.scheduled_for).total_seconds()))
    why = f"Missed: its turn came {late} h after its time, and the rule catches up on no more than {rule.catch_up} h."
    return Judged(Judgement(None, None, rule.memory, None), why)


def _store(tx: Transaction, before: Sequence[RuleRow], after: Sequence[RuleRow]) -> None:
    """Most rules have only moved on to their next slot: then nothing else is written."""
    others = {rule.id for rule, then in zip(before, after, strict=True) if not then.only_moved_on_from(rule)}
    if len(others) < len(after):
        checks.advance(tx, [rule for rule in after if rule.id not in others])
    if others:
        checks.settle(tx, [rule for rule in after if rule.id in others])


def _changed(before: Sequence[RuleRow], settled: Sequence[Settled]) -> list[RuleRow]:
    """The rules whose word on their fields may be another one now."""
    return [
        after.rule
        for rule, after in zip(before, settled, strict=True)
        if after.rule.memory is not rule.memory and _word(rule.memory) != _word(after.rule.memory)
    ]


def _word(memory: Memory) -> tuple[RuleState, bool, int | None]:
    """What of a rule's memory decides its fields. Which case it is in matters while it is active."""
    return memory.state, memory.data_lost, memory.case if memory.state is RuleState.ACTIVE else None
