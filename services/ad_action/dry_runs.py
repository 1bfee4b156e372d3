"""Works out what rules in dry run would have changed: reads, computes, lets the platform check, records, and touches
nothing (semantics 27)."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

import orjson

from services.ad_action.account_outcomes import pause_account
from services.ad_action.call_outcomes import unheard
from services.ad_action.records import Records
from services.ad_action.rehearsal import rehearse
from services.ad_action.shared_budgets import refused
from services.ad_action.waits import wait_after
from weathertrigger.day_cap import DayCap
from weathertrigger.domain.change import Carrier, FieldState
from weathertrigger.domain.rule import FieldName
from weathertrigger.errors import HeldBack, NotFound, Rejected, ServiceError, Unauthorised
from weathertrigger.platforms.port import AdAccount, Admit, AdPlatform, Observed, ReadAnswer, Write
from weathertrigger.rules.desired import Desired, desired_value
from weathertrigger.rules.expression_documents import read_expression
from weathertrigger.rules.shared_budgets import allows
from weathertrigger.storage import changes, checks
from weathertrigger.storage.database import Database, Row, Transaction

log = logging.getLogger(__name__)

_MOST = 500


def work_out_dry_runs(
    database: Database, account: AdAccount, platform: AdPlatform, records: Records, admit: Admit
) -> None:
    """Finishes the planned dry-run changes of the account. What cannot be read now waits."""
    planned = database.run(lambda tx: changes.planned_dry_runs(tx, account.id, _MOST))
    if not planned:
        return
    carriers = {row.change_id: Carrier(row.resource, FieldName(row.field)) for row in planned}
    try:
        answer = _read(platform, account, list(dict.fromkeys(carriers.values())), admit)
    except ServiceError as error:
        database.run(partial(_wait, records=records, planned=planned, error=error))
        return
    day_cap = database.run(lambda tx: DayCap.read(tx, account.id, account.currency, platform.money))
    shown = {row.change_id: answer.results.get(carriers[row.change_id]) or unheard(platform) for row in planned}
    wanted = {
        row.change_id: _desired(row, seen, account, platform, day_cap)
        for row in planned
        if isinstance(seen := shown[row.change_id], Observed)
    }
    rehearsal = rehearse(platform, account, _writes(carriers, shown, wanted), admit)

    def record(tx: Transaction) -> None:
        is_new = False  # a commit whose answer was lost is repeated, and its calls are counted once
        unread: list[ServiceError] = []
        for row in planned:
            found = wanted.get(row.change_id, shown[row.change_id])
            if isinstance(found, Desired):
                found = rehearsal.refusal(carriers[row.change_id], found.value) or found
            is_new |= _finish(tx, records, row.change_id, shown[row.change_id], found)
            if isinstance(found, ServiceError) and not isinstance(found, Rejected | NotFound):
                unread.append(found)
        if is_new or unread:  # a read serves all of them, and belongs to the first
            records.count(tx, planned[0].execution_id, calls=answer.calls + rehearsal.calls)
        if unread:
            _wait(tx, records, planned, unread[0])

    database.run(record)


def _finish(
    tx: Transaction,
    records: Records,
    change_id: int,
    seen: Observed | ServiceError,
    found: Desired | Observed | ServiceError,
) -> bool:
    """Records what was found. False: it is recorded already, or could not be read."""
    if isinstance(seen, Observed) and isinstance(found, Desired):
        return changes.finish_dry_run(tx, change_id, seen.value, found, worker_id=records.worker_id)
    if isinstance(found, Rejected | NotFound):
        return changes.refuse_dry_run(tx, change_id, str(found), worker_id=records.worker_id)
    return False


def _writes(
    carriers: Mapping[int, Carrier],
    shown: Mapping[int, Observed | ServiceError],
    wanted: Mapping[int, Desired | Rejected],
) -> Iterator[Write]:
    """What would be written, by the ids of the changes."""
    for change_id, desired in wanted.items():
        seen = shown[change_id]
        if isinstance(desired, Desired) and isinstance(seen, Observed) and desired.value != seen.value:
            yield Write(carriers[change_id], desired.value, seen.sibling_key)


def _read(platform: AdPlatform, account: AdAccount, carriers: Sequence[Carrier], admit: Admit) -> ReadAnswer:
    """All of them; where calls are short as many as there is room for, and the others wait."""
    try:
        return platform.read(account, carriers, admit=admit)
    except HeldBack as held:
        some = carriers[: held.left]
        if not some:
            raise
        waiting: dict[Carrier, Observed | ServiceError] = dict.fromkeys(carriers, held)
    answer = platform.read(account, some, admit=admit)
    return replace(answer, results={**waiting, **answer.results})


def _desired(row: Row, seen: Observed, account: AdAccount, platform: AdPlatform, day_cap: DayCap) -> Desired | Rejected:
    expression = read_expression(orjson.loads(row.expression))
    if refusal := refused(row.resource, seen, platform, is_allowed=allows(expression)):
        return refusal
    room = day_cap.room(row.id, FieldName(row.field))
    return desired_value(
        expression, _baseline(row, seen.value), currency=account.currency, codec=platform.money, room=room
    )


def _baseline(row: Row, observed: str) -> str:
    """C6a: what a live rule would count from. A field that is free keeps the baseline of its last rule, which counts no
    more; nor does that of one that was left, once a person has changed it (semantics 17)."""
    state = FieldState(row.state)
    is_new = state is FieldState.FREE or (state is FieldState.LEFT and observed != row.confirmed)
    return observed if is_new else str(row.baseline)


def _wait(tx: Transaction, records: Records, planned: Sequence[Row], error: ServiceError) -> None:
    """The dry runs that are still to be worked out wait as fields would."""
    log.warning("dry run waits", extra={"account": records.leased.id, "error": str(error)})
    if isinstance(error, Unauthorised):
        pause_account(tx, records.leased, error, records.worker_id)
    at = checks.clock(tx)
    failures = max(row.attempts for row in planned)
    wait = wait_after(error, records.leased.platform, failures=failures, at=at, is_urgent=False)
    changes.postpone_dry_runs(tx, records.leased.id, at + wait)
