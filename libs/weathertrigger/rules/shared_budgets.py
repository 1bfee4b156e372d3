"""Whether a rule may change a budget that several campaigns share (semantics 22)."""

from weathertrigger.domain.change import AdField
from weathertrigger.domain.rule import ChangePercent, Expression, SetAmount

_ADVICE = "if that is meant, write shared_budget: allow in the target"


def allows(expression: Expression) -> bool:
    """Whether the rule says that it means all the campaigns."""
    return isinstance(expression, SetAmount | ChangePercent) and expression.shared_budget


def may_write(field: AdField) -> bool:
    """Whether the field may be written where its budget is shared: the winner says so, or it only goes back to what was
    there before, which nothing holds back (semantics 24)."""
    return field.winner is None or field.ordered is not None or allows(field.winner.expression)


def refusal(budget: str, shared_by: int) -> str:
    """Why a change of the budget (`campaign budget 446`) is refused."""
    campaigns = f"{shared_by} campaign" if shared_by == 1 else f"{shared_by} campaigns"
    return f"{budget} is shared by {campaigns}, and a change would reach all of them; {_ADVICE}."
