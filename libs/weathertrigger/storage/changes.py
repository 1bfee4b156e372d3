"""The outbox and audit trail of changes, and what they add to the metrics of the checks that asked for them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from weathertrigger.domain.change import ChangeState
from weathertrigger.domain.rule import Expression
from weathertrigger.rules.cool_downs import Made
from weathertrigger.rules.desired import Desired
from weathertrigger.rules.expression_documents import expression_document
from weathertrigger.storage.database import Row, Transaction
from weathertrigger.storage.queries import load_queries

_SQL = "changes"

CALLS_KEYS = {
    "openweather": "weatherApiCalls",
    "open_meteo": "weatherApiCalls",
    "meta_ads": "metaApiCalls",
    "google_ads": "googleApiCalls",
}
"""Under which key of `execution_metrics` the calls of each service are counted."""

ENGINE = "engine"
"""Who decided, where it was a verdict."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A decision as it enters the outbox; no expression means back to what applies at rest. `rule_id` is the rule that
    made the decision, by its beginning or its end; `winner` the one whose expression it is. `who` made somebody decide:
    the engine by a verdict, or a person."""

    field_id: int
    generation: int
    rule_id: str | None
    execution_id: int | None
    expression: Expression | None
    why: str
    who: str = ENGINE
    dry_run: bool = False
    winner: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What is known of one decision after a look or a call."""

    field_id: int
    generation: int
    state: ChangeState
    from_value: str | None = None
    to_value: str | None = None
    arithmetic: str | None = None
    request_id: str | None = None
    error: str | None = None
    final: bool = True
    most_attempts: int | None = None


def plan(tx: Transaction, plans: Sequence[Plan]) -> None:
    """C2: writes the outbox rows."""
    if plans:
        tx.execute(
            load_queries(_SQL)["plan"],
            {
                "field_id": [one.field_id for one in plans],
                "generation": [one.generation for one in plans],
                "dry_run": [one.dry_run for one in plans],
                "rule_id": [one.rule_id for one in plans],
                "execution_id": [one.execution_id for one in plans],
                "expression": [_json(one.expression) for one in plans],
                "why": [one.why for one in plans],
                "who": [one.who for one in plans],
                "winner": [one.winner for one in plans],
            },
        )


def supersede(tx: Transaction, plans: Sequence[Plan]) -> None:
    """C2: what was planned before on these fields, and not yet written, is superseded."""
    if plans:
        tx.execute(
            load_queries(_SQL)["supersede"],
            {"field_id": [one.field_id for one in plans], "generation": [one.generation for one in plans]},
        )


def add_to_reasons(tx: Transaction, told: Mapping[int, str]) -> None:
    """C2: what came of checks (by execution id) is added to the sentence that each has."""
    if told:
        tx.execute(load_queries(_SQL)["add_to_reasons"], {"execution_id": [*told], "told": [*told.values()]})


def planned_dry_runs(tx: Transaction, account_id: str, limit: int) -> list[Row]:
    """Dry runs to work out now: `change_id`, `execution_id`, `attempts`, `expression` (JSON text) and the field."""
    return tx.rows(load_queries(_SQL)["planned_dry_runs"], {"account_id": account_id, "limit": limit})


def postpone_dry_runs(tx: Transaction, account_id: str, until: datetime) -> None:
    """The dry runs of the account that are due wait until then."""
    tx.execute(load_queries(_SQL)["postpone_dry_runs"], {"account_id": account_id, "next_attempt_at": until})


def finish_dry_run(tx: Transaction, change_id: int, from_value: str, desired: Desired, *, worker_id: str) -> bool:
    """What the change would have written; False: it is recorded already."""
    state = ChangeState.UNCHANGED if from_value == desired.value else ChangeState.DRY_RUN
    return _finish_dry_run(tx, change_id, state, from_value, desired, None, worker_id)


def refuse_dry_run(tx: Transaction, change_id: int, error: str, *, worker_id: str) -> bool:
    """Why the change could never be written; False: it is recorded already."""
    return _finish_dry_run(tx, change_id, ChangeState.REJECTED, None, None, error, worker_id)


def _finish_dry_run(  # noqa: PLR0917 - private, called twice above
    tx: Transaction,
    change_id: int,
    state: ChangeState,
    from_value: str | None,
    desired: Desired | None,
    error: str | None,
    worker_id: str,
) -> bool:
    done = tx.execute(
        load_queries(_SQL)["finish_dry_run"],
        {
            "change_id": change_id,
            "state": state,
            "from_value": from_value,
            "to_value": desired and desired.value,
            "arithmetic": desired and desired.arithmetic,
            "error": error,
            "worker_id": worker_id,
        },
    )
    return done == 1


def start_call(
    tx: Transaction, field_id: int, generation: int, *, from_value: str, to_value: str, arithmetic: str, worker_id: str
) -> None:
    """C6d: commits the intention before the call."""
    tx.execute(
        load_queries(_SQL)["start_call"],
        {
            "field_id": field_id,
            "generation": generation,
            "from_value": from_value,
            "to_value": to_value,
            "arithmetic": arithmetic,
            "worker_id": worker_id,
        },
    )


def finish(tx: Transaction, result: Result, *, worker_id: str) -> int | None:
    """C6, C8: stores what became of a decision that is still open; gives the execution that asked for it, if any."""
    row = tx.row(
        load_queries(_SQL)["finish"],
        {
            "field_id": result.field_id,
            "generation": result.generation,
            "state": result.state,
            "from_value": result.from_value,
            "to_value": result.to_value,
            "arithmetic": result.arithmetic,
            "request_id": result.request_id,
            "error": result.error,
            "final": result.final,
            "most_attempts": result.most_attempts,
            "worker_id": worker_id,
        },
    )
    return row.execution_id if row else None


def wait(tx: Transaction, field_id: int, generation: int, reason: str) -> None:
    """C6: the write of this decision is held back for now."""
    tx.execute(load_queries(_SQL)["wait"], {"field_id": field_id, "generation": generation, "reason": reason})


def calls_since(tx: Transaction, field_ids: Collection[int], since: datetime) -> dict[int, list[Made]]:
    """C6: by field the calls since then that have changed it, or may have."""
    found: dict[int, list[Made]] = defaultdict(list)
    for row in tx.rows(load_queries(_SQL)["calls_since"], {"field_ids": list(field_ids), "since": since}):
        found[row.field_id].append(Made(row.at, row.generation, row.from_value, row.to_value))
    return found


def unanswered(tx: Transaction, field_ids: Collection[int]) -> dict[int, Row]:
    """C6: by field its newest decision if that was sent and not answered: `attempts`, `most_attempts`, `error`."""
    return {row.field_id: row for row in tx.rows(load_queries(_SQL)["attempts"], {"field_ids": list(field_ids)})}


def awaited(tx: Transaction, generations: Mapping[int, int]) -> set[int]:
    """C8: the fields of these (with the generation of each) whose call has no result yet."""
    parameters = {"field_ids": list(generations), "generations": list(generations.values())}
    return {row.field_id for row in tx.rows(load_queries(_SQL)["awaited"], parameters)}


def back_to_planned(tx: Transaction, field_ids: Collection[int]) -> None:
    """C7: these calls were not made after all; lock the fields first."""
    tx.execute(load_queries(_SQL)["back_to_planned"], {"field_ids": list(field_ids)})


def abandon(tx: Transaction, account_id: str) -> None:
    """C3: calls that somebody left behind are unknown."""
    tx.execute(load_queries(_SQL)["abandon"], {"account_id": account_id})


def failing_rule(tx: Transaction, field_id: int, generation: int, failures: int) -> str | None:
    """The rule whose expression this decision is, if its newest so many changes all failed for good (semantics 30)."""
    parameters = {"field_id": field_id, "generation": generation, "failures": failures}
    row = tx.row(load_queries(_SQL)["failing_rule"], parameters)
    return row.rule_id if row else None


def asked_by(tx: Transaction, field_ids: Collection[int]) -> dict[int, int]:
    """The executions that asked for the open decisions of these fields."""
    rows = tx.rows(load_queries(_SQL)["asked_by"], {"field_ids": list(field_ids)})
    return {row.field_id: row.execution_id for row in rows if row.execution_id is not None}


def open_by_state(tx: Transaction) -> dict[ChangeState, int]:
    """How many changes are not finished; a state that none is in is left out."""
    return {ChangeState(row.state): row.changes for row in tx.rows(load_queries(_SQL)["open_by_state"])}


def count(tx: Transaction, service: str, calls: int, *, account_id: str = "") -> None:
    """Calls that are made just now: by the hour, and apart, until the execution that asked for them is known."""
    parameters = {"service": service, "account_id": account_id, "calls": calls}
    tx.execute(load_queries(_SQL)["count_hour"], parameters)
    tx.execute(load_queries(_SQL)["count_apart"], parameters)


def attribute(
    tx: Transaction,
    service: str,
    execution_id: int | None,
    *,
    account_id: str = "",
    calls: int = 0,
    actions: int = 0,
    failed: bool = False,
) -> None:
    """Calls were counted apart when they were made: they belong to the execution that asked for them, if any did."""
    if execution_id is None or not (calls or actions or failed):
        return
    parameters = {"calls_key": CALLS_KEYS[service], "calls": calls, "actions": actions, "failed": failed}
    if tx.execute(load_queries(_SQL)["count_calls"], {**parameters, "execution_id": execution_id}) and calls:
        tx.execute(load_queries(_SQL)["count_apart"], {"service": service, "account_id": account_id, "calls": -calls})


def take_from_apart(tx: Transaction, calls: Mapping[str, int]) -> None:
    """Takes calls by service away from the calls apart: an execution counts them."""
    parameters = {"service": list(calls), "calls": list(calls.values())}
    tx.execute(load_queries(_SQL)["take_from_apart"], parameters)


def _json(expression: Expression | None) -> str | None:
    return None if expression is None else orjson.dumps(expression_document(expression)).decode()
