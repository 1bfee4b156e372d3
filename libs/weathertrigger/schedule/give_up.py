"""Ends checks that nobody can make: each is recorded as failed with its reason, and the schedule goes on."""

from collections.abc import Mapping

from weathertrigger.rules.judge import unreadable
from weathertrigger.schedule.record_checks import Judged, Recorded, record_checks
from weathertrigger.schedule.settle_check import settle_check
from weathertrigger.storage import checks
from weathertrigger.storage.database import Transaction


def give_up(tx: Transaction, dues: Mapping[str, int], why: str, *, worker_id: str) -> Recorded:
    """Ends those of the checks (rule id to due in ms) that are still due, without looking at the rules' conditions."""
    locked = checks.lock_due(tx, dues)
    at = checks.clock(tx)
    judged = {
        rule.id: Judged(unreadable(rule.memory, at, rule.next_boundary_at), f"Failed: {why}.", error=why)
        for rule in locked
    }
    settled = [settle_check(rule, judged[rule.id].judgement, at) for rule in locked]
    return record_checks(tx, locked, settled, judged, at, worker_id=worker_id)
