"""Credentials that an ad account has of its own: whole, and for the addresses of the settings alone."""

from collections.abc import Mapping

from weathertrigger.credentials_at_rest import Holder, Keyring
from weathertrigger.errors import AccountOff
from weathertrigger.storage.accounts import Account, Leased


def holder_of(account: Account | Leased) -> Holder:
    """Whose the credentials of this account are.

    Raises:
        AccountOff: nobody has said yet what the outside world is.
    """
    if account.outside_world is None:
        raise AccountOff("It is not said yet whether the outside world is the sandbox: run `automation-cli setup`.")
    return Holder(account.id, account.platform, account.outside_world)


class OwnCredentials:
    """Decrypts what an account's clients are built from; `addresses` by platform, which no account can choose."""

    def __init__(self, keyring: Keyring, addresses: Mapping[str, Mapping[str, str]]) -> None:
        self._keyring = keyring
        self._addresses = addresses

    def of(self, account: Account | Leased) -> dict[str, str]:
        """The credentials of an account that has some, with the addresses.

        Raises:
            CredentialsUnreadable: they cannot be decrypted here, or are somebody else's.
            AccountOff: nobody has said yet what the outside world is.
        """
        assert account.credentials is not None  # noqa: S101 - the caller looked
        credentials = self._keyring.decrypt(holder_of(account), account.credentials.text)
        return {**credentials, **self._addresses[account.platform]}
