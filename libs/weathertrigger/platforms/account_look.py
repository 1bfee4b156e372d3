"""A look at an ad account as a whole: one harmless read, to see whether credentials work and the account is what we
think it is.
"""

from dataclasses import dataclass
from typing import Protocol

from weathertrigger.platforms.port import AdAccount


@dataclass(frozen=True, slots=True)
class AccountShown:
    """What a platform shows of an account. `status` is the platform's own word; `is_well`: its ads can run."""

    name: str
    currency: str
    status: str
    is_well: bool


class AccountLook(Protocol):
    """Reads an account over HTTP. The platform counts one call for it."""

    def at(self, account: AdAccount) -> AccountShown:
        """The account now.

        Raises:
            ServiceError: it cannot be read, and why.
        """
