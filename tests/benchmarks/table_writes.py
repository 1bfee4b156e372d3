"""Baseline (b): the rate at which PostgreSQL alone takes the same rows by the same statements.

The statements of a finished run are made anew as texts beforehand, so that no time of Python is in the measurement.
"""

import threading
import time
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from queue import Empty, SimpleQueue

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812  types with small names
from psycopg2.extensions import cursor as Cursor  # noqa: N812  idem

from tests.benchmarks.cpu_time import cpu_between, cpu_seconds
from tests.benchmarks.fleet import make_all_due
from tests.benchmarks.ground import Ground
from tests.benchmarks.run import Run
from weathertrigger.domain.execution import Outcome, Trigger
from weathertrigger.storage import checks
from weathertrigger.storage.checks import ExecutionRow
from weathertrigger.storage.database import Database, Parameters, Row, Transaction

_BATCH = 200
_CONNECTIONS = 2
_WRITTEN = """
SELECT rule_id, scheduled_for, trigger, coalesced_from, conditions_met, outcome, reason,
       execution_metrics::text AS execution_metrics, explanation::text AS explanation, error
FROM automation_executions ORDER BY id
"""
_SETTLED = "SELECT * FROM automation_rules"

Batch = list[bytes]


class _Noting(Transaction):
    """Notes statements with their parameters filled in, instead of running them."""

    def __init__(self, cursor: Cursor) -> None:
        super().__init__(cursor)
        self.noted: Batch = []

    def rows(self, statement: str, parameters: Parameters | None = None) -> list[Row]:
        self.noted.append(self._cursor.mogrify(statement, parameters))
        return []

    def execute(self, statement: str, parameters: Parameters | None = None) -> int:
        self.rows(statement, parameters)
        return 0


def note_writes(ground: Ground) -> list[Batch]:
    """The writes of the run that has just finished, in batches of 200 checks."""
    with closing(Database(ground.postgres.url, application_name="bench")) as database, database.transaction() as tx:
        written = [_execution(row) for row in tx.rows(_WRITTEN)]
        settled = {row.id: checks.rule_row(row) for row in tx.rows(_SETTLED)}
    with closing(psycopg2.connect(ground.postgres.url)) as connection:
        batches = []
        for start in range(0, len(written), _BATCH):
            noting = _Noting(connection.cursor())
            batch = written[start : start + _BATCH]
            checks.record(noting, batch, executed_at=datetime.now(UTC), worker_id="vm/rule-evaluator/1")
            checks.advance(noting, [settled[row.rule_id] for row in batch])
            batches.append(noting.noted)
    return batches


def write_alone(ground: Ground, batches: list[Batch], checks_in_all: int) -> Run:
    """Every batch a transaction, over two connections. The CPU time is PostgreSQL's."""
    make_all_due(ground.postgres.url)
    waiting: SimpleQueue[Batch] = SimpleQueue()
    for batch in batches:
        waiting.put(batch)
    with ExitStack() as stack:
        # Open until the last look at the CPU time: that of a process that has just ended can be seen nowhere.
        connections = [stack.enter_context(closing(psycopg2.connect(ground.postgres.url))) for _ in range(_CONNECTIONS)]
        writers = [threading.Thread(target=_write, args=(connection, waiting)) for connection in connections]
        before = cpu_seconds(ground.server_pids)
        started = time.monotonic()
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        seconds = time.monotonic() - started
        after = cpu_seconds(ground.server_pids)
    return Run(checks_in_all, seconds, cpu_between(before, after))


def _write(connection: Connection, waiting: SimpleQueue[Batch]) -> None:
    while True:
        try:
            batch = waiting.get_nowait()
        except Empty:
            return
        with connection, connection.cursor() as cursor:
            for statement in batch:
                cursor.execute(statement)


def _execution(row: Row) -> ExecutionRow:
    return ExecutionRow(
        rule_id=row.rule_id,
        scheduled_for=row.scheduled_for,
        trigger=Trigger(row.trigger),
        coalesced_from=row.coalesced_from,
        conditions_met=row.conditions_met,
        outcome=Outcome(row.outcome),
        reason=row.reason,
        execution_metrics=row.execution_metrics,
        explanation=row.explanation,
        error=row.error,
    )
