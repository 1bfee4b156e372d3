"""What PostgreSQL has recorded of the slots that rules were promised."""

import time
from collections.abc import Sequence

from tests.acceptance.slot_checker import Account, Recorded, Span, account
from weathertrigger.instants import to_ms
from weathertrigger.storage import checks
from weathertrigger.storage.database import Database

_LOOK_EVERY_S = 0.5
_SLOT_ROWS = """
SELECT rule_id, coalesced_from, scheduled_for, executed_at, outcome FROM automation_executions WHERE trigger = 'slot'
"""


def settled(database: Database, spans: Sequence[Span], what: str, patience_s: float) -> Account:
    """Waits until everything that is due by now has been recorded, and counts; prints a line for people."""
    until = to_ms(database.run(checks.clock))
    deadline = time.monotonic() + patience_s
    while (found := account(spans, _recorded(database), until)).faults["missing"] and time.monotonic() < deadline:
        time.sleep(_LOOK_EVERY_S)
    print(f"\n{what}: {found}")  # noqa: T201 - for `pytest -s`
    return found


def _recorded(database: Database) -> list[Recorded]:
    return [
        Recorded(
            row.rule_id,
            to_ms(row.coalesced_from or row.scheduled_for),
            to_ms(row.scheduled_for),
            to_ms(row.executed_at),
            row.outcome,
        )
        for row in database.run(lambda tx: tx.rows(_SLOT_ROWS))
    ]
