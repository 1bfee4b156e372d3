"""In which case an active rule is after an edit of its cases, until it is judged anew."""

from weathertrigger.domain.condition import When, conditions_in


def case_after_edit(before: When, after: When, case: int) -> int | None:
    """The number of the case that asks what the rule's case asked before; one whose condition was edited is known by
    its number, if the number of cases is the same. None: there is no such case any more."""
    old, new = conditions_in(before), conditions_in(after)
    if case > len(old):
        return None
    if old[case - 1] in new:
        return new.index(old[case - 1]) + 1
    return case if len(old) == len(new) and new[case - 1] not in old else None
