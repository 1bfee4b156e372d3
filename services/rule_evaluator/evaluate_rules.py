"""S5, second half: verdicts for every check of a message; one transaction writes executions, states and changes."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import orjson

from services.rule_evaluator.compiled_rules import Compiled, CompiledRules
from weathertrigger.domain.rule import RuleState
from weathertrigger.domain.series import Series
from weathertrigger.errors import (
    ConstraintViolated,
    PoolTimeout,
    SerialisationFailure,
    StatementTimeout,
    StorageError,
    StorageUnavailable,
)
from weathertrigger.messages import EvaluateRules, ReadingChecks
from weathertrigger.rules.judge import THE_PLACE, Criteria, PlaceWeather, failed, judge, unreadable
from weathertrigger.rules.judgement_sentences import document_of, leaves_seen, sentence_of
from weathertrigger.rules.needs import Needs
from weathertrigger.schedule.bells import Bells
from weathertrigger.schedule.give_up import give_up
from weathertrigger.schedule.lateness import Way
from weathertrigger.schedule.record_checks import Judged, Recorded, record_checks
from weathertrigger.schedule.settle_check import Settled, settle_check
from weathertrigger.storage import changes, checks, readings
from weathertrigger.storage.checks import ExecutionRow, RuleRow
from weathertrigger.storage.database import Database, Transaction
from weathertrigger.weather.series_of import series_of

log = logging.getLogger(__name__)

Ring = Callable[[Mapping[str, str]], None]


@dataclass(frozen=True, slots=True)
class _Done:
    """What the transaction leaves to be done after its commit."""

    next_checks: Mapping[str, datetime | None]
    recorded: Recorded
    at: datetime
    news: Sequence[tuple[RuleRow, ExecutionRow]] = ()


class EvaluateRulesStep:
    """Takes checks by reading; leaves executions, rule states, planned changes and the bells of the next checks."""

    def __init__(
        self,
        *,
        database: Database,
        bells: Bells,
        ring: Ring,
        worker_id: str,
        max_age: timedelta,
        forecast_max_age: timedelta,
    ) -> None:
        self._database = database
        self._bells = bells
        self._lateness = bells.lateness(Way.RECORDED)
        self._ring = ring
        self._worker_id = worker_id
        self._max_age = max_age
        self._forecast_max_age = forecast_max_age
        self._compiled = CompiledRules()

    def __call__(self, message: EvaluateRules) -> None:
        """Settles the checks that are still due; the others were settled by somebody else."""
        dues = {rule_id: due for one in message.readings for rule_id, due in one.checks.items()}
        with self._bells.starts.at_work(message.lease, dues):
            self._evaluate(message, dues)

    def _evaluate(self, message: EvaluateRules, dues: Mapping[str, int]) -> None:
        started = time.monotonic()
        try:
            done = self._database.run(lambda tx: self._settle(tx, message.readings, dues, started))
        except (StorageUnavailable, PoolTimeout, StatementTimeout, SerialisationFailure):
            raise
        except StorageError as refusal:
            self._one_by_one(message, dues, str(refusal))
            return
        self._finish(message.lease, done)

    def _one_by_one(self, message: EvaluateRules, dues: Mapping[str, int], refusal: str) -> None:
        """S5d: PostgreSQL refuses the batch; the rule that it refuses must not hold up the others."""
        if len(dues) == 1:
            self._give_up(message.lease, dues, refusal)
            return
        for rule_id, due in dues.items():
            check = {rule_id: due}
            single = [replace(one, calls={}, checks=check) for one in message.readings if rule_id in one.checks]
            self._evaluate(EvaluateRules(message.lease, single), check)

    def _give_up(self, lease: int, dues: Mapping[str, int], refusal: str) -> None:
        """The check is recorded as failed; where not even that can be, it rings again when its lease is over."""
        log.error("a check cannot be recorded", extra={"rule_id": next(iter(dues)), "error": refusal})
        try:
            done = self._database.run(lambda tx: self._settle_as_failed(tx, dues, refusal))
        except ConstraintViolated as error:
            log.error("nor can its failure", extra={"rule_id": next(iter(dues)), "error": str(error)})  # noqa: TRY400
        else:
            self._finish(lease, done)

    def _settle_as_failed(self, tx: Transaction, dues: Mapping[str, int], refusal: str) -> _Done:
        recorded = give_up(tx, dues, f"the check cannot be recorded ({refusal})", worker_id=self._worker_id)
        return _Done(_next_checks(tx, dues, recorded), recorded, checks.clock(tx))

    def _finish(self, lease: int, done: _Done) -> None:
        """S6, after the commit: the bells of the next checks, the skipped ones too; then who is to be told."""
        self._bells.move(lease, done.next_checks)
        self._ring(done.recorded.accounts)
        _log(done.news)
        self._lateness.add([done.at - row.scheduled_for for row in done.recorded.rows], done.at)

    def _settle(
        self, tx: Transaction, by_reading: Sequence[ReadingChecks], asked: Mapping[str, int], started: float
    ) -> _Done:
        due = checks.lock_due(tx, asked)
        at = checks.clock(tx)
        told = {one.place_id for one in by_reading}
        locked = [rule for rule in due if told.issuperset(rule.place_ids)]  # see _Weather
        compiled = self._compiled.of(tx, locked)
        around = series_of(tx, _needs(locked, compiled), at, self._forecast_max_age)
        weather = _Weather(tx, by_reading, around)
        judged = {rule.id: self._judge(compiled[rule.id], rule, weather.of(rule), at) for rule in locked}
        settled = [settle_check(rule, judged[rule.id].judgement, at) for rule in locked]
        counted = _attribute_calls(by_reading, settled)
        recorded = record_checks(
            tx,
            locked,
            settled,
            judged,
            at,
            worker_id=self._worker_id,
            elapsed_ms=round((time.monotonic() - started) * 1000),
            calls=_calls(counted),
        )
        _take_calls(tx, [one for rule_id, one in counted if rule_id in recorded.new])
        return _Done(_next_checks(tx, asked, recorded), recorded, at, _news(locked, recorded))

    def _judge(self, criteria: Compiled, rule: RuleRow, weather: Mapping[str, PlaceWeather], at: datetime) -> Judged:
        if isinstance(criteria, ValueError):
            why = f"Failed: the stored rule cannot be read: {criteria}."
            return Judged(unreadable(rule.memory, at, rule.next_boundary_at), why, error=str(criteria))
        try:
            judgement = judge(criteria, rule.memory, weather, at, max_age=self._max_age)
            explained = document_of(judgement, weather)
            return Judged(
                judgement,
                sentence_of(judgement, weather, at),
                orjson.dumps(explained).decode() if explained else None,
                conditions_evaluated=leaves_seen(judgement.result),
            )
        except Exception as error:  # noqa: BLE001  whatever it is, it is of this rule, and must not be that of the others
            why = f"Failed: the stored rule cannot be evaluated: {error!r}."
            return Judged(failed(criteria, rule.memory, at), why, error=repr(error))


class _Weather:
    """What a message tells of the weather at its places.

    A rule of which it does not tell every place was moved by an edit meanwhile. It is left alone: its check is still
    due, and so rings again at once (S6).
    """

    def __init__(self, tx: Transaction, told: Sequence[ReadingChecks], around: Mapping[str, Series]) -> None:
        known = readings.by_id(tx, [one.reading_id for one in told if one.reading_id is not None])
        self._at = {
            one.place_id: PlaceWeather(known.get(one.reading_id or 0), around.get(one.place_id), one.reason)
            for one in told
        }
        self._alone = {place_id: {THE_PLACE: known} for place_id, known in self._at.items()}

    def of(self, rule: RuleRow) -> Mapping[str, PlaceWeather]:
        """The weather at the places of the rule, by their ids; that of its only place by that name."""
        if rule.other_place_ids is None:
            return self._alone[rule.place_id]
        return {place_id: self._at[place_id] for place_id in rule.place_ids}


def _needs(locked: Sequence[RuleRow], compiled: Mapping[str, Compiled]) -> Iterator[tuple[str, Needs]]:
    """What the rules need, each with its place."""
    for row in locked:
        rule = compiled[row.id]
        if isinstance(rule, Criteria):
            for place_id in row.place_ids:
                yield place_id, rule.needs


def _next_checks(tx: Transaction, asked: Mapping[str, int], recorded: Recorded) -> dict[str, datetime | None]:
    """Where the bells of all checks of the message belong, skipped ones too."""
    found: dict[str, datetime | None] = dict(recorded.next_checks)
    if skipped := asked.keys() - found.keys():
        found |= dict.fromkeys(skipped) | checks.next_checks(tx, skipped)
    return found


def _attribute_calls(
    by_reading: Sequence[ReadingChecks], settled: Sequence[Settled]
) -> list[tuple[str, ReadingChecks]]:
    """A shared call is counted in one execution only: the rule whose row is to say so, for each reading with calls."""
    answered = {one.rule.id for one in settled if one.answered}
    found = [(next((rule_id for rule_id in one.checks if rule_id in answered), None), one) for one in by_reading]
    return [(rule_id, one) for rule_id, one in found if rule_id is not None and one.calls]


def _calls(counted: Sequence[tuple[str, ReadingChecks]]) -> dict[str, int]:
    """By rule, how many calls its row is to say; one that looks at several places may say those of each."""
    calls: Counter[str] = Counter()
    for rule_id, one in counted:
        calls[rule_id] += sum(one.calls.values())
    return calls


def _take_calls(tx: Transaction, counted: Sequence[ReadingChecks]) -> None:
    """The fetcher counted its calls apart when it made them. What an execution counts now is taken from there, so the
    sum is right whatever becomes of a message, and however often it comes. Last, for all workers share those rows."""
    taken: Counter[str] = Counter()
    for one in counted:
        taken.update(one.calls)
    if taken:
        changes.take_from_apart(tx, taken)


def _news(locked: Sequence[RuleRow], recorded: Recorded) -> list[tuple[RuleRow, ExecutionRow]]:
    """Verdicts that changed something, each with its first row; that a new rule is inactive is none."""
    first = {row.rule_id: row for row in reversed(recorded.rows)}
    unjudged = {rule.id for rule in locked if rule.memory.state is RuleState.UNJUDGED}
    return [
        (rule, first[rule.id])
        for rule in recorded.changed
        if rule.memory.state is RuleState.ACTIVE or rule.id not in unjudged
    ]


def _log(news: Sequence[tuple[RuleRow, ExecutionRow]]) -> None:
    for rule, row in news:
        log.info(
            row.reason,
            extra={
                "rule_id": rule.id,
                "conditions_met": row.conditions_met,
                "state": rule.memory.state,
                "execution_time": orjson.loads(row.execution_metrics)["totalExecutionTime"],
                "correlation_id": f"{rule.id}@{row.scheduled_for.isoformat()}",
            },
        )
