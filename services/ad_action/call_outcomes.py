"""What became of a call: for each field, its open change, and the execution that asked for it (C7, C8)."""

import logging
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from services.ad_action import reverts
from services.ad_action.account_outcomes import pause_account
from services.ad_action.records import Records
from weathertrigger.domain.change import AdField, ChangeState
from weathertrigger.errors import (
    Conflict,
    HeldBack,
    NotFound,
    QuotaExhausted,
    RateLimited,
    Rejected,
    ServiceError,
    Transient,
    Unauthorised,
)
from weathertrigger.platforms.port import AdPlatform
from weathertrigger.rules.reconcile import answered, refused, unanswered, withdrawn
from weathertrigger.storage import changes, checks, fields
from weathertrigger.storage.database import Transaction

log = logging.getLogger(__name__)


def unheard(platform: AdPlatform) -> ServiceError:
    """What is known of a carrier that an answer leaves out."""
    return Transient("The platform's answer did not mention it.", service=platform.name)


def called(
    tx: Transaction,
    records: Records,
    generations: Mapping[int, int],
    results: Mapping[int, ServiceError | None],
    *,
    calls: int,
    request_id: str | None,
) -> None:
    """C8: what came of one call, field by field. The call is counted on the first change that asked for it."""
    stored = []
    locked = fields.lock_fields(tx, generations)
    at = checks.clock(tx)
    # A commit whose answer was lost is repeated: what is recorded already must not be recorded again.
    awaited = changes.awaited(tx, generations)
    for field in locked:
        if field.id not in awaited:
            continue
        after, state = _after_call(tx, records, field, generations[field.id], results[field.id], at=at)
        error = results[field.id]
        records.finish(
            tx,
            field.id,
            generations[field.id],
            state,
            calls=calls,
            request_id=(error.request_id if error else None) or request_id,
            error=str(error) if error else None,
            most_attempts=error.most_attempts if isinstance(error, Transient) else None,
        )
        calls = 0
        stored.append(after)
        log.info(
            "change %s",
            state,
            extra={**records.names(field), "to": field.attempted, "error": str(error) if error else None},
        )
    fields.store(tx, stored)


def stopped(tx: Transaction, generations: Mapping[int, int], *, paused: Collection[int], wait: timedelta) -> None:
    """C7: these calls were not made; they are decided anew now, or where they are paused after so long."""
    locked = fields.lock_fields(tx, generations)
    at = checks.clock(tx)
    changes.back_to_planned(tx, generations)
    waits = {field.id: wait if field.id in paused else timedelta() for field in locked}
    fields.store(tx, [withdrawn(field, generations[field.id], at + waits[field.id]) for field in locked])


def _after_call(
    tx: Transaction, records: Records, field: AdField, generation: int, error: ServiceError | None, *, at: datetime
) -> tuple[AdField, ChangeState]:
    """The field as it is to be stored, and how its change stands."""
    is_newest = field.generation == generation  # else it says nothing of what is to be put back by now
    match error:
        case None:
            if is_newest:
                reverts.settled(tx, field)
            return answered(field, generation, at), ChangeState.CONFIRMED
        case Rejected() | NotFound():
            if is_newest:
                reverts.refused(tx, records.leased, field, error)
            return refused(field, generation, at), ChangeState.REJECTED
        case RateLimited() | QuotaExhausted() | HeldBack() | Conflict() | Unauthorised():
            if isinstance(error, Unauthorised):
                pause_account(tx, records.leased, error, records.worker_id)
            next_at = records.wait_until(tx, field, error, at)
            after, state = withdrawn(field, generation, next_at), ChangeState.PLANNED
            if isinstance(error, Conflict):  # no attempt, but the next one comes later each time
                after = replace(after, failures=field.failures + 1)
        case _:
            after, state = unanswered(field, at), ChangeState.UNKNOWN
            back_off = records.wait_until(tx, field, error, at)
            after = replace(after, next_at=max(after.next_at or at, back_off))
    return after, state if is_newest else ChangeState.SUPERSEDED
