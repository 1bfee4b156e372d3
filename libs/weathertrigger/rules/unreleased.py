"""The same rule without the second thresholds that keep it from flapping (semantics 7)."""

from dataclasses import replace

from weathertrigger.domain.condition import All, Any, Cases, Comparison, Condition, Not, When
from weathertrigger.domain.rule import Rule


def without_release(rule: Rule) -> Rule:
    """Every leaf with its first threshold alone."""
    return replace(rule, condition=_without(rule.condition))


def _without(when: When) -> When:
    if isinstance(when, Cases):
        return replace(when, conditions=tuple([_plain(one) for one in when.conditions]))
    return _plain(when)


def _plain(condition: Condition) -> Condition:
    if isinstance(condition, All | Any):
        return replace(condition, parts=tuple([_plain(part) for part in condition.parts]))
    if isinstance(condition, Not):
        return Not(_plain(condition.part))
    return replace(condition, release=None) if isinstance(condition, Comparison) else condition
