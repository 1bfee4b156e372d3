"""Fields and who claims them: protocol C as PostgreSQL sees it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

import orjson

from weathertrigger.domain.change import AdField, Attempt, Carrier, FieldState, Winner, WinnerClass
from weathertrigger.domain.rule import Expression, FieldName, ManualChange, Otherwise, RuleState
from weathertrigger.instants import from_ms, to_ms
from weathertrigger.rules.expression_documents import expression_document, read_expression
from weathertrigger.rules.merge import Claim
from weathertrigger.rules.target_documents import otherwise_document, read_otherwise
from weathertrigger.storage.database import Row, Transaction
from weathertrigger.storage.queries import load_queries

_SQL = "fields"


@dataclass(frozen=True, slots=True)
class FieldClaim:
    """One rule's claim on one field; `wanted`: it would be live but for a dry run."""

    field_id: int
    claim: Claim
    wanted: bool


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


def ids_of_rules(tx: Transaction, rule_ids: Collection[str]) -> list[int]:
    """The fields that these rules target or are retiring from; only who has the rules locked may rely on it."""
    return [row.field_id for row in tx.rows(load_queries(_SQL)["ids_of_rules"], {"rule_ids": list(rule_ids)})]


def postpone_stopped(tx: Transaction, account_id: str, wait: timedelta) -> None:
    """C4: what is due on the account and stopped by a pause is looked at again after so long."""
    tx.execute(load_queries(_SQL)["postpone_stopped"], {"account_id": account_id, "wait": wait})


def due(tx: Transaction, account_id: str, limit: int) -> list[AdField]:
    """C4: the fields of the account that have something to do now, reverts first; with their carriers' `named`."""
    rows = tx.rows(load_queries(_SQL)["due"], {"account_id": account_id, "limit": limit})
    due_fields = [(field_of(row), row.named) for row in rows]
    return [replace(field, carrier=replace(field.carrier, named=named)) for field, named in due_fields]


def claims(tx: Transaction, field_ids: Collection[int]) -> list[FieldClaim]:
    """What every rule concerned says of these fields; read it after the fields are locked."""
    return [
        FieldClaim(
            row.field_id,
            Claim(
                rule_id=row.rule_id,
                priority=row.priority,
                state=RuleState(row.state),
                expression=row.expression and _expression(row.expression),
                otherwise=_otherwise(row.otherwise),
                live=row.live,
                retiring=row.retiring,
                data_lost=row.data_lost,
            ),
            wanted=row.wanted,
        )
        for row in tx.rows(load_queries(_SQL)["claims"], {"field_ids": list(field_ids)})
    ]


def live_claims(tx: Transaction, field_ids: Collection[int]) -> set[int]:
    """C6: those of the fields that a live rule targets."""
    return {row.field_id for row in tx.rows(load_queries(_SQL)["live_claims"], {"field_ids": list(field_ids)})}


def manual_changes(tx: Transaction, field_ids: Collection[int]) -> dict[int, ManualChange]:
    """C6: what the winning rule of each field does when a person changes it, where it is not to yield."""
    rows = tx.rows(load_queries(_SQL)["manual_changes"], {"field_ids": list(field_ids)})
    return {row.id: ManualChange(row.on_manual_change) for row in rows}


def sharing_allowed(tx: Transaction, field_ids: Collection[int]) -> set[int]:
    """C6: those of the fields of which some rule concerned says that it may change a shared budget."""
    return {row.field_id for row in tx.rows(load_queries(_SQL)["sharing_allowed"], {"field_ids": list(field_ids)})}


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


def end_retiring(tx: Transaction, field_ids: Collection[int]) -> None:
    """C2, C11: where a live rule wins, and where the field is free or left, no rule is retiring any more."""
    tx.execute(load_queries(_SQL)["end_retiring"], {"field_ids": list(field_ids)})
    tx.execute(load_queries(_SQL)["clear_retiring"], {"field_ids": list(field_ids)})


def carriers_known(
    tx: Transaction, wanted: Mapping[tuple[str, str, str, str], bool]
) -> dict[tuple[str, str, str, str], Carrier]:
    """The carriers of (account, level, entity id, field) that some rule has named before. Where a shared budget may not
    be changed (False), a rule that may change one says nothing."""
    account_id, level, entity_id, field = zip(*wanted, strict=True)
    rows = tx.rows(
        load_queries(_SQL)["known_targets"],
        {
            "account_id": [*account_id],
            "level": [*level],
            "entity_id": [*entity_id],
            "field": [*field],
            "may_share": [*wanted.values()],
        },
    )
    return {
        (row.account_id, row.entity_level, row.entity_id, row.field): Carrier(row.resource, FieldName(row.field))
        for row in rows
    }


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


@dataclass(frozen=True, slots=True)
class TargetRow:
    """What a rule does with one field: an expression for each of its cases, None in a case that does not set it."""

    field_id: int
    entity_level: str
    entity_id: str
    expressions: tuple[Expression | None, ...]
    otherwise: Otherwise


@dataclass(frozen=True, slots=True)
class RuleTargets:
    """All targets of a rule as an edit says them, and whether it was live before it and is now."""

    rule_id: str
    rows: Sequence[TargetRow]
    was_live: bool
    is_live: bool


def target(tx: Transaction, edited: Sequence[RuleTargets]) -> None:
    """Makes these the targets of the rules. A rule that gives a field up, or ceases to be live, is retiring from it
    until the field has settled. Lock the fields first."""
    rules: dict[str, object] = {
        "rule_ids": [one.rule_id for one in edited],
        "was_live": [one.was_live for one in edited],
        "is_live": [one.is_live for one in edited],
    }
    pairs = [(one, row) for one in edited for row in one.rows]
    targets: dict[str, object] = {
        "rule_id": [one.rule_id for one, _ in pairs],
        "field_id": [row.field_id for _, row in pairs],
        "entity_level": [row.entity_level for _, row in pairs],
        "entity_id": [row.entity_id for _, row in pairs],
        "expressions": [_expressions_json(row.expressions) for _, row in pairs],
        "otherwise": [orjson.dumps(otherwise_document(row.otherwise)).decode() for _, row in pairs],
    }
    for statement in ("give_up", "drop", "target", "retire"):
        tx.execute(load_queries(_SQL)[statement], {**rules, **targets})


def mark_live(tx: Transaction, pairs: Collection[tuple[int, str]]) -> None:
    """C2: rules that begin to be live on fields (id, rule) have no last word there; lock the fields first."""
    tx.execute(load_queries(_SQL)["mark_live"], _pairs(pairs))


def mark_retiring(tx: Transaction, pairs: Collection[tuple[int, str]]) -> None:
    """C2: rules that cease to be live on fields (id, rule) have one last word there; lock the fields first."""
    tx.execute(load_queries(_SQL)["mark_retiring"], _pairs(pairs))


def keep(tx: Transaction, field_ids: Collection[int]) -> None:
    """Those of the fields that no rule has the say over stay as they are: left while a live rule targets them, or else
    free. Lock the fields first."""
    live_ids = list(live_claims(tx, field_ids))
    for statement in ("keep", "drop_changes"):
        tx.execute(load_queries(_SQL)[statement], {"field_ids": list(field_ids), "live_ids": live_ids})
    end_retiring(tx, field_ids)


def _pairs(pairs: Collection[tuple[int, str]]) -> dict[str, object]:
    return {"field_id": [field_id for field_id, _ in pairs], "rule_id": [rule_id for _, rule_id in pairs]}


def of_rule(tx: Transaction, rule_id: str) -> list[tuple[AdField, TargetRow]]:
    """The fields that a rule targets and what it does with each."""
    return [
        (
            field_of(row),
            TargetRow(
                row.id, row.entity_level, row.entity_id, _expressions(row.expressions), _otherwise(row.otherwise)
            ),
        )
        for row in tx.rows(load_queries(_SQL)["of_rule"], {"rule_id": rule_id})
    ]


@lru_cache(maxsize=10_000)
def _expression(text: str) -> Expression:
    return read_expression(orjson.loads(text))


def _expressions(text: str) -> tuple[Expression | None, ...]:
    return tuple([one and read_expression(one) for one in orjson.loads(text)])


def _expressions_json(expressions: Sequence[Expression | None]) -> str:
    return orjson.dumps([one and expression_document(one) for one in expressions]).decode()


@lru_cache(maxsize=1_000)
def _otherwise(text: str) -> Otherwise:
    return read_otherwise(orjson.loads(text))


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
