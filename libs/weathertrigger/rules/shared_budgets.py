"""Whether a rule may change a budget that several campaigns share (semantics 22)."""

from collections.abc import Collection

from weathertrigger.domain.change import AdField
from weathertrigger.domain.rule import ChangePercent, Expression, SetAmount

_ADVICE = "if that is meant, write shared_budget: allow in the target"


def allows(expression: Expression) -> bool:
    """Whether the rule says that it means all the campaigns."""
    return isinstance(expression, SetAmount | ChangePercent) and expression.shared_budget


def may_write(field: AdField, allowing: Collection[int]) -> bool:
    """Whether the field may be written where its budget is shared: the winner says so or, where it is put back, any
    rule concerned. `allowing` are the ids of the fields of which some rule says so."""
    return allows(field.winner.expression) if field.winner else field.id in allowing


def refusal(budget: str, shared_by: int) -> str:
    """Why a change of the budget (`campaign budget 446`) is refused."""
    campaigns = f"{shared_by} campaign" if shared_by == 1 else f"{shared_by} campaigns"
    return f"{budget} is shared by {campaigns}, and a change would reach all of them; {_ADVICE}."
