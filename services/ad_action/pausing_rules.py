"""When a rule changes nothing more until a person has looked: told once, never silently (semantics 20, 30)."""

from weathertrigger.storage import changes, notifications, pauses
from weathertrigger.storage.database import Transaction
from weathertrigger.storage.pauses import Covered, Scope

FAILURES = 5
"""So many changes of a rule that failed for good in a row."""


def pause_rule(tx: Transaction, rule_id: str, why: str) -> None:
    """Nothing that the rule wants is written from now on; what it has set is still put back when it ends."""
    covered = Covered(Scope.RULE, rule_id)
    if pauses.pause(tx, covered, reason=why, who=changes.ENGINE, reverts=True):
        message = f"Rule {rule_id} is paused: {why} `automation-cli resume {covered.option}` lets it go on."
        notifications.notify(tx, kind="rule_paused", subject=rule_id, message=message)


def pause_if_failing(tx: Transaction, field_id: int, generation: int, error: str) -> None:
    """Semantics 30: this decision failed for good. So did the last ones of its rule?"""
    rule_id = changes.failing_rule(tx, field_id, generation, FAILURES)
    if rule_id is not None:
        pause_rule(tx, rule_id, f"its last {FAILURES} changes failed for good, the newest one so: {error}")
