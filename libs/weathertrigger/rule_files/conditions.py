"""A rule's `when`: leaves under all, any and not."""

from marshmallow import ValidationError

from weathertrigger.domain.condition import All, Any, Condition, Not
from weathertrigger.rule_files.comparisons import comparisons_in, leaf_from
from weathertrigger.rule_files.sentences import shown
from weathertrigger.rule_files.shapes import Json, Writer, items, shaped, taken_by
from weathertrigger.rule_files.strict import each

DEEPEST = 20
"""Groups inside each other, the leaf counted."""

MOST_LEAVES = 200
"""Comparisons in one rule."""

_GROUPS = {"all", "any", "not"}


def _condition_shape(writer: Writer) -> Json:
    def part(writer: Writer) -> Json:
        return writer.defined("condition", _condition_shape)

    parts = writer.value(items(part, minItems=1))
    groups = {"all": parts, "any": parts, "not": writer.value(part)}
    return {
        "type": "object",
        "if": {"anyOf": [{"required": [group]} for group in groups]},
        "then": {"properties": groups, "additionalProperties": False, "maxProperties": 1},
        "else": writer.defined("leaf", taken_by(leaf_from)),
    }


@shaped(lambda writer: writer.defined("condition", _condition_shape))
def when_from(value: object) -> Condition:
    """The whole condition of a rule.

    Raises:
        ValidationError: every fault of the condition, each under its place in the tree.
    """
    leaves = _leaves(value)
    if leaves > MOST_LEAVES:
        raise ValidationError(f"has {leaves} comparisons; at most {MOST_LEAVES} are allowed")
    return _condition(value, 1)


def _condition(value: object, depth: int) -> Condition:
    if depth > DEEPEST:
        raise ValidationError(f"is nested more than {DEEPEST} deep")
    if isinstance(value, list):
        raise ValidationError("is a list; write all: or any: above it")
    if not isinstance(value, dict):
        raise ValidationError(
            f"{shown(value)} is not a condition; write for example {{metric: rain, above: 0.5, unit: mm/h}}"
        )
    groups = sorted(_GROUPS & value.keys())
    if groups and len(value) > 1:
        raise ValidationError(f"{groups[0]} stands beside other keys; a group stands alone")
    if groups:
        return _group(groups[0], value[groups[0]], depth)
    if "metric" not in value:
        raise ValidationError("needs a metric, or one of all, any or not")
    leaf = leaf_from(value)
    if isinstance(leaf, All) and depth == DEEPEST:
        raise ValidationError(f"is several comparisons, and so nested more than {DEEPEST} deep")
    return leaf


def _group(group: str, value: object, depth: int) -> Condition:
    try:
        if group == "not":
            return Not(_condition(value, depth + 1))
        parts = tuple(each(_parts(value), lambda part: _condition(part, depth + 1)))
    except ValidationError as error:
        raise ValidationError({group: error.messages}) from error
    return All(parts) if group == "all" else Any(parts)


def _parts(value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValidationError("is not a list of conditions; write each after a '-'")
    if not value:
        raise ValidationError("is empty; name at least one condition")
    return value


def _leaves(value: object) -> int:
    """Counted before anything is read: a file of a million bad comparisons is answered at once."""
    if isinstance(value, list):
        return sum(map(_leaves, value))
    if isinstance(value, dict) and _GROUPS & value.keys():
        return sum(map(_leaves, value.values()))
    return comparisons_in(value) if isinstance(value, dict) else 1
