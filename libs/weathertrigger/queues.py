"""The queues and the actors that consume them. Services never import each other: this is all they share."""

from enum import StrEnum

WEATHER = "weather"
EVALUATION = "evaluation"


class ActorName(StrEnum):
    """Who a message is for."""

    FETCH_WEATHER = "fetch_weather"
    EVALUATE_RULES = "evaluate_rules"
    APPLY_CHANGES = "apply_changes"


def actions_of(platform: str) -> str:
    """The queue of one ad platform: a bulkhead, so that one that hangs does not slow the others."""
    return f"actions.{platform}"
