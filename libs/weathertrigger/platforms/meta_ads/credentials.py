"""Who we are to Meta."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from weathertrigger.http.credential_text import credential, optional_credential


@dataclass(frozen=True, slots=True)
class MetaCredentials:
    """A system user's access token and, where the app demands proof of it, the app's secret."""

    access_token: str = field(repr=False)
    app_secret: str | None = field(default=None, repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every text that must not be seen."""
        return tuple(filter(None, (self.access_token, self.app_secret, *self.proof.values())))

    @property
    def header(self) -> dict[str, str]:
        """For GET: a token in the query would stand in the logs of every proxy."""
        return {"Authorization": f"Bearer {self.access_token}"}

    @property
    def form(self) -> dict[str, str]:
        """For POST: the place that Meta documents for batches, and as far from logs as the header."""
        return {"access_token": self.access_token, **self.proof}

    @property
    def proof(self) -> dict[str, str]:
        """`appsecret_proof`, hex HMAC-SHA256 of the token under the app's secret
        (https://developers.facebook.com/docs/graph-api/guides/secure-requests); empty without a secret."""
        if self.app_secret is None:
            return {}
        digest = hmac.new(self.app_secret.encode(), self.access_token.encode(), hashlib.sha256).hexdigest()
        return {"appsecret_proof": digest}


def credentials_from(settings: Mapping[str, str], service: str) -> MetaCredentials:
    """From `access_token` and, optionally, `app_secret`.

    Raises:
        SettingsError: the token is missing, or a value cannot be a credential.
    """
    return MetaCredentials(
        credential(settings, "access_token", service), optional_credential(settings, "app_secret", service)
    )
