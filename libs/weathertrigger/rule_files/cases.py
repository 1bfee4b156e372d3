"""The `cases` of a rule: conditions in their order, and what each of them sets."""

from typing import TypedDict

from marshmallow import ValidationError

from weathertrigger.domain.condition import Condition
from weathertrigger.rule_files.conditions import MOST_LEAVES, when_from
from weathertrigger.rule_files.shapes import items, shaped
from weathertrigger.rule_files.strict import Read, StrictSchema, each
from weathertrigger.rule_files.targets import set_from
from weathertrigger.rules.case_targets import Settings
from weathertrigger.rules.needs import leaves_of

MOST_CASES = 20
"""Cases in one rule."""


class Case(TypedDict):
    """One case as it is written."""

    condition: Condition
    settings: Settings


class CaseSchema(StrictSchema):
    """`{when: {metric: temperature, at_least: 30, unit: C}, set: {status: enabled}}`."""

    condition = Read(when_from, key="when", required=True)
    settings = Read(set_from, key="set", required=True)


_CASE = CaseSchema()


@shaped(items(lambda writer: writer.mapping(_CASE), minItems=1, maxItems=MOST_CASES))
def cases_from(value: object) -> list[Case]:
    """All cases of a rule.

    Raises:
        ValidationError: every fault by index; too many cases, or too many comparisons in all of them.
    """
    if not isinstance(value, list):
        raise ValidationError("is not a list of cases; write each after a '-', as {when: ..., set: ...}")
    if not 0 < len(value) <= MOST_CASES:
        raise ValidationError(f"has {len(value)} cases; write 1 to {MOST_CASES}")
    cases: list[Case] = each(value, _CASE.read)
    leaves = sum(len(list(leaves_of(case["condition"]))) for case in cases)
    if leaves > MOST_LEAVES:
        raise ValidationError(f"have {leaves} comparisons together; at most {MOST_LEAVES} are allowed")
    return cases
