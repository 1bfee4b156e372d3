"""What a look or a call means for the field, its open change, and the execution that asked for it (C6 to C8)."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.ad_action import reverts
from services.ad_action.account_outcomes import pause_account
from services.ad_action.pausing_rules import pause_if_failing, pause_rule
from services.ad_action.waits import is_limit, wait_after
from weathertrigger.domain.change import AdField, ChangeState
from weathertrigger.domain.rule import ManualChange
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
from weathertrigger.rules.cool_downs import Held
from weathertrigger.rules.reconcile import Step, answered, given_up, refused, unanswered, withdrawn
from weathertrigger.storage import accounts, changes, checks, fields, notifications
from weathertrigger.storage.accounts import Leased
from weathertrigger.storage.changes import Result
from weathertrigger.storage.database import Row, Transaction

log = logging.getLogger(__name__)

_OPEN = frozenset({ChangeState.PLANNED, ChangeState.CALLING, ChangeState.UNKNOWN})


def unheard(platform: AdPlatform) -> ServiceError:
    """What is known of a carrier that an answer leaves out."""
    return Transient("The platform's answer did not mention it.", service=platform.name)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Records outcomes for one leased account, inside the caller's transactions."""

    leased: Leased
    worker_id: str

    def count_reads(self, tx: Transaction, field_ids: Collection[int], calls: int) -> None:
        """A read serves many fields, and belongs to one of the executions that wait for it."""
        asking = changes.asked_by(tx, field_ids)
        execution_id = next((asking[one] for one in field_ids if one in asking), None)
        self._count(tx, execution_id, calls=calls)

    def nothing_read(self, tx: Transaction, due: Sequence[AdField], error: ServiceError) -> None:
        """C5 failed as a whole: every field waits; the account is given back."""
        if not accounts.hold_fence(tx, self.leased):
            return
        at = checks.clock(tx)
        locked = fields.lock_fields(tx, [field.id for field in due])
        fields.store(tx, [self.not_read(tx, field, error, at) for field in locked])
        accounts.give_lease_back(tx, self.leased)

    def not_read(self, tx: Transaction, field: AdField, error: ServiceError, at: datetime) -> AdField:
        """C5, one field could not be read. Gives the field as it is to be stored."""
        if isinstance(error, Rejected | NotFound):
            self._finish(tx, field.id, field.generation, ChangeState.REJECTED, error=str(error))
            reverts.refused(tx, self.leased, field, error)
            return given_up(field, field.generation, at)
        if isinstance(error, Unauthorised):
            pause_account(tx, self.leased, error, self.worker_id)
        log.warning("field could not be read", extra={**self._names(field), "error": str(error)})
        failures = field.failures + (0 if is_limit(error) else 1)
        return replace(field, failures=failures, next_at=self._after_wait(tx, field, error, at))

    def held_back(self, tx: Transaction, field: AdField, held: Held) -> AdField:
        """C6: a write that waits, which costs no attempt. Gives the field as it is to be stored: as it was. What is
        desired then will apply."""
        changes.wait(tx, field.id, field.generation, f"Waits until {held.until:%H:%M:%S} UTC: {held.why}.")
        log.info("change waits", extra={**self._names(field), "until": held.until.isoformat(), "reason": held.why})
        return replace(field, next_at=held.until)

    def decided(
        self, tx: Transaction, step: Step, observed: str, on_manual_change: ManualChange = ManualChange.YIELD
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
                worker_id=self.worker_id,
            )
        elif step.change:
            self._finish(tx, field.id, field.generation, step.change, from_value=observed, to_value=field.confirmed)
            reverts.settled(tx, field)
        if step.tell:
            subject = f"{field.account_id} {field.carrier.resource} {field.carrier.field}"
            notifications.notify(tx, kind="field_held", subject=subject, message=f"{subject}: {step.tell}.")
            if step.change is ChangeState.HELD and field.winner and on_manual_change is ManualChange.PAUSE_RULE:
                pause_rule(tx, field.winner.rule_id, f"{subject}: {step.tell}.")

    def called(
        self,
        tx: Transaction,
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
            after, state = self._after_call(tx, field, generations[field.id], results[field.id], at)
            error = results[field.id]
            self._finish(
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
                extra={**self._names(field), "to": field.attempted, "error": str(error) if error else None},
            )
        fields.store(tx, stored)

    def stopped(
        self, tx: Transaction, generations: Mapping[int, int], *, paused: Collection[int], wait: timedelta
    ) -> None:
        """C7: these calls were not made; they are decided anew now, or where they are paused after so long."""
        locked = fields.lock_fields(tx, generations)
        at = checks.clock(tx)
        changes.back_to_planned(tx, generations)
        waits = {field.id: wait if field.id in paused else timedelta() for field in locked}
        fields.store(tx, [withdrawn(field, generations[field.id], at + waits[field.id]) for field in locked])

    def count_dry_runs(self, tx: Transaction, planned: Sequence[Row], calls: int) -> None:
        """A read serves all of them, and belongs to the first."""
        self._count(tx, planned[0].execution_id, calls=calls)

    def dry_runs_wait(self, tx: Transaction, planned: Sequence[Row], error: ServiceError) -> None:
        """The dry runs that are still to be worked out wait as fields would."""
        log.warning("dry run waits", extra={"account": self.leased.id, "error": str(error)})
        if isinstance(error, Unauthorised):
            pause_account(tx, self.leased, error, self.worker_id)
        at = checks.clock(tx)
        failures = max(row.attempts for row in planned)
        wait = wait_after(error, self.leased.platform, failures=failures, at=at, is_urgent=False)
        changes.postpone_dry_runs(tx, self.leased.id, at + wait)

    def _after_call(
        self, tx: Transaction, field: AdField, generation: int, error: ServiceError | None, at: datetime
    ) -> tuple[AdField, ChangeState]:
        match error:
            case None:
                reverts.settled(tx, field)
                return answered(field, generation, at), ChangeState.CONFIRMED
            case Rejected() | NotFound():
                reverts.refused(tx, self.leased, field, error)
                return refused(field, generation, at), ChangeState.REJECTED
            case RateLimited() | QuotaExhausted() | HeldBack() | Conflict() | Unauthorised():
                if isinstance(error, Unauthorised):
                    pause_account(tx, self.leased, error, self.worker_id)
                next_at = self._after_wait(tx, field, error, at)
                after, state = withdrawn(field, generation, next_at), ChangeState.PLANNED
                if isinstance(error, Conflict):  # no attempt, but the next one comes later each time
                    after = replace(after, failures=field.failures + 1)
            case _:
                after, state = unanswered(field, at), ChangeState.UNKNOWN
                back_off = self._after_wait(tx, field, error, at)
                after = replace(after, next_at=max(after.next_at or at, back_off))
        return after, state if field.generation == generation else ChangeState.SUPERSEDED

    def _finish(
        self,
        tx: Transaction,
        field_id: int,
        generation: int,
        state: ChangeState,
        *,
        calls: int = 0,
        from_value: str | None = None,
        to_value: str | None = None,
        request_id: str | None = None,
        error: str | None = None,
        most_attempts: int | None = None,
    ) -> None:
        result = Result(
            field_id,
            generation,
            state,
            from_value,
            to_value,
            request_id,
            error,
            final=state not in _OPEN,
            most_attempts=most_attempts,
        )
        execution_id = changes.finish(tx, result, worker_id=self.worker_id)
        if state is ChangeState.REJECTED:
            pause_if_failing(tx, field_id, generation, error or "")
        acted = int(state is ChangeState.CONFIRMED)
        self._count(tx, execution_id, calls=calls, actions=acted, failed=state is ChangeState.REJECTED)

    def _count(
        self, tx: Transaction, execution_id: int | None, *, calls: int = 0, actions: int = 0, failed: bool = False
    ) -> None:
        changes.attribute(
            tx,
            self.leased.platform,
            execution_id,
            account_id=self.leased.id,
            calls=calls,
            actions=actions,
            failed=failed,
        )

    def _after_wait(self, tx: Transaction, field: AdField, error: ServiceError, at: datetime) -> datetime:
        wait = wait_after(error, self.leased.platform, failures=field.failures, at=at, is_urgent=field.is_urgent)
        if isinstance(error, RateLimited | QuotaExhausted):
            fields.limit(tx, field.id, at + wait)
        return at + wait

    def _names(self, field: AdField) -> dict[str, object]:
        return {
            "account": field.account_id,
            "resource": field.carrier.resource,
            "field": field.carrier.field,
            "rule_id": field.winner.rule_id if field.winner else None,
            "generation": field.generation,
        }
