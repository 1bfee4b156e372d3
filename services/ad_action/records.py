"""Where outcomes are written down: the open change of a field, and the execution that asked for it."""

from dataclasses import dataclass
from datetime import datetime

from services.ad_action.pausing_rules import pause_if_failing
from services.ad_action.waits import wait_after
from weathertrigger.domain.change import AdField, ChangeState
from weathertrigger.errors import QuotaExhausted, RateLimited, ServiceError
from weathertrigger.storage import changes, fields
from weathertrigger.storage.accounts import Leased
from weathertrigger.storage.changes import Result
from weathertrigger.storage.database import Transaction

_OPEN = frozenset({ChangeState.PLANNED, ChangeState.CALLING, ChangeState.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Records:
    """Of one leased account, inside the caller's transactions."""

    leased: Leased
    worker_id: str

    def finish(
        self,
        tx: Transaction,
        field_id: int,
        generation: int,
        state: ChangeState,
        *,
        calls: int = 0,
        from_value: str | None = None,
        to_value: str | None = None,
        arithmetic: str | None = None,
        request_id: str | None = None,
        error: str | None = None,
        most_attempts: int | None = None,
    ) -> None:
        """What became of a decision, and its calls on the execution that asked for it."""
        result = Result(
            field_id,
            generation,
            state,
            from_value,
            to_value,
            arithmetic,
            request_id,
            error,
            final=state not in _OPEN,
            most_attempts=most_attempts,
        )
        execution_id = changes.finish(tx, result, worker_id=self.worker_id)
        if state is ChangeState.REJECTED:
            pause_if_failing(tx, field_id, generation, error or "")
        acted = int(state is ChangeState.CONFIRMED)
        self.count(tx, execution_id, calls=calls, actions=acted, failed=state is ChangeState.REJECTED)

    def count(
        self, tx: Transaction, execution_id: int | None, *, calls: int = 0, actions: int = 0, failed: bool = False
    ) -> None:
        """On the execution, if one asked for it."""
        changes.attribute(
            tx,
            self.leased.platform,
            execution_id,
            account_id=self.leased.id,
            calls=calls,
            actions=actions,
            failed=failed,
        )

    def wait_until(self, tx: Transaction, field: AdField, error: ServiceError, at: datetime) -> datetime:
        """When the field is looked at again after this error."""
        wait = wait_after(error, self.leased.platform, failures=field.failures, at=at, is_urgent=field.is_urgent)
        if isinstance(error, RateLimited | QuotaExhausted):
            fields.limit(tx, field.id, at + wait)
        return at + wait

    def names(self, field: AdField) -> dict[str, object]:
        """What a line of the log says of the field."""
        return {
            "account": field.account_id,
            "resource": field.carrier.resource,
            "field": field.carrier.field,
            "rule_id": field.winner.rule_id if field.winner else None,
            "generation": field.generation,
        }
