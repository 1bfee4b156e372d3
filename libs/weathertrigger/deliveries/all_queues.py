"""Every queue that there is, for those who look after all of them."""

from weathertrigger.platforms.registry import PLATFORMS
from weathertrigger.queues import EVALUATION, WEATHER, actions_of


def all_queues() -> list[str]:
    """In the order of the flow."""
    return [WEATHER, EVALUATION, *map(actions_of, PLATFORMS)]
