"""What a look means for a field, its open change, and the execution that asked for it (C5, C6)."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from services.ad_action import reverts
from services.ad_action.account_outcomes import pause_account
from services.ad_action.pausing_rules import pause_rule
from services.ad_action.records import Records
from services.ad_action.waits import is_limit
from weathertrigger.domain.change import AdField, ChangeState
from weathertrigger.domain.rule import ManualChange
from weathertrigger.errors import Gone, NotFound, Rejected, ServiceError, Unauthorised
from weathertrigger.rules.cool_downs import Held
from weathertrigger.rules.reconcile import Step, given_up, gone
from weathertrigger.storage import accounts, changes, checks, fields, notifications
from weathertrigger.storage.database import Transaction

log = logging.getLogger(__name__)


def count_reads(tx: Transaction, records: Records, field_ids: Collection[int], calls: int) -> None:
    """A read serves many fields, and belongs to one of the executions that wait for it."""
    asking = changes.asked_by(tx, field_ids)
    execution_id = next((asking[one] for one in field_ids if one in asking), None)
    records.count(tx, execution_id, calls=calls)


def nothing_read(tx: Transaction, records: Records, due: Sequence[AdField], error: ServiceError) -> None:
    """C5 failed as a whole: every field waits; the account is given back."""
    if not accounts.hold_fence(tx, records.leased):
        return
    at = checks.clock(tx)
    locked = fields.lock_fields(tx, [field.id for field in due])
    fields.store(tx, [not_read(tx, records, field, error, at) for field in locked])
    accounts.give_lease_back(tx, records.leased)


def not_read(tx: Transaction, records: Records, field: AdField, error: ServiceError, at: datetime) -> AdField:
    """C5, one field could not be read. Gives the field as it is to be stored."""
    if isinstance(error, Gone) and field.winner is None:
        return _gone(tx, records, field, error, at=at)
    if isinstance(error, Rejected | NotFound):
        records.finish(tx, field.id, field.generation, ChangeState.REJECTED, error=str(error))
        if field.applied < field.generation:  # else it is back, and only looked at
            reverts.refused(tx, records.leased, field, error)
        return given_up(field, field.generation, at)
    if isinstance(error, Unauthorised):
        pause_account(tx, records.leased, error, records.worker_id)
    log.warning("field could not be read", extra={**records.names(field), "error": str(error)})
    failures = field.failures + (0 if is_limit(error) else 1)
    return replace(field, failures=failures, next_at=records.wait_until(tx, field, error, at))


def _gone(tx: Transaction, records: Records, field: AdField, error: Gone, *, at: datetime) -> AdField:
    step = gone(field, at)
    if step.change is ChangeState.REJECTED:
        records.finish(tx, field.id, field.generation, step.change, error=f"{error} Nothing is left to put back.")
        reverts.gone(tx, records.leased, field, error)
    elif step.change:
        records.finish(tx, field.id, field.generation, step.change)
    return step.field


def held_back(tx: Transaction, records: Records, field: AdField, held: Held) -> AdField:
    """C6: a write that waits, which costs no attempt. Gives the field as it is to be stored: as it was. What is
    desired then will apply."""
    changes.wait(tx, field.id, field.generation, f"Waits until {held.until:%H:%M:%S} UTC: {held.why}.")
    log.info("change waits", extra={**records.names(field), "until": held.until.isoformat(), "reason": held.why})
    return replace(field, next_at=held.until)


def decided(
    tx: Transaction, records: Records, step: Step, observed: str, on_manual_change: ManualChange = ManualChange.YIELD
) -> None:
    """C6: what was decided about a field that was read."""
    field = step.field
    if step.write:
        changes.start_call(
            tx,
            field.id,
            field.generation,
            from_value=observed,
            to_value=step.write.value,
            arithmetic=step.write.arithmetic,
            worker_id=records.worker_id,
        )
    elif step.change:
        records.finish(
            tx,
            field.id,
            field.generation,
            step.change,
            from_value=observed,
            to_value=field.confirmed,
            arithmetic=step.already.arithmetic if step.already else None,
            error=step.why,
        )
        reverts.settled(tx, field)
    elif step.why:
        changes.wait(tx, field.id, field.generation, step.why)
    if step.tell:
        subject = f"{field.account_id} {field.carrier.resource} {field.carrier.field}"
        notifications.notify(tx, kind="field_held", subject=subject, message=f"{subject}: {step.tell}.")
        if step.change is ChangeState.HELD and field.winner and on_manual_change is ManualChange.PAUSE_RULE:
            pause_rule(tx, field.winner.rule_id, f"{subject}: {step.tell}.")
