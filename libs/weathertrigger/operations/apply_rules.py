"""Takes a valid rules file into the database: all of it or nothing, and nothing at all where nothing changed.

The flow: ask the platforms which resources carry the new targets (no transaction is open meanwhile); then, in one
transaction, lock the rules, record what the edit overtakes (S8), write, decide the fields anew (C2); then ring.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime

from weathertrigger.domain.change import Carrier
from weathertrigger.domain.rule import Mode, Rule, Target
from weathertrigger.domain.weather import Place
from weathertrigger.errors import Fault, InvalidRules
from weathertrigger.operations.compare_rules import Comparison, compare, deeds_of, same
from weathertrigger.operations.delete_rules import causes_of, take_out
from weathertrigger.operations.edited_slots import first_boundary, first_slot, overtaken
from weathertrigger.operations.target_carriers import Carriers, find_carriers, refuse_impossible, wanted
from weathertrigger.outside.ad_gates import Admissions, OnlyCounted
from weathertrigger.outside.by_account import ByAccount
from weathertrigger.planning import Cause, plan_changes
from weathertrigger.platforms.port import AdPlatform
from weathertrigger.rule_files.load import RuleFile
from weathertrigger.rules.edited_cases import case_after_edit
from weathertrigger.rules.expression_documents import capped
from weathertrigger.storage import accounts, audit_log, checks, fields, rule_targets, rules
from weathertrigger.storage.database import Database, Transaction
from weathertrigger.storage.rules import Edited, Kept

_FIRST_CASE = 1


@dataclass(frozen=True, slots=True)
class Applied(Comparison):
    """What an apply did: rules by what became of them, bells to set, accounts (id to platform) to ring."""

    next_checks: Mapping[str, datetime | None]
    to_ring: Mapping[str, str]


def apply_rules(
    database: Database,
    file: RuleFile,
    platforms: ByAccount[AdPlatform],
    *,
    worker_id: str,
    who: str | None = None,
    admissions: Admissions | None = None,
    prune: Collection[str] = (),
) -> Applied:
    """Brings the database to what the file says. Without `admissions` calls of the platforms are only counted. Rules to
    `prune` are deleted if they are of the file's owner and not in it. `who` asked for it, by a command of `worker_id`:
    that is kept in the audit log.

    Raises:
        InvalidRules: with every target that cannot be; nothing is saved.
        StorageError: nothing is saved.
    """
    carriers, _ = _look(database, file, platforms, admissions)
    return database.run(lambda tx: _Edit(tx, file, carriers, prune, worker_id=worker_id, who=who).run())


def foresee_rules(
    database: Database,
    file: RuleFile,
    platforms: ByAccount[AdPlatform],
    *,
    admissions: Admissions | None = None,
    prune: Collection[str] = (),
) -> Comparison:
    """What `apply_rules` would do. The platforms are asked as they would be; no rule is changed.

    Raises:
        InvalidRules: with every target that cannot be.
    """
    _, kept = _look(database, file, platforms, admissions)
    before = {rule_id: one.rule for rule_id, one in kept.items() if not one.deleted}
    return compare(file.rules, before, set(prune) - {rule.id for rule in file.rules})


def _look(
    database: Database, file: RuleFile, platforms: ByAccount[AdPlatform], admissions: Admissions | None
) -> tuple[Carriers, Mapping[str, Kept]]:
    """What carries the targets, and the rules of the same ids as they are now; no transaction is open during a call.

    Raises:
        InvalidRules: with every target that cannot be.
    """
    with database.transaction() as tx:
        known = {account.id: account for account in accounts.all_accounts(tx)}
        kept = rules.lock(tx, [rule.id for rule in file.rules])
    _refuse_strangers(file, kept)
    refuse_impossible(file, known, platforms)
    return find_carriers(database, file, known, platforms, admissions or OnlyCounted(database)), kept


class _Edit:
    """One transaction that takes a file in."""

    def __init__(
        self,
        tx: Transaction,
        file: RuleFile,
        carriers: Carriers,
        prune: Collection[str],
        *,
        worker_id: str,
        who: str | None,
    ) -> None:
        self._tx = tx
        self._file = file
        self._carriers = carriers
        self._worker_id = worker_id
        self._who = who or worker_id
        self._is_audited = who is not None
        self._prune = set(prune) - {rule.id for rule in file.rules}

    def run(self) -> Applied:
        tx = self._tx
        rules.wait_for_turn(tx)
        rules.ensure_owners(tx, [self._file.owner])
        rules.ensure_places(tx, [place for rule in self._file.rules for place in _places(rule)])
        kept = rules.lock(tx, [*self._prune, *(rule.id for rule in self._file.rules)])
        _refuse_strangers(self._file, kept)  # again: somebody may have taken the id meanwhile
        gone = [kept[rule_id] for rule_id in sorted(self._prune & kept.keys()) if self._may_go(kept[rule_id])]
        at = checks.clock(tx)
        before = {rule_id: one.rule for rule_id, one in kept.items() if not one.deleted}
        edits = [rule for rule in self._file.rules if not same(rule, before.get(rule.id))]
        _refuse_removed(edits, {account.id for account in accounts.all_accounts(tx)})
        rules.supersede(
            tx,
            [due for rule in edits if rule.id in kept for due in overtaken(rule, kept[rule.id], at)],
            at=at,
            reason="An edit of the rule came first.",
            worker_id=self._worker_id,
        )
        next_checks = self._put(edits, kept, at)
        touched = self._target(edits, kept, [one.rule.id for one in gone])
        removed = take_out(tx, gone, at, worker_id=self._worker_id) if gone else {}
        causes = {rule.id: Cause(f"Rule {rule.id} was edited.", who=self._who) for rule in edits if rule.id in kept}
        causes |= causes_of(removed, self._who)
        rung = plan_changes(tx, causes, at, touched) if causes else set()
        rules.forget(tx)
        done = compare(self._file.rules, before, removed)
        if self._is_audited:
            audit_log.record_all(tx, deeds_of(done, self._file.rules, before), who=self._who, what="apply")
        return Applied(
            added=done.added,
            changed=done.changed,
            unchanged=done.unchanged,
            removed=done.removed,
            differences=done.differences,
            next_checks={**next_checks, **removed},
            to_ring=accounts.platforms(tx, rung),
        )

    def _may_go(self, kept: Kept) -> bool:
        return kept.rule.owner == self._file.owner and not kept.deleted

    def _put(self, edits: Sequence[Rule], kept: Mapping[str, Kept], at: datetime) -> Mapping[str, datetime | None]:
        """Stores the rules; gives the next check of each."""
        cases = {rule.id: _case(rule, kept.get(rule.id)) for rule in edits}
        rules.unjudge(self._tx, [rule_id for rule_id, case in cases.items() if case is None])
        edited = [
            Edited(
                rule,
                first_slot(rule, kept.get(rule.id), at),
                cases[rule.id] or _FIRST_CASE,
                first_boundary(rule, at),
            )
            for rule in edits
        ]
        return rules.put(self._tx, edited)

    def _target(self, edits: Sequence[Rule], kept: Mapping[str, Kept], gone: Sequence[str]) -> list[int]:
        """Locks the fields that the rules, also those that go, had or have now, and gives them; stores the targets."""
        named = {
            (target.entity.account_id, self._carriers[target.entity.account_id, wanted(target)])
            for rule in edits
            for target in rule.targets
        }
        ids = fields.ensure(self._tx, sorted(named, key=str)) if named else {}
        touched = fields.lock_for_edit(self._tx, [*gone, *(rule.id for rule in edits)], list(ids.values()))
        rule_targets.store(self._tx, [self._targets(rule, kept.get(rule.id), ids) for rule in edits])
        return touched

    def _targets(
        self, rule: Rule, kept: Kept | None, ids: Mapping[tuple[str, Carrier], int]
    ) -> rule_targets.RuleTargets:
        by_field: dict[int, list[Target]] = defaultdict(list)
        for target in rule.targets:
            account_id = target.entity.account_id
            by_field[ids[account_id, self._carriers[account_id, wanted(target)]]].append(target)
        rows = [_row(field_id, each, rule) for field_id, each in by_field.items()]
        was_live = kept is not None and _is_live(kept.rule)
        return rule_targets.RuleTargets(rule.id, rows, was_live=was_live, is_live=_is_live(rule))


def _row(field_id: int, targets: Sequence[Target], rule: Rule) -> rule_targets.TargetRow:
    """What a rule does with one field, case by case, never above its cap."""
    expressions = {target.case: capped(target.expression, rule.largest_raise) for target in targets}
    by_case = tuple(expressions.get(case) for case in range(_FIRST_CASE, _FIRST_CASE + rule.number_of_cases))
    entity = targets[0].entity
    return rule_targets.TargetRow(field_id, entity.level, entity.id, by_case, targets[0].otherwise)


def _case(rule: Rule, kept: Kept | None) -> int | None:
    """The case that the rule is in; None where the edit took it away."""
    if kept is None or kept.active_case is None:
        return _FIRST_CASE
    return case_after_edit(kept.rule.condition, rule.condition, kept.active_case)


def _places(rule: Rule) -> list[Place]:
    """Where the weather is looked at. What a rule calls one of several places is a name within the rule."""
    return [replace(place, name=None) for place in rule.places] if rule.other_places else [rule.place]


def _is_live(rule: Rule) -> bool:
    return rule.enabled and rule.mode is Mode.LIVE


def _refuse_removed(edits: Sequence[Rule], there: AbstractSet[str]) -> None:
    """An account may have been removed while the platforms were asked."""
    gone = {target.entity.account_id for rule in edits for target in rule.targets} - there
    if gone:
        raise InvalidRules([Fault("rules", f"the ad account {name!r} was removed meanwhile") for name in sorted(gone)])


def _refuse_strangers(file: RuleFile, kept: Mapping[str, Kept]) -> None:
    """An id cannot change its owner."""
    faults = [
        Fault(f"{file.path(index)}.id", f"{rule.id!r} is a rule of another owner; choose another id")
        for index, rule in enumerate(file.rules)
        if rule.id in kept and kept[rule.id].rule.owner != file.owner
    ]
    if faults:
        raise InvalidRules(faults)
