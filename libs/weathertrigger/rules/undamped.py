"""The same rule without what keeps it from flapping: the releases of its leaves, and its hold."""

from dataclasses import replace

from weathertrigger.domain.condition import All, Any, Cases, Comparison, Condition, Not, When
from weathertrigger.domain.rule import Rule
from weathertrigger.rules.hysteresis import with_release


def has_release(rule: Rule) -> bool:
    """Whether a leaf has a second threshold (semantics 7)."""
    return bool(with_release(rule.condition))


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
