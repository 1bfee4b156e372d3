"""A batch of checks as it is handed to PostgreSQL: one text, with whatever stands in it."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.engine import Engine
from tests.integration.rule_documents import rule
from weathertrigger.domain.execution import Outcome, Trigger
from weathertrigger.storage import checks
from weathertrigger.storage.checks import ExecutionRow

_AT = datetime(2026, 3, 1, 14, 6, 0, 123_000, tzinfo=UTC)
_SPECIAL = "it's \"5 %\" of 3 %(x)s {\\}\n\tand\\n 'é' 🌧"


def _row(rule_id: str, text: str, explanation: str | None, error: str | None = None) -> ExecutionRow:
    return ExecutionRow(
        rule_id=rule_id,
        scheduled_for=_AT,
        trigger=Trigger.SLOT,
        coalesced_from=_AT - timedelta(hours=1) if error else None,
        conditions_met=None if error else True,
        outcome=Outcome.FAILED if error else Outcome.MET,
        reason=text,
        execution_metrics='{"conditionsEvaluated":1}',
        explanation=explanation,
        error=error,
    )


@pytest.mark.parametrize(
    "explanations", [(None, None, None), (None, '{"a":"x\\ny"}', None), ('{"a":1}', None, '{"b":[]}')]
)
def test_every_check_keeps_its_own_explanation(engine: Engine, explanations: tuple[str | None, ...]) -> None:
    """Semantics 32: whichever checks of a batch have none, and whatever the sentences hold."""
    names = ("dry", "hot", "wet")
    engine.apply(*[rule(name) for name in names])
    rows = [_row(name, f"{name}: {_SPECIAL}", one) for name, one in zip(names, explanations, strict=True)]
    with engine.database.transaction() as tx:
        ids = checks.record(tx, rows, executed_at=_AT, worker_id="here")
        assert checks.record(tx, rows, executed_at=_AT, worker_id="again") == {}
    assert ids.keys() == set(names)
    written = engine.rows(
        "SELECT rule_id, reason, explanation::text AS explanation, worker_id FROM automation_executions"
    )
    known = {row.rule_id: row for row in written}
    assert {name: known[name].reason for name in names} == {name: f"{name}: {_SPECIAL}" for name in names}
    shown = [known[name].explanation for name in names]
    assert [one and one.replace(" ", "") for one in shown] == list(explanations)
    assert {row.worker_id for row in written} == {"here"}


def test_times_and_errors_are_kept_exactly(engine: Engine) -> None:
    """Semantics 11: the slot to the millisecond, and the range that it stands for."""
    engine.apply(rule("wet"))
    with engine.database.transaction() as tx:
        checks.record(tx, [_row("wet", "Failed.", None, error=_SPECIAL)], executed_at=_AT, worker_id="here")
    row = engine.row("SELECT * FROM automation_executions")
    assert (row.scheduled_for, row.coalesced_from, row.executed_at) == (_AT, _AT - timedelta(hours=1), _AT)
    assert (row.success, row.conditions_met, row.error) == (False, None, _SPECIAL)
