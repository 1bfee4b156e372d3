"""What a field should be now: the answer of protocol C, step 6c, for whoever asks."""

from collections.abc import Callable

from weathertrigger.domain.change import AdField
from weathertrigger.domain.rule import Ending, Expression
from weathertrigger.rules.desired import Desired

Compute = Callable[[Expression, str], Desired]
"""An expression and the baseline that it counts from, to a value."""


def wanted(field: AdField, compute: Compute) -> Desired | None:
    """C6c: the winner's value; without one the explicit resting value or the exact baseline; None for `leave`,
    unless a person ordered a value before."""
    baseline = field.baseline or ""
    if field.winner:
        return compute(field.winner.expression, baseline)
    if field.resting is Ending.LEAVE:
        return None if field.ordered is None else Desired(field.ordered, "put back")
    if field.resting is Ending.BASELINE:
        return Desired(baseline, "baseline")
    return compute(field.resting, baseline)
