"""Ends checks that nobody can make: each is recorded as failed with its reason, and the schedule goes on."""

from collections.abc import Mapping

from weathertrigger.schedule.record_checks import Recorded, record_checks
from weathertrigger.schedule.settle_check import Judged, settle_check
from weathertrigger.storage import checks
from weathertrigger.storage.database import Transaction


def give_up(tx: Transaction, dues: Mapping[str, int], why: str, *, worker_id: str) -> Recorded:
    """Ends those of the checks (rule id to due in ms) that are still due, without looking at the rules' conditions."""
    locked = checks.lock_due(tx, dues)
    at = checks.clock(tx)
    failed = Judged(None, f"Failed: {why}.", error=why)
    settled = [settle_check(rule, failed, at) for rule in locked]
    return record_checks(tx, locked, settled, {rule.id: failed for rule in locked}, at, worker_id=worker_id)
