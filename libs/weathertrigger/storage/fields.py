"""Fields as protocol C left them; who claims them is in `rule_targets.py`."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import orjson

from weathertrigger.domain.change import AdField, Attempt, Carrier, FieldState, Winner, WinnerClass
from weathertrigger.domain.rule import FieldName
from weathertrigger.instants import from_ms, to_ms
from weathertrigger.rules.expression_documents import expression_document, read_expression
from weathertrigger.rules.target_documents import otherwise_document, read_otherwise
from weathertrigger.storage.database import Row, Transaction
from weathertrigger.storage.queries import load_queries

_SQL = "fields"


def lock_of_rules(tx: Transaction, rule_ids: Collection[str], given_up: Collection[int]) -> list[AdField]:
    """C2: locks the fields of these rules, and those that they gave up, in the order of their ids."""
    parameters = {"rule_ids": list(rule_ids), "given_up": list(given_up)}
    return [field_of(row) for row in tx.rows(load_queries(_SQL)["lock_of_rules"], parameters)]


def lock_for_edit(tx: Transaction, rule_ids: Collection[str], field_ids: Collection[int]) -> list[int]:
    """S8: locks the fields that these rules have and those that they get, in the order of their ids; gives the ids."""
    parameters = {"rule_ids": list(rule_ids), "field_ids": list(field_ids)}
    return [row.id for row in tx.rows(load_queries(_SQL)["lock_for_edit"], parameters)]


def lock_fields(tx: Transaction, field_ids: Collection[int]) -> list[AdField]:
    """C6: locks these fields in the order of their ids."""
    return [field_of(row) for row in tx.rows(load_queries(_SQL)["lock_fields"], {"field_ids": list(field_ids)})]


def of_ids(tx: Transaction, field_ids: Collection[int]) -> list[AdField]:
    """These fields as they are, for a look: nobody is kept from changing them."""
    return [field_of(row) for row in tx.rows(load_queries(_SQL)["of_ids"], {"field_ids": list(field_ids)})]


def postpone_stopped(tx: Transaction, account_id: str, wait: timedelta) -> None:
    """C4: what is due on the account and stopped by a pause is looked at again after so long."""
    tx.execute(load_queries(_SQL)["postpone_stopped"], {"account_id": account_id, "wait": wait})


def due(tx: Transaction, account_id: str, limit: int) -> list[AdField]:
    """C4: the fields of the account that have something to do now, reverts first; with their carriers' `named`."""
    rows = tx.rows(load_queries(_SQL)["due"], {"account_id": account_id, "limit": limit})
    due_fields = [(field_of(row), row.named) for row in rows]
    return [replace(field, carrier=replace(field.carrier, named=tuple(named))) for field, named in due_fields]


def store(tx: Transaction, fields: Sequence[AdField]) -> None:
    """Writes the fields back."""
    if not fields:
        return
    columns: dict[str, object] = {
        name: [getattr(field, name) for field in fields]
        for name in (
            "id",
            "baseline",
            "confirmed",
            "attempted",
            "attempted_at",
            "suspect",
            "seen_at",
            "generation",
            "applied",
            "next_at",
            "held_reason",
            "failures",
            "ordered",
        )
    }
    columns["state"] = [field.state.value for field in fields]
    columns["unanswered"] = [_unanswered_json(field.unanswered) for field in fields]
    columns["winner"] = [_winner_json(field.winner) for field in fields]
    columns["resting"] = [orjson.dumps(otherwise_document(field.resting)).decode() for field in fields]
    tx.execute(load_queries(_SQL)["store"], columns)


def limit(tx: Transaction, field_id: int, until: datetime) -> None:
    """C5, C8: a platform has asked for a wait until then, which nobody cuts short by hand."""
    tx.execute(load_queries(_SQL)["limit"], {"field_id": field_id, "until": until})


def ensure(tx: Transaction, carriers: Collection[tuple[str, Carrier]]) -> dict[tuple[str, Carrier], int]:
    """The ids of the fields (account, carrier), made where they are new."""
    parameters: dict[str, object] = {
        "account_id": [account_id for account_id, _ in carriers],
        "resource": [carrier.resource for _, carrier in carriers],
        "field": [carrier.field.value for _, carrier in carriers],
    }
    tx.execute(load_queries(_SQL)["ensure"], parameters)
    return {
        (row.account_id, Carrier(row.resource, FieldName(row.field))): row.id
        for row in tx.rows(load_queries(_SQL)["identify"], parameters)
    }


def field_of(row: Row) -> AdField:
    """The field of a row that has all columns of `ad_fields`."""
    winner = row.winner
    return AdField(
        id=row.id,
        account_id=row.account_id,
        carrier=Carrier(row.resource, FieldName(row.field)),
        state=FieldState(row.state),
        baseline=row.baseline,
        confirmed=row.confirmed,
        attempted=row.attempted,
        attempted_at=row.attempted_at,
        unanswered=tuple(Attempt(value, from_ms(at)) for value, at in row.unanswered.items()),
        suspect=row.suspect,
        seen_at=row.seen_at,
        winner=winner and Winner(winner["rule"], WinnerClass(winner["class"]), read_expression(winner["expression"])),
        resting=read_otherwise(row.resting),
        generation=row.generation,
        applied=row.applied,
        next_at=row.next_at,
        held_reason=row.held_reason,
        failures=row.failures,
        ordered=row.ordered,
    )


def _unanswered_json(attempts: Sequence[Attempt]) -> str:
    return orjson.dumps({one.value: to_ms(one.at) for one in attempts}).decode()


def _winner_json(winner: Winner | None) -> str | None:
    if winner is None:
        return None
    expression = expression_document(winner.expression)
    document = {"rule": winner.rule_id, "class": winner.winner_class, "expression": expression}
    return orjson.dumps(document).decode()
