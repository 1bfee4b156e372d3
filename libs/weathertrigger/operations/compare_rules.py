"""What a rules file would do, or did, to the rules that are there: a plan for people."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from weathertrigger.domain.rule import Rule
from weathertrigger.rule_files.spelling import spelled
from weathertrigger.rules.differences import ABSENT, Difference, differences
from weathertrigger.rules.rule_documents import rule_document
from weathertrigger.storage.audit_log import Deed


@dataclass(frozen=True, slots=True)
class Comparison:
    """Rules by what becomes of them, in the order of the file, and what is different in those that change."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]
    differences: Mapping[str, Sequence[Difference]]


def same(rule: Rule, before: Rule | None) -> bool:
    """Whether nothing of it changes."""
    return before is not None and rule_document(before) == rule_document(rule)


def compare(rules: Sequence[Rule], before: Mapping[str, Rule], removed: Collection[str]) -> Comparison:
    """The rules of a file beside those that are there, and those that go."""
    changed = [rule for rule in rules if rule.id in before and not same(rule, before[rule.id])]
    moved = {rule.id: differences(spelled(before[rule.id], whole=True), spelled(rule, whole=True)) for rule in changed}
    return Comparison(
        added=tuple(rule.id for rule in rules if rule.id not in before),
        changed=tuple(moved),
        unchanged=tuple(rule.id for rule in rules if rule.id in before and rule.id not in moved),
        removed=tuple(sorted(removed)),
        differences=moved,
    )


def deeds_of(done: Comparison, rules: Sequence[Rule], before: Mapping[str, Rule]) -> list[Deed]:
    """The same for the audit log: a rule that is new or gone whole, of one that changed what is different."""
    named = {rule.id: rule for rule in rules}
    added = [Deed(f"rule {rule_id}", None, rule_document(named[rule_id])) for rule_id in done.added]
    changed = [
        Deed(
            f"rule {rule_id}",
            {one.path: one.before for one in found if one.before is not ABSENT},
            {one.path: one.after for one in found if one.after is not ABSENT},
        )
        for rule_id, found in done.differences.items()
    ]
    return [
        *added,
        *changed,
        *(Deed(f"rule {rule_id}", rule_document(before[rule_id]), None) for rule_id in done.removed),
    ]
