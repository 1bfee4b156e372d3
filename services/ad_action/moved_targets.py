"""C5: an entity whose field another resource carries by now (a campaign that a person gave another budget). The rules
that name it follow it before anything is decided; what they have set on the resource of before is put back."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from weathertrigger.domain.change import Carrier, Wanted
from weathertrigger.domain.rule import FieldName, Level
from weathertrigger.planning import Cause, plan_changes
from weathertrigger.platforms.resource_names import in_words
from weathertrigger.storage import accounts, checks, fields, notifications, rule_targets, rules
from weathertrigger.storage.accounts import Leased
from weathertrigger.storage.database import Row, Transaction


def follow(tx: Transaction, leased: Leased, moved: Mapping[Wanted, Carrier]) -> None:
    """An edit of the rules' targets (S8, C2): rules, the account and its fields are locked in this order. Whoever has
    taken the account over does it instead."""
    account_id = leased.id
    rule_ids = {row.rule_id for row in rule_targets.elsewhere(tx, account_id, moved)}
    if not rule_ids:
        return
    rules.wait_for_turn(tx)
    rules.lock_unread(tx, rule_ids)
    if not accounts.hold_fence(tx, leased):
        return
    ids = fields.ensure(tx, [(account_id, carrier) for carrier in moved.values()])
    touched = fields.lock_for_edit(tx, rule_ids, ids.values())
    rows = [row for row in rule_targets.elsewhere(tx, account_id, moved) if row.rule_id in rule_ids]
    if not rows:
        return
    followed = rule_targets.follow(tx, [(row, ids[account_id, moved[_wanted(row)]]) for row in rows])
    said = {row: _sentence(row, moved) for row in rows}
    whys = {one: "; ".join(said[row] for row in rows if row.rule_id == one) for one in {row.rule_id for row in rows}}
    plan_changes(tx, {rule_id: Cause(f"{why}.") for rule_id, why in whys.items()}, checks.clock(tx), touched)
    for sentence in dict.fromkeys(said.values()):
        told = " ".join(_told([row for row in rows if said[row] == sentence], followed))
        subject = f"{account_id} {sentence}"
        notifications.notify(tx, kind="budget_moved", subject=subject, message=f"{account_id}: {sentence}. {told}")


def _told(rows: Sequence[Row], followed: Collection[tuple[str, str, str]]) -> Iterator[str]:
    """What becomes of the rules that name the same entity."""
    follow = [row.rule_id for row in rows if (row.rule_id, row.entity_level, row.entity_id) in followed]
    if follow:
        yield f"The rules {', '.join(follow)} follow it, and have ended on the old one."
    for row in rows:
        if row.rule_id not in follow:
            yield (
                f"Rule {row.rule_id} sets that one by another {row.entity_level} already, and has no target of its own "
                f"for {row.entity_level} {row.entity_id} any more."
            )


def _wanted(row: Row) -> Wanted:
    return Wanted(Level(row.entity_level), row.entity_id, FieldName(row.field))


def _sentence(row: Row, moved: Mapping[Wanted, Carrier]) -> str:
    present = in_words(moved[_wanted(row)].resource)
    return f"{row.entity_level} {row.entity_id} has {present} now, and {in_words(row.resource)} no more"
