"""Credentials of ad accounts as they are kept: encrypted, and good for the one account that they were given for.

Fernet of `cryptography` (AES-128-CBC, HMAC-SHA256; https://cryptography.io/en/latest/fernet/), under one or more keys:
the first encrypts, all decrypt. The encrypted text says whose the credentials are, so that a row that is
copied to another account, or to an installation of the other outside world, is refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeGuard

import orjson
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from weathertrigger.errors import CredentialsUnreadable, SettingsError
from weathertrigger.storage.installation import OutsideWorld


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose credentials they are, and in which outside world they are good."""

    account_id: str
    platform: str
    outside_world: OutsideWorld


class Keyring:
    """The keys of CREDENTIALS_KEYS; none at all is a keyring that opens nothing. Safe to use from several threads."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._first = Fernet(keys[0]) if keys else None
        self._all = MultiFernet([Fernet(key) for key in keys]) if keys else None

    def encrypt(self, holder: Holder, credentials: Mapping[str, str]) -> str:
        """The text to keep, under the first key; another one every time.

        Raises:
            SettingsError: there is no key.
        """
        if self._first is None:
            raise SettingsError(["CREDENTIALS_KEYS is not set; `automation-cli accounts new-key` prints a key for it"])
        document = {**_bound(holder), "credentials": dict(credentials)}
        return self._first.encrypt(orjson.dumps(document)).decode()

    def decrypt(self, holder: Holder, text: str) -> dict[str, str]:
        """The credentials, if they are this holder's.

        Raises:
            CredentialsUnreadable: there is no key, none is theirs, the text was changed, or it is somebody else's.
        """
        name = f"The stored credentials of the ad account {holder.account_id} cannot be read"
        if self._all is None:
            raise CredentialsUnreadable(f"{name}: CREDENTIALS_KEYS is not set here.")
        document = _document(self._all, text)
        if document is None:
            raise CredentialsUnreadable(f"{name}: no key in CREDENTIALS_KEYS is theirs, or they were changed.")
        credentials = document.pop("credentials", None)
        if document != _bound(holder) or not _is_text(credentials):
            raise CredentialsUnreadable(f"{name}: they were stored for another account or another outside world.")
        return dict(credentials)

    def is_under_first_key(self, text: str) -> bool:
        """Whether the first key alone decrypts it, so that the others may go as far as this text needs them."""
        return self._first is not None and _document(self._first, text) is not None


def new_key() -> str:
    """A fresh key, as CREDENTIALS_KEYS takes it."""
    return Fernet.generate_key().decode()


def _bound(holder: Holder) -> dict[str, object]:
    return {
        "account": holder.account_id,
        "platform": holder.platform,
        "outside_world": holder.outside_world.value,
    }


def _document(keys: Fernet | MultiFernet, text: str) -> dict[str, object] | None:
    """What stands in the text; None where it cannot be read. No error leaves this function: that of a JSON reader would
    carry the whole text."""
    try:
        document = orjson.loads(keys.decrypt(text))
    except (InvalidToken, ValueError):
        return None
    return document if isinstance(document, dict) else None


def _is_text(credentials: object) -> TypeGuard[dict[str, str]]:
    return isinstance(credentials, dict) and all(isinstance(value, str) for value in credentials.values())
