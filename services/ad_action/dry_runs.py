"""Works out what rules in dry run would have changed: reads, computes, lets the platform check, records, and touches
nothing (semantics 27)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import orjson

from services.ad_action.outcomes import Outcomes, unheard
from services.ad_action.rehearsal import rehearse
from services.ad_action.shared_budgets import refused
from weathertrigger.day_cap import DayCap
from weathertrigger.domain.change import Carrier, FieldState
from weathertrigger.domain.rule import FieldName
from weathertrigger.errors import HeldBack, NotFound, Rejected, ServiceError
from weathertrigger.platforms.port import AdAccount, Admit, AdPlatform, Observed, ReadAnswer, Write
from weathertrigger.rules.desired import Desired, desired_value
from weathertrigger.rules.expression_documents import read_expression
from weathertrigger.rules.shared_budgets import allows
from weathertrigger.storage import changes
from weathertrigger.storage.database import Database, Row

_MOST = 500


def work_out_dry_runs(
    database: Database, account: AdAccount, platform: AdPlatform, outcomes: Outcomes, admit: Admit
) -> None:
    """Finishes the planned dry-run changes of the account. What cannot be read now waits."""
    with database.transaction() as tx:
        planned = changes.planned_dry_runs(tx, account.id, _MOST)
    if not planned:
        return
    carriers = {row.change_id: Carrier(row.resource, FieldName(row.field)) for row in planned}
    try:
        answer = _read(platform, account, list(dict.fromkeys(carriers.values())), admit)
    except ServiceError as error:
        with database.transaction() as tx:
            outcomes.dry_runs_wait(tx, planned, error)
        return
    with database.transaction() as tx:
        day_cap = DayCap.read(tx, account.id, account.currency, platform.money)
    shown = {row.change_id: answer.results.get(carriers[row.change_id]) or unheard(platform) for row in planned}
    wanted = {
        row.change_id: _desired(row, seen, account, platform, day_cap)
        for row in planned
        if isinstance(seen := shown[row.change_id], Observed)
    }
    rehearsal = rehearse(platform, account, _writes(carriers, shown, wanted), admit)
    with database.transaction() as tx:
        outcomes.count_dry_runs(tx, planned, answer.calls + rehearsal.calls)
        unread: list[ServiceError] = []
        for row in planned:
            seen = shown[row.change_id]
            found = wanted.get(row.change_id, seen)
            if isinstance(found, Desired):
                found = rehearsal.refusal(carriers[row.change_id], found.value) or found
            if isinstance(seen, Observed) and isinstance(found, Desired):
                changes.finish_dry_run(tx, row.change_id, seen.value, found, worker_id=outcomes.worker_id)
            elif isinstance(found, Rejected | NotFound):
                changes.refuse_dry_run(tx, row.change_id, str(found), worker_id=outcomes.worker_id)
            elif isinstance(found, ServiceError):
                unread.append(found)
        if unread:
            outcomes.dry_runs_wait(tx, planned, unread[0])


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
