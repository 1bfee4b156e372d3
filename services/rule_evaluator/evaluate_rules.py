"""S5, second half: verdicts for every check of a message; one transaction writes executions, states and changes."""

import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson

from services.rule_evaluator.compiled_rules import Compiled, CompiledRules
from services.rule_evaluator.settle_check import Judged, Settled, outcome_of, settle_check
from weathertrigger.domain.rule import RuleState
from weathertrigger.domain.weather import Reading
from weathertrigger.errors import PoolTimeout, SerialisationFailure, StatementTimeout, StorageError, StorageUnavailable
from weathertrigger.messages import EvaluateRules, ReadingChecks
from weathertrigger.planning import Cause, plan_changes
from weathertrigger.rules.evaluation import GroupResult, Result, evaluate
from weathertrigger.rules.explanation import document, sentence
from weathertrigger.schedule.bells import Bells
from weathertrigger.storage import accounts, changes, checks, readings
from weathertrigger.storage.checks import ExecutionRow, RuleRow
from weathertrigger.storage.database import Database, Transaction

log = logging.getLogger(__name__)

Ring = Callable[[Mapping[str, str]], None]


@dataclass(frozen=True, slots=True)
class _Done:
    """What the transaction leaves to be done after its commit."""

    next_checks: Mapping[str, datetime | None]
    accounts: Mapping[str, str]
    news: Sequence[tuple[RuleRow, ExecutionRow]]


class EvaluateRulesStep:
    """Takes checks by reading; leaves executions, rule states, planned changes and the bells of the next checks."""

    def __init__(self, *, database: Database, bells: Bells, ring: Ring, worker_id: str, max_age: timedelta) -> None:
        self._database = database
        self._bells = bells
        self._ring = ring
        self._worker_id = worker_id
        self._max_age = max_age
        self._compiled = CompiledRules()

    def __call__(self, message: EvaluateRules) -> None:
        """Settles the checks that are still due; the others were settled by somebody else."""
        started = time.monotonic()
        try:
            done = self._database.run(lambda tx: self._settle(tx, message.readings, started))
        except (StorageUnavailable, PoolTimeout, StatementTimeout, SerialisationFailure):
            raise
        except StorageError as refusal:
            self._one_by_one(message, str(refusal))
            return
        self._bells.move(message.lease, done.next_checks)
        self._ring(done.accounts)
        _log(done.news)

    def _one_by_one(self, message: EvaluateRules, refusal: str) -> None:
        """PostgreSQL refuses the batch: the rule that it refuses must not hold up the others."""
        singles = [
            ReadingChecks(one.reading_id, one.service, 0, {rule_id: due}, one.reason)
            for one in message.readings
            for rule_id, due in one.checks.items()
        ]
        if len(singles) == 1:
            log.error("a check cannot be recorded", extra={"rule_id": next(iter(singles[0].checks)), "error": refusal})
            return
        for single in singles:
            self(EvaluateRules(message.lease, [single]))

    def _settle(self, tx: Transaction, by_reading: Sequence[ReadingChecks], started: float) -> _Done:
        asked = {rule_id: due for one in by_reading for rule_id, due in one.checks.items()}
        locked = checks.lock_due(tx, asked)
        at = checks.clock(tx)
        compiled = self._compiled.of(tx, locked)
        known = readings.by_id(tx, [one.reading_id for one in by_reading if one.reading_id is not None])
        asked_with = {rule_id: one for one in by_reading for rule_id in one.checks}
        judged = {
            rule.id: self._judge(
                compiled[rule.id], known.get(asked_with[rule.id].reading_id or 0), asked_with[rule.id], at
            )
            for rule in locked
        }
        settled = [settle_check(rule, judged[rule.id], at) for rule in locked]
        calls = _attribute_calls(by_reading, settled)
        rows = _executions(settled, judged, calls, round((time.monotonic() - started) * 1000))
        ids = checks.record(tx, rows, executed_at=at, worker_id=self._worker_id) if rows else {}
        _store(tx, locked, [one.rule for one in settled])
        changed = _changed(locked, settled)
        first = {row.rule_id: row for row in reversed(rows)}
        causes = {rule.id: Cause(judged[rule.id].reason, ids.get(rule.id)) for rule in changed}
        rung = accounts.platforms(tx, plan_changes(tx, causes, at)) if causes else {}
        _take_calls(tx, by_reading, calls.keys() & ids.keys())
        next_checks: dict[str, datetime | None] = {one.rule.id: one.rule.next_check_at for one in settled}
        if skipped := asked.keys() - next_checks.keys():
            next_checks |= dict.fromkeys(skipped) | checks.next_checks(tx, skipped)
        unjudged = {rule.id for rule in locked if rule.state is RuleState.UNJUDGED}
        news = [rule for rule in changed if rule.state is RuleState.ACTIVE or rule.id not in unjudged]
        return _Done(next_checks, rung, [(rule, first[rule.id]) for rule in news])

    def _judge(self, condition: Compiled, reading: Reading | None, asked: ReadingChecks, at: datetime) -> Judged:
        if isinstance(condition, ValueError):
            why = f"Failed: the stored condition cannot be read: {condition}."
            return Judged(None, why, error=str(condition))
        if reading is None:
            why = f"No verdict: there is no weather ({asked.reason or 'the reading is gone'})."
            return Judged(None, why, has_reading=False)
        try:
            result = evaluate(condition, reading, at=at, max_age=self._max_age)
        except (ValueError, LookupError, TypeError) as error:  # a data error of this rule, not of the others
            return Judged(None, f"Failed: the stored condition cannot be evaluated: {error!r}.", error=repr(error))
        return Judged(
            result.truth,
            sentence(result, reading, at),
            orjson.dumps(document(result, reading)).decode(),
            conditions_evaluated=_leaves(result),
        )


def _attribute_calls(by_reading: Sequence[ReadingChecks], settled: Sequence[Settled]) -> dict[str, int]:
    """A shared call is counted in one execution only: calls by the rule whose row is to say so."""
    recorded = {one.rule.id for one in settled if one.answered}
    calls: dict[str, int] = {}
    for one in by_reading:
        counted = next((rule_id for rule_id in one.checks if rule_id in recorded), None)
        if one.calls and counted is not None:
            calls[counted] = one.calls
    return calls


def _take_calls(tx: Transaction, by_reading: Sequence[ReadingChecks], counted: Collection[str]) -> None:
    """The fetcher counted its calls apart when it made them. What an execution counts now is taken from there, so the
    sum is right whatever becomes of a message, and however often it comes. Last, for all workers share that row."""
    for one in by_reading:
        if one.calls and not one.checks.keys().isdisjoint(counted):
            changes.count(tx, one.service, None, calls=-one.calls)


def _executions(
    settled: Sequence[Settled], judged: Mapping[str, Judged], calls: Mapping[str, int], elapsed_ms: int
) -> list[ExecutionRow]:
    rows = []
    for one in settled:
        verdict = judged[one.rule.id]
        for number, answered in enumerate(one.answered):
            metrics = {
                **checks.EMPTY_METRICS,
                "weatherApiCalls": calls.get(one.rule.id, 0) if number == 0 else 0,
                "totalExecutionTime": elapsed_ms,
                "conditionsEvaluated": verdict.conditions_evaluated,
            }
            rows.append(
                ExecutionRow(
                    rule_id=one.rule.id,
                    scheduled_for=answered.scheduled_for,
                    trigger=answered.trigger,
                    coalesced_from=answered.coalesced_from,
                    conditions_met=verdict.truth,
                    outcome=outcome_of(verdict),
                    reason=verdict.reason,
                    execution_metrics=orjson.dumps(metrics).decode(),
                    explanation=verdict.explanation,
                    error=verdict.error,
                )
            )
    return rows


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
        if (rule.state, rule.data_lost) != (after.rule.state, after.rule.data_lost)
    ]


def _leaves(result: Result) -> int:
    return sum(_leaves(part) for part in result.parts) if isinstance(result, GroupResult) else 1


def _log(news: Sequence[tuple[RuleRow, ExecutionRow]]) -> None:
    """A verdict that changed something; that a new rule is inactive is none."""
    for rule, row in news:
        log.info(
            row.reason,
            extra={
                "rule_id": rule.id,
                "conditions_met": row.conditions_met,
                "state": rule.state,
                "execution_time": orjson.loads(row.execution_metrics)["totalExecutionTime"],
                "correlation_id": f"{rule.id}@{row.scheduled_for.isoformat()}",
            },
        )
