"""Holds the sandbox's journal against what the rules and their verdicts come to, without any code of the engine."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.acceptance.changes_ground import ChangesGround
from tests.integration.changes_model.oracle import Word, meant, said
from weathertrigger.storage.database import Row

_STATUS = {"enabled": {"ad_set": "ACTIVE", "campaign": "ENABLED"}, "paused": {"ad_set": "PAUSED", "campaign": "PAUSED"}}


@dataclass(frozen=True)
class Judgement:
    """What was found: fields that are not as they should be, and fields that were changed oftener than decided."""

    fields: int
    changes: int
    wrong: list[str]
    repeated: list[str]

    def __str__(self) -> str:
        return (
            f"{self.fields} fields, {self.changes} values changed, wrong {len(self.wrong)}, "
            f"repeated {len(self.repeated)}"
        )


def judge(ground: ChangesGround) -> Judgement:
    """After all is quiet."""
    values = _values(ground)
    fields = ground.engine.rows("SELECT f.*, a.external_id FROM ad_fields f JOIN ad_accounts a ON a.id = f.account_id")
    claims = _claims(ground)
    made = _made(ground)
    wrong, repeated = [], []
    for field in fields:
        key = field.external_id, field.resource, field.field
        found, now = made[key][0][0] if made[key] else values[key], values[key]
        base = {"ACTIVE": "enabled", "ENABLED": "enabled", "PAUSED": "paused"}.get(found, found)
        winner = said(claims[field.id])
        wanted = _on_platform(meant(winner[2], base) if winner else base, field)
        if now != wanted:
            wrong.append(f"{key}: {now} and not {wanted} ({winner}; found {found}; {field})")
        changing = [one for one in made[key] if one[0] != one[1]]
        decided = _decided(ground, field, base)
        if len(changing) > decided:
            repeated.append(f"{key}: changed {len(changing)} times by {decided} decisions: {changing}")
    return Judgement(len(fields), sum(map(len, made.values())), wrong, repeated)


def _values(ground: ChangesGround) -> Mapping[tuple[str, str, str], str]:
    answer = ground.sandbox.get("/_sandbox/entities").json()["accounts"]
    return {
        (account["id"], entity["resource"], name): entity[name]
        for account in answer
        for entity in account["entities"]
        for name in ("status", "daily_budget")
        if name in entity
    }


def _made(ground: ChangesGround) -> Mapping[tuple[str, str, str], list[tuple[str, str]]]:
    made: dict[tuple[str, str, str], list[tuple[str, str]]] = defaultdict(list)
    for entry in ground.sandbox.journal():
        for change in entry["changes"]:
            key = entry["account"], change["resource"], change["field"]
            made[key].append((change["from"], change["to"]))
    return made


def _claims(ground: ChangesGround) -> Mapping[int, list[Word]]:
    claims: dict[int, list[Word]] = defaultdict(list)
    states = {row.id: row for row in ground.engine.rows("SELECT id, state FROM automation_rules")}
    for row in ground.engine.rows("SELECT t.*, f.field FROM rule_targets t JOIN ad_fields f ON f.id = t.field_id"):
        document = ground.documents[row.rule_id]
        (wanted,) = (
            target["set"]
            for target in document["targets"]
            if str(target.get(row.entity_level)) == row.entity_id and row.field in target["set"]
        )
        change = wanted["status"] if row.field == "status" else wanted["daily_budget"]["change"].removesuffix(" %")
        is_active = states[row.rule_id].state == "active"
        claims[row.field_id].append(
            Word(
                row.rule_id,
                document["priority"],
                live=True,
                active=is_active,
                judged=True,
                expression=change,
                otherwise="baseline",
            )
        )
    return claims


def _decided(ground: ChangesGround, field: Row, base: str) -> int:
    """How often somebody who carried every decision out at once would have changed the field."""
    value, times = base, 0
    rows = ground.engine.rows(
        "SELECT expression FROM ad_changes WHERE field_id = %(id)s AND NOT dry_run ORDER BY generation", id=field.id
    )
    for wanted in _wanted(rows, base):
        times += wanted != value
        value = wanted
    return times


def _wanted(rows: list[Row], base: str) -> Iterator[str]:
    for row in rows:
        if row.expression is None:
            yield base
        elif "status" in row.expression:
            yield row.expression["status"]
        else:
            yield meant(row.expression["change"].removesuffix(" %"), base)


def _on_platform(value: str, field: Row) -> str:
    return _STATUS[value][field.resource.partition("/")[0]] if field.field == "status" else value
