"""What speaks to an ad platform for one account: by the account's own credentials, else by those of the settings."""

import threading
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Generic, TypeVar

from weathertrigger.errors import AccountOff, CredentialsUnreadable, SettingsError
from weathertrigger.storage.accounts import Account, Leased
from weathertrigger.storage.installation import OutsideWorld

T = TypeVar("T")


class ByAccount(Generic[T]):
    """Safe to use from several threads. What is built for an account stays until its credentials are set anew, with its
    connections and access tokens.

    Args:
        shared: by platform, with the credentials of the settings.
        own: builds one for an account with credentials of its own.
        never_in_sandbox: platforms whose address is the vendor's, where nothing of a sandbox may go (semantics 27).
    """

    def __init__(
        self,
        shared: Mapping[str, T],
        own: Callable[[Account | Leased], T] | None = None,
        *,
        never_in_sandbox: Collection[str] = (),
    ) -> None:
        self._shared = shared
        self._own = own
        self._never_in_sandbox = never_in_sandbox
        self._built: dict[str, tuple[datetime, T]] = {}
        self._lock = threading.Lock()

    @property
    def shared(self) -> frozenset[str]:
        """The platforms that the settings have credentials for."""
        return frozenset(self._shared)

    def of(self, account: Account | Leased) -> T:
        """The one for this account.

        Raises:
            CredentialsUnreadable: the account's own credentials cannot be used here.
            AccountOff: there are no credentials for it, or what is here is not for this outside world.
        """
        platform = account.platform
        if isinstance(account, Account) and account.removed_at is not None:
            raise AccountOff(f"The ad account {account.id} was removed.")
        if account.outside_world is OutsideWorld.SANDBOX and platform in self._never_in_sandbox:
            raise AccountOff(
                f"{platform} is off: this installation is the sandbox's, and the settings name the vendor's address."
            )
        if account.credentials is not None and self._own is not None:
            return self._of_own(account, account.credentials.set_at, self._own)
        if platform not in self._shared:
            raise AccountOff(
                f"{platform} is off: its credentials are not set here (docs/settings.md names them), and the ad "
                f"account {account.id} has none of its own."
            )
        return self._shared[platform]

    def _of_own(self, account: Account | Leased, set_at: datetime, build: Callable[[Account | Leased], T]) -> T:
        with self._lock:
            known = self._built.get(account.id)
            if known is None or known[0] != set_at:
                known = self._built[account.id] = set_at, _built(account, build)
            return known[1]


def _built(account: Account | Leased, build: Callable[[Account | Leased], T]) -> T:
    try:
        return build(account)
    except SettingsError as fault:
        lacking = "; ".join(fault.faults)
    raise CredentialsUnreadable(f"The stored credentials of the ad account {account.id} cannot be used: {lacking}.")
