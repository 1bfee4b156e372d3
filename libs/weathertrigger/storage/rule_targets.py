"""What rules do with fields: their targets, and the claims that these make (protocol C)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import orjson

from weathertrigger.domain.change import AdField, Carrier, Wanted
from weathertrigger.domain.rule import Expression, FieldName, ManualChange, Otherwise, RuleState
from weathertrigger.rules.expression_documents import expression_document, read_expression
from weathertrigger.rules.merge import Claim
from weathertrigger.rules.target_documents import otherwise_document, read_otherwise
from weathertrigger.storage.database import Row, Transaction
from weathertrigger.storage.fields import field_of
from weathertrigger.storage.queries import load_queries

_SQL = "rule_targets"


@dataclass(frozen=True, slots=True)
class FieldClaim:
    """One rule's claim on one field; `wanted`: it would be live but for a dry run."""

    field_id: int
    claim: Claim
    wanted: bool


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


def ids_of_rules(tx: Transaction, rule_ids: Collection[str]) -> list[int]:
    """The fields that these rules target or are retiring from; only who has the rules locked may rely on it."""
    return [row.field_id for row in tx.rows(load_queries(_SQL)["ids_of_rules"], {"rule_ids": list(rule_ids)})]


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


def store(tx: Transaction, edited: Sequence[RuleTargets]) -> None:
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


def elsewhere(tx: Transaction, account_id: str, moved: Mapping[Wanted, Carrier]) -> list[Row]:
    """The targets whose field another resource carries by now: `rule_id`, `field_id`, `entity_level`, `entity_id`,
    `field`, the `resource` of before, and what the rule wants there (JSON text)."""
    parameters: dict[str, object] = {
        "account_id": account_id,
        "level": [one.level.value for one in moved],
        "entity_id": [one.entity_id for one in moved],
        "field": [one.field.value for one in moved],
        "resource": [carrier.resource for carrier in moved.values()],
    }
    return tx.rows(load_queries(_SQL)["elsewhere"], parameters)


def follow(tx: Transaction, targets: Sequence[tuple[Row, int]]) -> set[tuple[str, str, str]]:
    """Targets (a row of `elsewhere`, the present field) follow; lock the rules and all these fields first. Gives those
    that do (rule, level, entity id): not one whose present field is the rule's already, by another entity."""
    rows = [row for row, _ in targets]
    names = ("rule_id", "field_id", "entity_level", "entity_id", "expressions", "otherwise")
    columns: dict[str, object] = {name: [getattr(row, name) for row in rows] for name in names}
    columns["present_id"] = [present_id for _, present_id in targets]
    for statement in ("stay_behind", "drop_behind"):
        tx.execute(load_queries(_SQL)[statement], columns)
    return {(row.rule_id, row.entity_level, row.entity_id) for row in tx.rows(load_queries(_SQL)["follow"], columns)}


def mark_live(tx: Transaction, pairs: Collection[tuple[int, str]]) -> None:
    """C2: rules that begin to be live on fields (id, rule) have no last word there; lock the fields first."""
    tx.execute(load_queries(_SQL)["mark_live"], _pairs(pairs))


def mark_retiring(tx: Transaction, pairs: Collection[tuple[int, str]]) -> None:
    """C2: rules that cease to be live on fields (id, rule) have one last word there; lock the fields first."""
    tx.execute(load_queries(_SQL)["mark_retiring"], _pairs(pairs))


def end_retiring(tx: Transaction, field_ids: Collection[int]) -> None:
    """C2, C11: where a live rule wins, and where the field is free or left, no rule is retiring any more."""
    tx.execute(load_queries(_SQL)["end_retiring"], {"field_ids": list(field_ids)})
    tx.execute(load_queries(_SQL)["clear_retiring"], {"field_ids": list(field_ids)})


def keep(tx: Transaction, field_ids: Collection[int]) -> None:
    """Those of the fields that no rule has the say over stay as they are: left while a live rule targets them, or else
    free. Lock the fields first."""
    live_ids = list(live_claims(tx, field_ids))
    for statement in ("keep", "drop_changes"):
        tx.execute(load_queries(_SQL)[statement], {"field_ids": list(field_ids), "live_ids": live_ids})
    end_retiring(tx, field_ids)


def _pairs(pairs: Collection[tuple[int, str]]) -> dict[str, object]:
    return {"field_id": [field_id for field_id, _ in pairs], "rule_id": [rule_id for _, rule_id in pairs]}


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
