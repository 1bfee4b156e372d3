"""The last look before a write: a budget that several campaigns share is not written unless a rule means them all."""

from weathertrigger.errors import Rejected
from weathertrigger.platforms.port import AdPlatform, Observed
from weathertrigger.platforms.resource_names import in_words
from weathertrigger.rules.shared_budgets import refusal


def refused(resource: str, seen: Observed, platform: AdPlatform, *, is_allowed: bool) -> Rejected | None:
    """Why the resource is not written, if it is not."""
    if seen.shared_by is None or is_allowed:
        return None
    return Rejected(refusal(in_words(resource), seen.shared_by), service=platform.name)
